"""What a write sends: the body of a PATCH, and the whole document of a publish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.plan.diff import flat, live_key, live_value
from reconciler.resources.kind import Mark
from reconciler.resources.values import ABSENT, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.step import Step
    from reconciler.resources.kind import Field, Kind
    from reconciler.resources.resource import Resource


def patch_body(
    kind: Kind, desired: Mapping[str, Any], now: Resource | None, nulls: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The declared fields that differ; the keyed field whole, with the declared keys laid over the live ones.

    A PATCH replaces the whole keyed field. An integration keeps keys of its own there (a connection, a
    webhook's id), and one that is left out is gone. So every live key is sent back.
    `nulls` are keys that a write without them has not removed: they are sent as explicit `null`.
    """
    body: dict[str, Any] = {}
    for name, value in desired.items():
        if name == kind.keyed:
            live = dict(now.attributes.get(name) or {}) if now else {}
            merged = {
                key: each for key, each in {**live, **value}.items() if each is not None or key not in value
            }
            if now is None or nulls or not same(merged, live):
                body[name] = {**merged, **dict.fromkeys(nulls)}
        elif _is_due(kind.fields[name], value, now):
            body[name] = value
    return body


def _is_due(item: Field, value: Any, now: Resource | None) -> bool:
    if now is None:
        return item.sent
    return item.compared and not item.same(value, live_value(item, now))


def whole_body(kind: Kind, step: Step, now: Resource | None) -> dict[str, Any]:
    """The body of a publish: declared fields, else the live ones, else what must always be sent.

    A publish replaces the document, so a field that is left out is reset. What the step leaves out is to be.
    """
    always = {name: item.assumed for name, item in kind.fields.items() if item.has(Mark.ALWAYS)}
    live = dict(now.attributes) if now else {}
    declared = {name: value for name, value in step.desired.items() if kind.fields[name].sent}
    body = {**always, **live, **declared}
    return {name: value for name, value in body.items() if name not in step.left_out}


def remaining_keys(kind: Kind, step: Step, reply: Resource) -> tuple[str, ...]:
    """Keys that the write should have removed and that the reply still shows."""
    declared = {kind.keyed: step.desired.get(kind.keyed) or {}}
    return tuple(
        path[1]
        for path, value in flat(kind, declared)
        if len(path) > 1 and value is None and live_key(kind, reply, path[1]) is not ABSENT
    )
