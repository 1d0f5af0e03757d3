"""What a drift report says moved live, and what of it a plan may set back. Pure.

A nightly job heals alone, so it does the least: fields and keys of objects that are there, where the file is
as it was applied last, and the live value is still the one that was reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Strict

from reconciler.errors import UsageError
from reconciler.plan.drift import Who
from reconciler.plan.step import Action, LeftOut
from reconciler.resources.digest import Digest, Salt
from reconciler.resources.resource import Address
from reconciler.resources.stored_json import Damaged, StoredModel, Text, check
from reconciler.resources.targets import matches_any
from reconciler.resources.values import ABSENT, is_known

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reconciler.lock.document import Base
    from reconciler.plan.drift import Drift
    from reconciler.plan.step import Change, Plan, Step
    from reconciler.resources.kind import Kind, Table

NEVER = "healing neither creates nor deletes nor publishes"
NOT_NAMED = "no pattern under `heal:` in the files names it"
NOT_REPORTED = "the drift report does not have it"
NOT_LIVE_ALONE = "the file has changed too, or nobody knows what was applied last"
MOVED_SINCE = "it has changed since the drift report"
NONE = "absent"
"""How a report says that there is no value."""


class _StoredMove(StoredModel, extra="ignore"):
    path: Annotated[tuple[Text, ...], Strict(strict=False)]
    who: Text
    digests: dict[Text, Text | None]


class _StoredItem(StoredModel, extra="ignore"):
    address: Text
    moves: list[_StoredMove]


class _StoredDrift(StoredModel, extra="ignore"):
    endpoint: Text
    organization: Text
    salt: Text
    items: list[_StoredItem]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The fields that had moved live when the report was written, each with digests of both sides."""

    salt: Salt
    moved: Mapping[tuple[Address, tuple[str, ...]], Mapping[str, str | None]]

    def still(self, address: Address, change: Change) -> bool:
        """Whether both sides are as they were reported."""
        digests = self.moved[address, change.path]
        sides = (("file", change.after), ("live", change.before))
        return all(_is(value, digests.get(side), self.salt) for side, value in sides)


def value_digest(value: Any, salt: Salt) -> str | None:
    """A value as a report keeps it; `None` for one that is not known."""
    if value is ABSENT:
        return NONE
    if isinstance(value, Digest):
        return value.text
    return salt.digest(value) if is_known(value) else None


def _is(value: Any, digest: str | None, salt: Salt) -> bool:
    if value is ABSENT or digest is None or digest == NONE:
        return value is ABSENT and digest == NONE
    return is_known(value) and not isinstance(value, Digest) and salt.matches(value, digest)


def load_drift(document: Any, *, name: str, endpoint: str, organization: str) -> DriftReport:
    """The report of a document. Raises `UsageError` for a damaged one, and for one of somewhere else."""
    try:
        stored = check(_StoredDrift, document)
    except Damaged as error:
        msg = f"{name}: is no drift report ({error}); write it with `gbsync drift --json`"
        raise UsageError(msg) from None
    if (stored.endpoint.rstrip("/"), stored.organization) != (endpoint.rstrip("/"), organization):
        where = f"{stored.organization} at {stored.endpoint}, not {organization} at {endpoint}"
        msg = f"{name}: is the drift of {where}; write a report of these files"
        raise UsageError(msg)
    moved = {
        (Address(item.address), move.path): move.digests
        for item in stored.items
        for move in item.moves
        if move.who == Who.LIVE.value
    }
    return DriftReport(Salt(stored.salt), moved)


def healing(
    plan: Plan, drifted: Drift, report: DriftReport, globs: Collection[str], base: Base, *, table: Table
) -> Plan:
    """The plan less everything but what the report allows to set back; the drift is that of this plan."""
    live = {
        (item.address, move.path)
        for item in drifted.items
        for move in item.moves
        if move.who is Who.LIVE and not move.unknown
    }
    steps: list[Step] = []
    left_out: list[LeftOut] = []
    for step in plan.steps:
        whole = _whole_reason(step, globs, table)
        reasons = {
            change.path: whole or _reason(step.address, change, live, report) for change in step.changes
        }
        healed = tuple(change for change in step.changes if not reasons[change.path])
        if healed:
            steps.append(_cut(table[step.address.kind], step, healed))
        left_out += _left_out(step, whole, reasons)
    healed_addresses = {step.address for step in steps}
    touched = healed_addresses | {item.step.address for item in left_out}
    entries = {address: plan.lock_entries[address] for address in plan.lock_entries if address not in touched}
    # What is set back is what was applied last, so what the lock says of it is right already.
    entries |= {address: base.entries[address] for address in healed_addresses}
    return replace(plan, steps=tuple(steps), left_out=tuple(left_out), closing=0, lock_entries=entries)


def _whole_reason(step: Step, globs: Collection[str], table: Table) -> str:
    """Why nothing of the step may be carried out; empty where its changes decide."""
    if step.action is not Action.UPDATE or table[step.address.kind].writing.mode == "whole":
        return NEVER
    return "" if matches_any(globs, step.address) else NOT_NAMED


def _reason(
    address: Address,
    change: Change,
    live: Collection[tuple[Address, tuple[str, ...]]],
    report: DriftReport,
) -> str:
    """Why a change may not be carried out; empty where it may."""
    where = (address, change.path)
    if where not in live:
        return NOT_LIVE_ALONE
    if where not in report.moved:
        return NOT_REPORTED
    return "" if report.still(address, change) else MOVED_SINCE


def _left_out(step: Step, whole: str, reasons: Mapping[tuple[str, ...], str]) -> Iterator[LeftOut]:
    """What of a step is left out, by reason."""
    if whole:
        yield LeftOut(step, whole)
        return
    for why in dict.fromkeys(filter(None, reasons.values())):
        changes = tuple(change for change in step.changes if reasons[change.path] == why)
        yield LeftOut(replace(step, changes=changes), why)


def _cut(kind: Kind, step: Step, healed: tuple[Change, ...]) -> Step:
    """The step with these changes alone: what else differs is neither sent nor expected."""
    paths = {change.path for change in healed}
    others = [change for change in step.changes if change.path not in paths]
    desired = {name: value for name, value in step.desired.items() if (name,) not in _paths(others)}
    if isinstance(desired.get(kind.keyed), Mapping):
        keys = desired[kind.keyed]
        desired[kind.keyed] = {
            key: value for key, value in keys.items() if (kind.keyed, key) not in _paths(others)
        }
    names = {change.name for change in others}
    fields = {name: value for name, value in step.expected.fields.items() if name not in names}
    return replace(step, changes=healed, desired=desired, expected=replace(step.expected, fields=fields))


def _paths(changes: Collection[Change]) -> frozenset[tuple[str, ...]]:
    return frozenset(change.path for change in changes)
