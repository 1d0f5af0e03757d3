"""Plan ⇄ JSON document: everything that apply needs, no secret value, and a checksum against accidents."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import Stale, UsageError
from reconciler.lock.document import entry_document
from reconciler.plan.conflict import UNTOUCHED
from reconciler.plan.saved.reader import MENTIONS, PlanReader
from reconciler.plan.saved.values import Unpacker, pack, seal
from reconciler.resources import stored as parts
from reconciler.resources.digest import Salt
from reconciler.resources.stored import Damaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.diagnostics import Place, Problem
    from reconciler.lock.document import Base
    from reconciler.plan.expected import Expected
    from reconciler.plan.saved.values import Read
    from reconciler.plan.step import Change, Notice, Plan, Step
    from reconciler.resources.kind import Table

FORMAT = 1
_AGAIN = "make it again with `gbsync plan --out`"
_FACTS = (
    "organization",
    "endpoint",
    "snapshot",
    "destroy",
    "partial",
    "live_count",
    "declared_count",
    "reads",
    "closing",
    "rate",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """A plan that was read back, and what it says of the lock that it was made from."""

    plan: Plan
    salt: Salt
    """Of its digests."""
    stamp: str
    """Of the lock's entries."""
    kept: str
    """Where the lock is; empty where the command line says that."""


def dump(plan: Plan, base: Base, *, kept: str = "") -> dict[str, Any]:
    """The plan as a JSON object; secrets and files appear as their source and a digest."""
    salt = base.salt
    body: dict[str, Any] = {
        "format": FORMAT,
        "salt": salt.text,
        "lock": {"stamp": base.stamp, "name": kept},
        **{name: getattr(plan, name) for name in _FACTS},
        "limits": {
            "max_deletes": plan.limits.max_deletes,
            "protect": list(plan.limits.protect),
            "silent": list(plan.limits.silent),
        },
        "mask": list(plan.mask),
        "secret_fields": sorted(map(list, plan.secret_fields)),
        "notes": list(plan.notes),
        "problems": [_problem(item) for item in plan.problems],
        "notices": {name: [_notice(item) for item in getattr(plan, name)] for name in MENTIONS},
        "forget": list(plan.forget),
        "labels": dict(plan.labels),
        "lock_entries": {address: entry_document(entry) for address, entry in plan.lock_entries.items()},
        "steps": [_step(step, salt) for step in plan.steps],
    }
    return {**body, "checksum": checksum(body)}


def load(document: Any, *, name: str, table: Table, read: Read | None = None) -> Saved:
    """The plan of a document; without `read` one to be shown alone, whose secrets and files are digests.

    Raises `UsageError` for a damaged document, `Stale` when a secret or a file has changed.
    """
    _check_format(document, name)
    try:
        _check_whole(document, name)
        unpacker = Unpacker(Salt(parts.text(document, "salt")), read or _unread)
        reader = PlanReader(table, unpacker, sends=read is not None)
        plan, lock = reader.plan(document), parts.mapping(document, "lock")
        saved = Saved(plan, unpacker.salt, parts.text(lock, "stamp"), parts.text(lock, "name"))
    except (Damaged, RecursionError) as error:
        why = error if isinstance(error, Damaged) else "it is nested too deep"
        msg = f"{name}: is damaged ({why}); {_AGAIN}"
        raise UsageError(msg) from None
    if unpacker.stale:
        raise Stale([*dict.fromkeys(unpacker.stale), UNTOUCHED])
    return saved


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document of a saved plan with its checksum: what policy tools read of it is covered too."""
    ours = {**document["gbsync"], "checksum": _whole(document)}
    return {**document, "gbsync": ours}


def check_document(document: Mapping[str, Any], *, name: str) -> None:
    """Raises `UsageError` where a part of the document was changed, or shows other steps than it holds."""
    ours = document.get("gbsync")
    held = ours.get("apply") if isinstance(ours, dict) else None
    if not isinstance(ours, dict) or not isinstance(held, dict):
        return
    if _whole(document) != ours.get("checksum"):
        msg = f"{name}: was changed or cut off since it was saved (its checksum does not fit); {_AGAIN}"
        raise UsageError(msg)
    if "steps" in held and _shown(document) != _held(held):
        msg = f"{name}: its `resource_changes` are not the steps that it would carry out; {_AGAIN}"
        raise UsageError(msg)


def _whole(document: Mapping[str, Any]) -> str:
    ours = {key: value for key, value in document["gbsync"].items() if key != "checksum"}
    return checksum({**document, "gbsync": ours})


def _shown(document: Mapping[str, Any]) -> list[Any]:
    """The steps that policy tools see."""
    changes = document.get("resource_changes")
    return [
        (item.get("address"), (item.get("change") or {}).get("actions"))
        for item in (changes if isinstance(changes, list) else [])
        if isinstance(item, dict)
    ]


def _held(part: Mapping[str, Any]) -> list[Any]:
    """The steps that are carried out."""
    steps = part.get("steps")
    return [
        (item.get("address"), [item.get("action")])
        for item in (steps if isinstance(steps, list) else [])
        if isinstance(item, dict)
    ]


def _check_format(document: Any, name: str) -> None:
    found = document.get("format") if isinstance(document, dict) else None
    if isinstance(found, bool) or not isinstance(found, int) or found < FORMAT:
        msg = f"{name}: is no saved plan of this program; {_AGAIN}"
        raise UsageError(msg)
    if found > FORMAT:
        newer = f"was saved by a newer gbsync (format {found}, this one knows {FORMAT})"
        msg = f"{name}: {newer}; upgrade gbsync, or make it again"
        raise UsageError(msg)


def _check_whole(document: Mapping[str, Any], name: str) -> None:
    body = {key: value for key, value in document.items() if key != "checksum"}
    if checksum(body) != document.get("checksum"):
        msg = f"{name}: was changed or cut off since it was saved (its checksum does not fit); {_AGAIN}"
        raise UsageError(msg)


def _unread(_parts: Any) -> Any:
    raise LookupError


def checksum(body: Mapping[str, Any]) -> str:
    """The digest of everything else in a document."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _step(step: Step, salt: Salt) -> dict[str, Any]:
    return {
        "action": step.action,
        "address": step.address,
        "reason": step.reason,
        "label": step.label,
        "place": _place(step.place),
        "needs": list(step.needs),
        "requests": step.requests,
        "sends": step.sends,
        "changes": [_change(change, salt) for change in step.changes],
        "expected": _expected(step.expected, salt),
        "desired": {name: pack(value, salt) for name, value in step.desired.items()},
    }


def _expected(expected: Expected, salt: Salt) -> dict[str, Any]:
    return {
        "identity": dict(expected.identity.stated),
        "fields": {name: seal(value, salt) for name, value in expected.fields.items()},
        "other_keys": None if expected.other_keys is None else list(expected.other_keys),
    }


def _change(change: Change, salt: Salt) -> dict[str, Any]:
    return {
        "path": list(change.path),
        "before": pack(change.before, salt),
        "after": pack(change.after, salt),
        "unknown": change.unknown,
        "place": _place(change.place),
    }


def _notice(item: Notice) -> dict[str, Any]:
    return {
        "address": item.address,
        "label": item.label,
        "path": list(item.path),
        "note": item.note,
        "link": item.link,
    }


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "message": item.message,
        "advice": item.advice,
        "place": _place(item.place),
        "address": item.address,
        "severity": item.severity,
        "also": [_place(place) for place in item.also],
    }


def _place(place: Place | None) -> list[Any] | None:
    return [place.file, place.line, place.column] if place else None
