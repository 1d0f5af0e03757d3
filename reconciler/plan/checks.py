"""What is wrong with the declared resources, now that what is live and what would be done are known."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.diagnostics import Problem, Severity
from reconciler.plan.diff import place_of
from reconciler.plan.step import Action
from reconciler.resources.desired import is_absent
from reconciler.resources.targets import depends_on
from reconciler.resources.values import unset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconciler.plan.context import Sight
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Address, Resource

UNKNOWN_ID = "GB608"
WIPED = "GB610"
TWINS = "GB611"
ABSENT_EVERYWHERE = "GB612"
INCOMPLETE = "GB614"
UNSET = "GB615"
ASTRAY = "GB617"


def review(sight: Sight, steps: Iterable[Step]) -> Iterator[Problem]:
    """Every problem, of each resource by itself and of what the steps would do to it."""
    by_address = {step.address: step for step in steps}
    for address, resource in sight.desired.items():
        yield from _checked(sight, resource)
        if resource.absent:
            yield from _absent_everywhere(sight, resource)
            continue
        step = by_address.get(address)
        if address in sight.seen.astray:
            yield _astray(sight, resource)
        for problem in _stepped(sight, resource, step) if step else ():
            yield replace(problem, severity=Severity.WARNING) if sight.policy.looking else problem
        if address in sight.unset and not sight.policy.snapshot:
            yield from _unset(sight, resource, step)
    yield from _twins(sight, by_address)


def _checked(sight: Sight, resource: Resource) -> Iterator[Problem]:
    """What its kind finds wrong; only a warning where it hangs on something that a snapshot may not hold."""
    kind = sight.kind(resource.address)
    unsure = sight.policy.snapshot and any(
        not sight.kind(item).prunable and item not in sight.desired and item not in sight.live
        for item in depends_on(sight.table, resource.address)
    )
    for problem in kind.check(resource, sight.desired, sight.live):
        yield replace(problem, severity=Severity.WARNING) if unsure else problem


def _stepped(sight: Sight, resource: Resource, step: Step) -> Iterator[Problem]:
    if step.action is Action.CREATE:
        yield from _incomplete(sight, resource)
        yield from _unknown_key(sight, resource)
    if step.action is Action.UPDATE:
        yield from _wiped(sight, resource)


def _absent_everywhere(sight: Sight, resource: Resource) -> Iterator[Problem]:
    field = sight.everywhere(resource.address)
    if field and not is_absent(sight.desired, resource.address.parent):
        message = f"cannot be absent while {field} makes it exist by itself"
        yield _problem(
            ABSENT_EVERYWHERE, resource, message, f"change {field}, and list those that are wanted"
        )


def _astray(sight: Sight, resource: Resource) -> Problem:
    ids = sight.seen.astray[resource.address]
    there = f"live is {', '.join(ids)}" if ids else "none is live"
    pinned = resource.declaration.id if resource.declaration else ""
    message = f"is pinned to id {pinned}, which is not there; {there}"
    return _problem(ASTRAY, resource, message, "correct `id`, or remove the line", "id")


def _twins(sight: Sight, steps: Mapping[Address, Step]) -> Iterator[Problem]:
    for address, ids in sight.seen.twins.items():
        resource = sight.desired.get(address)
        if resource is None and address not in steps:
            continue
        message = f"{len(ids)} live objects answer to this address: {', '.join(ids)}"
        advice = "remove one in the app, or pin one with `id:`"
        found = _problem(TWINS, resource, message, advice) if resource else None
        yield found or Problem(TWINS, message, advice, address=address)


def _incomplete(sight: Sight, resource: Resource) -> Iterator[Problem]:
    missing = ", ".join(sorted(sight.kind(resource.address).requires - resource.attributes.keys()))
    if missing:
        yield _problem(INCOMPLETE, resource, f"cannot be made without {missing}", f"declare {missing}")


def _unknown_key(sight: Sight, resource: Resource) -> Iterator[Problem]:
    kind, key = sight.kind(resource.address), resource.address.key
    keys = sight.seen.keys.get(kind.name)
    if keys is None or key in keys:
        return
    titled = [found for found, title in keys.items() if title and title.casefold() == key.casefold()]
    near = difflib.get_close_matches(key, keys, 1)
    advice = f"did you mean {near[0]}?" if near else "copy the id from its address in the app"
    advice = f"{titled[0]} is the id of the {kind.word} with that title" if titled else advice
    yield _problem(
        UNKNOWN_ID, resource, f"there is no {kind.word} {key}, or the token may not see it", advice
    )


def _wiped(sight: Sight, resource: Resource) -> Iterator[Problem]:
    """A write that replaces the whole would wipe what is there, cannot be read back, and is not declared."""
    live = sight.live[resource.address]
    wiped = ", ".join(sorted(live.facts.hidden - resource.attributes.keys()))
    if wiped and sight.kind(resource.address).writes == "whole":
        message = f"publishing would wipe {wiped}, which cannot be read back"
        yield _problem(WIPED, resource, message, f"declare {wiped} too; `{{}}` or `[]` where there is none")


def _unset(sight: Sight, resource: Resource, step: Step | None) -> Iterator[Problem]:
    """A secret that is not set, where it would be sent or compared with what is live."""
    for name in sight.unset[resource.address]:
        if step or sight.kind(resource.address).fields[name].compared:
            missing = ", ".join(sorted(unset(resource.attributes[name])))
            message = f"{missing} in {name} is not set"
            advice = "set it in the environment, or as a file under GBSYNC_SECRETS_DIR"
            yield _problem(UNSET, resource, message, advice, name)


def _problem(rule: str, resource: Resource, message: str, advice: str, name: str = "") -> Problem:
    return Problem(rule, message, advice, place_of(resource, (name,)), resource.address)
