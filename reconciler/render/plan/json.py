"""A plan as a JSON document in the shape of Terraform's, so that its policy tools work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler import __version__
from reconciler.plan.step import Action, Origin
from reconciler.render.json import place_document, plain
from reconciler.render.masks import Masks, is_hidden
from reconciler.render.plan.order import step_classes
from reconciler.render.plan.sentences import VERBS
from reconciler.render.problems.json import problem_document
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Against, Change, Notice, Plan, Step


FORMAT_VERSION = "1.2"
"""The version of Terraform's plan JSON that the shared keys follow."""
TERRAFORM_VERSION = "1.5.0"
"""The first Terraform that wrote this version of the format. Policy tools take no document without one."""
MENTIONS = ("pending", "uncompared", "forgotten", "declared_in_unread_file", "unmanaged")


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan with Terraform's keys, and under `gbsync` what has no such key. It holds no secret."""
    masks = Masks.of(plan)
    return {
        "format_version": FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": {
            "root_module": {"resources": [item for step in plan.steps for item in _planned(step, masks)]}
        },
        "applyable": bool(plan.steps) and not plan.snapshot,
        "complete": not plan.partial,
        "errored": False,
        "resource_changes": [_with_origin(_resource_change(step, masks), step, plan) for step in plan.steps],
        "gbsync": {
            **_review(plan),
            "classes": [_class(item, plan, masks) for item in step_classes(plan.steps)],
        },
    }


def _review(plan: Plan) -> dict[str, Any]:
    """What the plan says beside its steps."""
    seconds = plan.requests / plan.rate if plan.rate else None
    return {
        "version": __version__,
        "organization": plan.organization,
        "endpoint": plan.endpoint,
        "summary": plan.summary,
        "counts": {word: plan.count(action) for action, word in VERBS.items()},
        "requests": {"apply": plan.requests, "plan": plan.reads, "rate": plan.rate, "seconds": seconds},
        "resources": {"declared": plan.declared_count, "live": plan.live_count},
        "partial": plan.partial,
        "destroy": plan.destroy,
        "snapshot": plan.snapshot,
        "notes": list(plan.notes),
        "problems": [problem_document(problem) for problem in plan.problems],
        **{name: [_notice(item) for item in getattr(plan, name)] for name in MENTIONS},
        **({"against": against_document(plan.against)} if plan.against else {}),
    }


def against_document(against: Against) -> dict[str, Any]:
    """What the plan was compared with, and how many steps are whose."""
    return {
        "ref": against.ref,
        "commit": against.commit,
        "counts": {origin.value: against.count(origin) for origin in Origin},
        "notes": list(against.notes),
    }


def _with_origin(document: dict[str, Any], step: Step, plan: Plan) -> dict[str, Any]:
    """The step with its origin and that of each change, if the plan was compared with another version."""
    if plan.against is None:
        return document
    origin, own = plan.against.origins[step.address], document["gbsync"]
    each = origin.changes or (origin.step,) * len(step.changes)
    changes = [{**item, "origin": one.value} for item, one in zip(own["changes"], each, strict=True)]
    return {**document, "gbsync": {**own, "origin": origin.step.value, "changes": changes}}


def _class(item: StepClass, plan: Plan, masks: Masks) -> dict[str, Any]:
    """What several steps have in common; the values that each has of its own stand in `resource_changes`."""
    return {
        "fingerprint": item.fingerprint(plan.salt),
        "form": item.form.value,
        "action": item.action.value,
        "type": item.kind,
        "integration": item.root,
        "action_reason": item.reason.value,
        "count": len(item.steps),
        "unlike": item.unlike,
        "changes": [_change(replace(change, place=None), masks) for change in item.common],
        "varying": [list(path) for path in item.varying],
        "places": [place_document(place) for place in item.places],
        "addresses": [str(step.address) for step in item.steps],
    }


def _resource_change(step: Step, masks: Masks) -> dict[str, Any]:
    before, after = sides(step)
    change = {
        "actions": [step.action.value],
        "before": plain(before, masks),
        "after": plain(after, masks),
        "after_unknown": {"id": True} if step.action is Action.CREATE else {},
        "before_sensitive": _sensitive(before) or {},
        "after_sensitive": _sensitive(after) or {},
    }
    document = {**resource(step), "change": change, "gbsync": _step(step, masks)}
    return {**document, "action_reason": step.reason.value} if step.reason else document


def _planned(step: Step, masks: Masks) -> Iterator[dict[str, Any]]:
    """The resource as it will be, as far as it is declared; nothing for one that will not be there."""
    after = sides(step)[1]
    if after is not None:
        values = {"values": plain(after, masks), "sensitive_values": _sensitive(after) or {}}
        yield {**resource(step), "schema_version": 0, **values}


def resource(step: Step) -> dict[str, Any]:
    """The resource of a step, with Terraform's keys."""
    return {
        "address": str(step.address),
        "mode": "managed",
        "type": step.address.kind,
        "name": step.address.key,
        "provider_name": "gitbook",
    }


def _step(step: Step, masks: Masks) -> dict[str, Any]:
    return {
        "label": step.label,
        "reason": step.reason.sentence,
        "place": place_document(step.place),
        "requests": step.requests,
        "sends": step.sends,
        "needs": [str(address) for address in step.needs],
        "changes": [_change(change, masks) for change in step.changes],
    }


def _change(change: Change, masks: Masks) -> dict[str, Any]:
    document: dict[str, Any] = {
        "path": list(change.path),
        "symbol": change.symbol,
        "place": place_document(change.place),
    }
    for name, value in (("before", change.before), ("after", change.after)):
        if value is not ABSENT:
            document[name] = plain(value, masks)
    return {**document, "unknown": True} if change.unknown else document


def sides(step: Step) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The declared part of the object before and after; `None` if it does not exist then."""
    declared = {
        name: dict(item) if isinstance(item, Mapping) else item for name, item in step.desired.items()
    }
    before, after = dict(declared), dict(declared)
    for name, item in declared.items():
        if isinstance(item, dict):
            before[name], after[name] = (
                dict(item),
                {key: each for key, each in item.items() if each is not None},
            )
    for change in step.changes:
        # A change is what was compared; `desired` alone does not know the live side.
        _lay(before, change.path, change.before)
        _lay(after, change.path, change.after)
    return (
        None if step.action is Action.CREATE else before,
        None if step.action is Action.DELETE else after,
    )


def _lay(side: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets or removes the value at the path."""
    for name in path[:-1]:
        below = side.get(name)
        if not isinstance(below, dict):
            below = side[name] = {}
        side = below
    if value is ABSENT:
        side.pop(path[-1], None)
    else:
        side[path[-1]] = value


def _sensitive(value: Any) -> Any:
    """The structure of the value with `True` for each secret; `None` if it holds no secret."""
    if is_hidden(value):
        return True
    match value:
        case Mapping():
            return {str(key): mark for key, item in value.items() if (mark := _sensitive(item))} or None
        case list() | tuple():
            marks = [_sensitive(item) or False for item in value]
            return marks if any(marks) else None
        case _:
            return None


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "address": str(notice.address),
        "label": notice.label,
        "path": list(notice.path),
        "note": notice.note,
        "link": notice.link,
    }
