"""Plan ⇄ JSON document: everything that apply needs, no secret value, and a checksum against accidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import Stale, UsageError
from reconciler.lock.document import entry_document
from reconciler.plan.conflict import UNTOUCHED
from reconciler.plan.saved.reader import PlanReader
from reconciler.plan.saved.stored import FORMAT, StoredPlan
from reconciler.plan.saved.values import Unpacker, pack, seal
from reconciler.resources.digest import Salt, checksum
from reconciler.resources.stored_json import Damaged, check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.lock.document import Base
    from reconciler.plan.expected import Expected
    from reconciler.plan.saved.values import Read
    from reconciler.plan.step import Change, Plan, Step
    from reconciler.resources.kind import Table

_AGAIN = "make it again with `gbsync plan --out`"


@dataclass(frozen=True, slots=True)
class Saved:
    """A plan that was read back, and what its document says of the lock that it was made from."""

    plan: Plan
    salt: Salt
    """The salt of its digests."""
    stamp: str
    """The stamp of the lock's entries."""
    kept: str
    """Where the lock is; empty where only the command line says that."""


def dump(plan: Plan, base: Base, *, shown: Mapping[str, Any], kept: str = "") -> dict[str, Any]:
    """The plan as a JSON object, in which secrets and files appear as their source and a digest.

    `shown` is the plan as people and policy tools read it (`render.json.plan_document`). What stands there is
    not written again: apply carries out the addresses and actions that were reviewed, as there are no others.
    """
    return sealed({**shown, "gbsync": {**shown["gbsync"], "apply": _apply(plan, base, kept)}})


def _apply(plan: Plan, base: Base, kept: str) -> dict[str, Any]:
    salt = base.salt
    return {
        "format": FORMAT,
        "salt": salt.text,
        "lock": {"stamp": base.stamp, "name": kept},
        "limits": {
            "max_deletes": plan.limits.max_deletes,
            "protect": list(plan.limits.protect),
            "silent": list(plan.limits.silent),
        },
        "mask": list(plan.mask),
        "secret_fields": sorted(map(list, plan.secret_fields)),
        "pages": plan.pages,
        "closing": plan.closing,
        "forget": list(plan.forget),
        "labels": dict(plan.labels),
        "lock_entries": {address: entry_document(entry) for address, entry in plan.lock_entries.items()},
        "steps": {step.address: _step(step, salt) for step in plan.steps},
    }


def _step(step: Step, salt: Salt) -> dict[str, Any]:
    return {
        # `after` is in `desired` as well, on purpose: the reader compares the two, and refuses a step that
        # sends what its changes do not show (`reader._check_agreement`).
        "changes": [_change(change, salt) for change in step.changes],
        "expected": expected_document(step.expected, salt),
        "desired": {name: pack(value, salt) for name, value in step.desired.items()},
        "left_out": sorted(step.left_out),
    }


def expected_document(expected: Expected, salt: Salt) -> dict[str, Any]:
    """What a step decides on, as JSON: secrets as digests. A plan that was read back has the same."""
    return {
        "identity": dict(expected.identity.stated),
        "fields": {name: seal(value, salt) for name, value in expected.fields.items()},
        "other_keys": None if expected.other_keys is None else list(expected.other_keys),
    }


def _change(change: Change, salt: Salt) -> dict[str, Any]:
    return {"before": pack(change.before, salt), "after": pack(change.after, salt)}


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the checksum of all of it: what policy tools read is covered, too."""
    return {**document, "gbsync": {**document["gbsync"], "checksum": _checksum(document)}}


def _checksum(document: Mapping[str, Any]) -> str:
    ours = {key: value for key, value in document["gbsync"].items() if key != "checksum"}
    return checksum({**document, "gbsync": ours})


def load(document: Any, *, name: str, table: Table, read: Read | None = None) -> Saved:
    """The plan of a document; without `read` one that can only be shown, whose secrets and files are digests.

    Raises `UsageError` for a damaged document, `Stale` when a secret or a file has changed since.
    """
    _check_format(document, name)
    if document["gbsync"].get("checksum") != _checksum(document):
        msg = f"{name}: was changed or cut off since it was saved (its checksum does not fit); {_AGAIN}"
        raise UsageError(msg)
    try:
        stored = check(StoredPlan, document)
        own = stored.gbsync.apply
        unpacker = Unpacker(Salt(own.salt), read or _unread)
        plan = PlanReader(table, unpacker, sends=read is not None).plan(stored)
    except (Damaged, RecursionError) as error:
        why = error if isinstance(error, Damaged) else "it is nested too deep"
        msg = f"{name}: is damaged ({why}); {_AGAIN}"
        raise UsageError(msg) from None
    if unpacker.stale:
        raise Stale([*dict.fromkeys(unpacker.stale), UNTOUCHED])
    return Saved(plan, unpacker.salt, own.lock.stamp, own.lock.name)


def _check_format(document: Any, name: str) -> None:
    """Refuses what another gbsync wrote. Comes before the checksum, which that may have made otherwise."""
    version = _format_of(document)
    if version == FORMAT:
        return
    if version is None or version < 1:
        msg = f"{name}: is no saved plan of this program; {_AGAIN}"
        raise UsageError(msg)
    age, advice = (
        ("a newer", "upgrade gbsync, or make it again") if version > FORMAT else ("an older", _AGAIN)
    )
    msg = f"{name}: was saved by {age} gbsync (format {version}, this one knows {FORMAT}); {advice}"
    raise UsageError(msg)


def _format_of(document: Any) -> int | None:
    match document:
        case {"gbsync": {"apply": {"format": bool()}}}:
            return None  # `True` is an int in Python, and no number in JSON
        case {"gbsync": {"apply": {"format": int(version)}}}:
            return version
        case _:
            return None


def _unread(_parts: Any) -> Any:
    raise LookupError
