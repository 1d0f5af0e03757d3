"""Plan ⇄ JSON document: everything that apply needs, no secret value, and a checksum against accidents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.digest import Salt
from reconciler.errors import Stale, UsageError
from reconciler.lock import Base, entry_document, read_entry
from reconciler.pack import Read, Unpacker, pack, seal
from reconciler.problem import Place, Problem, Severity
from reconciler.resource import Address
from reconciler.step import Action, Change, Limits, Mention, Plan, Reason, Step

FORMAT = 1
_MENTIONS = ("unmanaged", "forgotten", "elsewhere", "pending", "uncompared")
_FACTS = (
    "organization",
    "endpoint",
    "snapshot",
    "destroy",
    "partial",
    "live_count",
    "declared_count",
    "reads",
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
        "limits": {"max_deletes": plan.limits.max_deletes, "protect": list(plan.limits.protect)},
        "mask": list(plan.mask),
        "notes": list(plan.notes),
        "problems": [_problem(item) for item in plan.problems],
        "mentions": {name: [_mention(item) for item in getattr(plan, name)] for name in _MENTIONS},
        "forget": list(plan.forget),
        "labels": dict(plan.labels),
        "memory": {address: entry_document(entry) for address, entry in plan.memory.items()},
        "steps": [_step(step, salt) for step in plan.steps],
    }
    return {**body, "checksum": _checksum(body)}


def load(document: Any, *, name: str, read: Read | None = None) -> Saved:
    """The plan of a document; without `read` one to be shown alone, whose secrets and files are digests.

    Raises `UsageError` for a damaged document, `Stale` when a secret or a file has changed.
    """
    found = document.get("format") if isinstance(document, Mapping) else None
    if found != FORMAT or not isinstance(document, Mapping):
        msg = f"{name}: is no saved plan of this program (format {found!r}, known is {FORMAT}); make it again"
        raise UsageError(msg)
    body = {key: value for key, value in document.items() if key != "checksum"}
    if _checksum(body) != document.get("checksum"):
        msg = f"{name}: was changed or cut off since it was saved (its checksum does not fit); make it again"
        raise UsageError(msg)
    salt = Salt(document["salt"])
    unpacker = Unpacker(salt, read or _unread)
    steps = tuple(_read_step(item, unpacker, sends=read is not None) for item in document["steps"])
    if unpacker.stale:
        raise Stale([*dict.fromkeys(unpacker.stale), "nothing was touched"])
    lock = document["lock"]
    return Saved(_read_plan(document, steps), salt, lock["stamp"], lock["name"])


def _unread(_parts: Any) -> Any:
    raise LookupError


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _read_plan(document: Mapping[str, Any], steps: tuple[Step, ...]) -> Plan:
    limits, mentions = document["limits"], document["mentions"]
    facts: dict[str, Any] = {name: document[name] for name in _FACTS}
    facts |= {name: tuple(map(_read_mention, mentions[name])) for name in _MENTIONS}
    return Plan(
        **facts,
        steps=steps,
        limits=Limits(limits["max_deletes"], tuple(limits["protect"])),
        mask=tuple(document["mask"]),
        notes=tuple(document["notes"]),
        problems=tuple(map(_read_problem, document["problems"])),
        memory={Address(address): read_entry(item) for address, item in document["memory"].items()},
        forget=tuple(map(Address, document["forget"])),
        labels={Address(address): label for address, label in document["labels"].items()},
    )


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
        "basis": {name: seal(value, salt) for name, value in step.basis.items()},
        "desired": {name: pack(value, salt) for name, value in step.desired.items()},
    }


def _read_step(item: Mapping[str, Any], unpacker: Unpacker, *, sends: bool) -> Step:
    address = Address(item["address"])
    desired = {
        name: unpacker.wanted(value, address) if sends else unpacker.shown(value)
        for name, value in item["desired"].items()
    }
    return Step(
        Action(item["action"]),
        address,
        tuple(_read_change(change, unpacker) for change in item["changes"]),
        reason=Reason(item["reason"]),
        label=item["label"],
        place=_read_place(item["place"]),
        basis={name: unpacker.shown(value) for name, value in item["basis"].items()},
        desired=desired,
        needs=tuple(map(Address, item["needs"])),
        requests=item["requests"],
        sends=item["sends"],
    )


def _change(change: Change, salt: Salt) -> dict[str, Any]:
    return {
        "path": list(change.path),
        "before": pack(change.before, salt),
        "after": pack(change.after, salt),
        "unknown": change.unknown,
        "place": _place(change.place),
    }


def _read_change(item: Mapping[str, Any], unpacker: Unpacker) -> Change:
    before, after = unpacker.shown(item["before"]), unpacker.shown(item["after"])
    return Change(
        tuple(item["path"]), before, after, unknown=item["unknown"], place=_read_place(item["place"])
    )


def _mention(item: Mention) -> dict[str, Any]:
    return {
        "address": item.address,
        "label": item.label,
        "path": list(item.path),
        "note": item.note,
        "link": item.link,
    }


def _read_mention(item: Mapping[str, Any]) -> Mention:
    return Mention(Address(item["address"]), item["label"], tuple(item["path"]), item["note"], item["link"])


def _problem(item: Problem) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "message": item.message,
        "advice": item.advice,
        "place": _place(item.place),
        "address": item.address,
        "severity": item.severity,
    }


def _read_problem(item: Mapping[str, Any]) -> Problem:
    return Problem(
        rule=item["rule"],
        message=item["message"],
        advice=item["advice"],
        place=_read_place(item["place"]),
        address=item["address"],
        severity=Severity(item["severity"]),
    )


def _place(place: Place | None) -> list[Any] | None:
    return [place.file, place.line, place.column] if place else None


def _read_place(place: Any) -> Place | None:
    return Place(*place) if place else None
