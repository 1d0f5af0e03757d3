"""Plan and base → who moved: the file, the live side or both, field by field. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.plan.diff import flat
from reconciler.plan.lock_entries import ABSENT_KEY_DIGEST, is_stated
from reconciler.plan.step import Action, Reason
from reconciler.resources.digest import Salt
from reconciler.resources.values import ABSENT, is_known, reveal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.diagnostics import Place
    from reconciler.lock.document import Base, LockEntry
    from reconciler.plan.step import Against, Change, Notice, Plan, Step
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, State

_NO_SALT = Salt("")


class Who(StrEnum):
    """Which side is not as it was when it was applied last."""

    LIVE = "live"
    FILE = "file"
    BOTH = "both"
    UNKNOWN = "unknown"


class What(StrEnum):
    """What happened to a resource since the last apply."""

    CHANGED = "changed"
    VANISHED = "vanished"
    APPEARED = "appeared"
    DECLARED = "declared"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Move:
    """One field that is not live as the file says, and which side has moved since it was."""

    path: tuple[str, ...]
    file: Any
    """`ABSENT` where the file wants none."""
    live: Any
    """`ABSENT` where there is none, or where it cannot be read back."""
    who: Who
    place: Place | None = None
    unknown: bool = False
    """It cannot be read back, and nobody knows what was published last."""

    @property
    def name(self) -> str:
        """The path as people write it."""
        return dotted(self.path)


@dataclass(frozen=True, slots=True)
class Item:
    """One resource that is not live as the files say."""

    address: Address
    what: What
    who: Who
    moves: tuple[Move, ...] = ()
    label: str = ""
    place: Place | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What became of it, for people."""
        if self.who is Who.UNKNOWN:
            return _UNKNOWN.get(self.what, "")
        return _SENTENCES.get(self.what, "")


_SENTENCES = {
    What.VANISHED: "was applied, and is not live any more",
    What.APPEARED: "is live since the last apply, and no file wants it",
    What.DECLARED: "stands in the file, and was never applied",
    What.DROPPED: "was live at the last apply, and the file does not want it any more",
}
_UNKNOWN = {
    What.APPEARED: "is live, and no file wants it",
    What.DECLARED: "stands in the file, and is not live",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """Everything that moved since the last apply."""

    organization: str
    endpoint: str
    items: tuple[Item, ...] = ()
    unmanaged: int = 0
    """How many live resources no file declares, those that appeared not counted."""
    uncompared: tuple[Notice, ...] = ()
    notes: tuple[str, ...] = ()
    remembered: bool = True
    """Whether there is a lock that says what was applied last."""
    partial: bool = False
    salt: Salt = _NO_SALT
    """Of the lock: what is secret in a digest is digested with it."""
    against: Against | None = None
    """With `--against`: which items are this branch's, and which were there before."""

    def count(self, what: What) -> int:
        """How many resources have this fate."""
        return sum(item.what is what for item in self.items)

    def fields(self, who: Who) -> int:
        """How many fields of changed resources this side has moved."""
        return sum(move.who is who for item in self.items if item.what is What.CHANGED for move in item.moves)


def drift(plan: Plan, declared: State, base: Base, *, table: Table) -> Drift:
    """What moved, by the plan that would undo it and the digests of what was applied last."""
    comparer = _Comparer(plan, declared, base, table)
    items = (*(comparer.item(step) for step in plan.steps), *comparer.appeared())
    return Drift(
        organization=plan.organization,
        endpoint=plan.endpoint,
        items=tuple(sorted(items, key=lambda item: (item.address.root, item.address))),
        unmanaged=len(plan.unmanaged) - sum(1 for _ in comparer.appeared()),
        uncompared=plan.uncompared,
        notes=plan.notes,
        remembered=base.known,
        partial=plan.partial,
        salt=base.salt,
        against=plan.against,
    )


@dataclass(frozen=True, slots=True)
class _Comparer:
    plan: Plan
    declared: State
    base: Base
    table: Table

    def appeared(self) -> Iterator[Item]:
        """What no file declares and what was not there after the last apply."""
        if not self.base.known:
            return
        for notice in self.plan.unmanaged:
            if notice.address not in self.base.unmanaged:
                yield Item(notice.address, What.APPEARED, Who.LIVE, label=notice.label)

    def item(self, step: Step) -> Item:
        """What has become of the resource that a step is about."""
        what, who = self._fate(step)
        moves = tuple(self._moves(step, who))
        if what is What.CHANGED:
            who = _combined(move.who for move in moves)
        return Item(step.address, what, who, moves, step.label, step.place, step.reason.sentence)

    def _fate(self, step: Step) -> tuple[What, Who]:
        entry = self.base.entries.get(step.address)
        match step.action:
            case Action.UPDATE:
                return What.CHANGED, Who.UNKNOWN
            case Action.CREATE:
                return self._missing(step, entry)
        if entry is not None:
            return What.DROPPED, Who.FILE
        if not self.base.known:
            return What.APPEARED, Who.UNKNOWN
        before = step.address in self.base.unmanaged or step.reason is Reason.DESTROY
        return (What.DROPPED, Who.FILE) if before else (What.APPEARED, Who.LIVE)

    def _missing(self, step: Step, entry: LockEntry | None) -> tuple[What, Who]:
        if entry is not None and not self._never_made(step, entry):
            return What.VANISHED, Who.LIVE
        return What.DECLARED, Who.FILE if self.base.known else Who.UNKNOWN

    def _never_made(self, step: Step, entry: LockEntry) -> bool:
        """Whether the lock only records an attempt to make it: the entry has no digest of any field."""
        kind = self.table[step.address.kind]
        recordable = any(kind.fields[path[0]].compared for path, _ in flat(kind, step.desired))
        return recordable and not entry.fields and not entry.fingerprints

    def _moves(self, step: Step, whole: Who) -> Iterator[Move]:
        entry = self.base.entries.get(step.address)
        for change in step.changes:
            who = self._who(step, change, entry) if step.action is Action.UPDATE else whole
            yield Move(change.path, change.after, change.before, who, change.place, change.unknown)

    def _who(self, step: Step, change: Change, entry: LockEntry | None) -> Who:
        if entry is None:
            return Who.FILE if self.base.known else Who.UNKNOWN
        kind = self.table[step.address.kind]
        if not kind.fields[change.path[0]].compared:
            return self._who_published(change, entry)
        # Every publish raises the version. Where it is the one of the last apply, only the file has changed.
        version = step.expected.identity.version
        if kind.writing.mode == "whole" and entry.version is not None and entry.version == version:
            return Who.FILE
        recorded = entry.fields.get(change.name)
        if recorded is not None:
            return _who(change, recorded, self.base.salt)
        return Who.FILE if is_stated(self.declared[step.address], change.path) else Who.LIVE

    def _who_published(self, change: Change, entry: LockEntry) -> Who:
        """Of a field that cannot be read back: the version says whether the live side moved."""
        if not change.unknown:
            return Who.FILE
        recorded = entry.fingerprints.get(change.path[0])
        if recorded is None or entry.version is None:
            return Who.UNKNOWN
        return Who.LIVE if self.base.salt.matches(change.after, recorded) else Who.BOTH


def _who(change: Change, recorded: str, salt: Salt) -> Who:
    """Which side differs from what was applied."""
    if _is(change.after, recorded, salt):
        return Who.LIVE
    return Who.FILE if _is(change.before, recorded, salt) else Who.BOTH


def _is(value: Any, recorded: str, salt: Salt) -> bool:
    if value is ABSENT:
        return recorded == ABSENT_KEY_DIGEST
    return is_known(value) and salt.matches(reveal(value), recorded)


def _combined(sides: Iterable[Who]) -> Who:
    """The side that moved in all of them."""
    distinct = set(sides)
    if len(distinct) == 1:
        return distinct.pop()
    return Who.BOTH if Who.BOTH in distinct or {Who.LIVE, Who.FILE} <= distinct else Who.UNKNOWN
