"""Plans and reports as JSON documents: a plan in the shape of Terraform's, so that its policy tools work."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler import __version__
from reconciler.apply.report import Outcome
from reconciler.plan.step import Action
from reconciler.render.masks import Masks, is_hidden
from reconciler.render.text import is_visible
from reconciler.render.values import digest
from reconciler.resources.digest import Digest
from reconciler.resources.values import ABSENT, SealedText

if TYPE_CHECKING:
    from reconciler.apply.report import Report, Result
    from reconciler.diagnostics import Place, Problem
    from reconciler.plan.conflict import Conflict
    from reconciler.plan.step import Change, Notice, Plan, Step

FORMAT_VERSION = "1.2"
"""Of Terraform's plan JSON, as far as the keys here go."""
WORDS = {Action.CREATE: "add", Action.UPDATE: "change", Action.DELETE: "destroy"}
MENTIONS = ("pending", "uncompared", "forgotten", "declared_in_unread_file", "unmanaged")
_SUSPECT = re.compile(r"[^\x20-\x7e\n]|#(?=#\w*\[)")


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """The document as text that is safe to print: what is not plainly visible is escaped, as JSON allows."""
    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    return _SUSPECT.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    if is_visible(char) and char != "#":
        return char
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"  # noqa: PLR2004 - ASCII ends


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as Terraform's plan JSON, and in `gbsync` what only we can say. Holds no secret."""
    masks = Masks.of(plan)
    return {
        "format_version": FORMAT_VERSION,
        "applyable": bool(plan.steps) and not plan.snapshot,
        "complete": not plan.partial,
        "errored": False,
        "resource_changes": [_resource_change(step, masks) for step in plan.steps],
        "gbsync": _review(plan),
    }


def _review(plan: Plan) -> dict[str, Any]:
    """What a reviewer is told beside the steps."""
    seconds = plan.requests / plan.rate if plan.rate else None
    return {
        "version": __version__,
        "organization": plan.organization,
        "endpoint": plan.endpoint,
        "summary": plan.summary,
        "counts": {word: plan.count(action) for action, word in WORDS.items()},
        "requests": {"apply": plan.requests, "plan": plan.reads, "rate": plan.rate, "seconds": seconds},
        "resources": {"declared": plan.declared_count, "live": plan.live_count},
        "partial": plan.partial,
        "destroy": plan.destroy,
        "snapshot": plan.snapshot,
        "notes": list(plan.notes),
        "problems": [problem_document(problem) for problem in plan.problems],
        **{name: [_notice(item) for item in getattr(plan, name)] for name in MENTIONS},
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


def resource(step: Step) -> dict[str, Any]:
    """What the step acts on, in Terraform's words."""
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
        "place": _place(step.place),
        "requests": step.requests,
        "sends": step.sends,
        "needs": [str(address) for address in step.needs],
        "changes": [_change(change, masks) for change in step.changes],
    }


def _change(change: Change, masks: Masks) -> dict[str, Any]:
    document: dict[str, Any] = {
        "path": list(change.path),
        "symbol": change.symbol,
        "place": _place(change.place),
    }
    for name, value in (("before", change.before), ("after", change.after)):
        if value is not ABSENT:
            document[name] = plain(value, masks)
    return {**document, "unknown": True} if change.unknown else document


def sides(step: Step) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What is declared of the object, before and after; `None` where it does not exist then."""
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


def plain(value: Any, masks: Masks) -> Any:
    """The value as JSON: secrets as their masks, what cannot be read back as digests."""
    match value:
        case Mapping():
            return {str(key): plain(item, masks) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, masks) for item in value]
        case _:
            return _leaf(value, masks)


def _leaf(value: Any, masks: Masks) -> Any:
    if is_hidden(value):
        return masks.text(value)
    match value:
        case Digest():
            return value.text
        case SealedText():
            return digest(value)
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def _sensitive(value: Any) -> Any:
    """`True` where a secret stands, in the structure of the value; `None` where there is none."""
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


def _place(place: Place | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line, "column": place.column} if place else None


def problem_document(problem: Problem) -> dict[str, Any]:
    """One problem, with its places."""
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "address": str(problem.address),
        "message": problem.message,
        "advice": problem.advice,
        "place": _place(problem.place),
        "also": [_place(place) for place in problem.also],
    }


def report_document(report: Report) -> dict[str, Any]:
    """The report: every result in the plan's order, and what it took."""
    masks = Masks.of(report.plan)
    return {
        "format_version": FORMAT_VERSION,
        "organization": report.plan.organization,
        "endpoint": report.plan.endpoint,
        "summary": report.summary,
        "complete": report.complete,
        "interrupted": report.interrupted,
        "unrecorded": report.unrecorded,
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "results": [_result(result, masks) for result in report.results],
        "pending": [_notice(notice) for notice in report.waiting],
        "remaining": plan_document(report.remaining) if report.remaining else None,
    }


def _result(result: Result, masks: Masks) -> dict[str, Any]:
    return {
        **resource(result.step),
        "action": result.step.action.value,
        "outcome": result.outcome.value,
        "label": result.step.label,
        "message": result.message,
        "because": str(result.because) if result.because else None,
        "status": result.status,
        "link": result.link,
        "moved": [_conflict(item, masks) for item in result.conflicts],
    }


def _conflict(conflict: Conflict, masks: Masks) -> dict[str, Any]:
    values = {"before": conflict.before, "then": conflict.planned, "now": conflict.now}
    shown = {name: plain(value, masks) for name, value in values.items() if value is not ABSENT}
    return {"field": conflict.name, **shown}
