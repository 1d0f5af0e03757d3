"""What a run writes into the lock: the intent of a publish, the publish itself, and the end of the run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome
from reconciler.errors import LockError
from reconciler.lock.commits import with_commit
from reconciler.lock.document import Intent, LockEntry, updated, with_entry
from reconciler.plan.lock_entries import is_recorded
from reconciler.plan.step import Action
from reconciler.resources.digest import SLOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.apply.report import Result
    from reconciler.lock.document import Base
    from reconciler.lock.store import LockStore
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.resource import Address, Resource


def unmanaged(plan: Plan, base: Base) -> frozenset[Address]:
    """The live resources that no file declares, for the lock. A part of a plan does not name all of them."""
    seen = frozenset(notice.address for notice in plan.unmanaged)
    return base.unmanaged | seen if plan.partial or plan.left_out else seen


@dataclass(slots=True)
class LockWriter:
    """The lock during one run."""

    plan: Plan
    base: Base
    """What the lock says; at first what the plan was made from."""
    lock_store: LockStore
    alone: bool = True
    """Whether nobody else has applied since the plan was made."""
    commit: str = ""
    """The commit of the files that are applied, if it is known."""
    versions: dict[Address, int] = field(default_factory=dict)
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Saves go one after the other, so that none writes an older base over a newer one."""
    _saved: Base | None = None

    def begin(self) -> None:
        """Reads the lock as it is now. Raises `LockError` when it was made anew since the plan.

        A lock with another salt has other digests, so nothing in the plan could be compared with it.
        """
        now = self.lock_store.load()
        if now.known and now.salt != self.base.salt:
            msg = "the lock was replaced since the plan was made; plan again"
            raise LockError(msg)
        self.alone = now.entries == self.base.entries
        self.base = replace(now, salt=self.base.salt)

    def knows(self, step: Step, now: Resource) -> bool:
        """Whether the lock says that what cannot be read back of `now` is as the step wants it."""
        planned, version = self.plan.lock_entries[step.address], now.facts.version
        recorded = self.base.entries.get(step.address)
        known = not planned.fingerprints or is_recorded(recorded, planned, version)
        if known and version is not None:
            self.versions[step.address] = version
        return known

    def check(self) -> None:
        """Raises `LockError` if another run has taken the lock over: nothing more may be sent."""
        self.lock_store.check()

    async def intend(self, step: Step, version: int | None) -> None:
        """Puts the intent of a publish into the store before it is sent."""
        new = self.plan.lock_entries[step.address]
        entry = self.base.entries.get(step.address) or LockEntry(new.file)
        await self._save(step, replace(entry, intent=Intent(version, new.fingerprints)))

    async def published(self, step: Step, resource: Resource) -> None:
        """Records a publish as soon as it is known."""
        if resource.facts.version is not None:
            self.versions[step.address] = resource.facts.version
        await self._save(step, replace(self.plan.lock_entries[step.address], version=resource.facts.version))

    async def _save(self, step: Step, entry: LockEntry) -> None:
        """Saves the newest base. Steps that have waited for the save before theirs find themselves in it."""
        self.base = with_entry(self.base, step.address, entry)
        async with self._saving:
            if self._saved is not self.base:
                saving = self.base
                await self.lock_store.record(saving)
                self._saved = saving

    def finish(self, results: Iterable[Result]) -> None:
        """Writes the end of the run: what is done or unchanged as it is now; what failed keeps its entry.

        Where somebody else has applied since the plan was made, their entries of what this plan does not
        touch are newer than ours, so they stay.
        """
        touched = {step.address for step in self.plan.steps}
        entries = {
            address: self.plan.lock_entries[address]
            for address in self.plan.lock_entries
            if self.alone and address not in touched
        }
        removed = list(self.plan.forget) if self.alone else []
        for result in results:
            ended, address = result.outcome in (Outcome.DONE, Outcome.ALREADY), result.step.address
            if result.step.action is Action.DELETE:
                removed += [address] if ended and self._remembers(result.step) else []
            elif ended:
                entries[address] = self._ended(result)
            elif result.step.action is Action.CREATE and result.outcome is not Outcome.SKIPPED:
                # It may have been made although the step failed. An entry without fields says so: the next
                # plan does not take it for something that somebody else made.
                entries[address] = self.base.entries.get(address) or LockEntry(
                    self.plan.lock_entries[address].file
                )
        commits = with_commit(self.base.commits, self.commit)
        base = updated(self.base, entries, removed)
        self.base = replace(base, unmanaged=self._unmanaged(), commits=commits)
        self.lock_store.save(self.base)

    def _unmanaged(self) -> frozenset[Address]:
        """The unmanaged resources; unchanged where somebody else has applied meanwhile."""
        if not self.alone:
            return self.base.unmanaged
        return unmanaged(self.plan, self.base)

    def _remembers(self, step: Step) -> bool:
        """Whether the entry is of the object that was deleted, and not of a newer one at the same address."""
        identity = step.expected.identity
        expected = {step.address: identity.id, step.address.parent: identity.parent}
        entries = {address: self.base.entries.get(address) for address in expected if address}
        return all(not entry or entry.id in ("", expected[address]) for address, entry in entries.items())

    def _kept(self, result: Result) -> dict[str, str]:
        """The digest of each value that the API keeps in another form than the one that was sent."""
        asked, salt = self.plan.lock_entries[result.step.address].fields, self.base.salt
        return {
            name: salt.digest(value, secret=asked[name].startswith(SLOW))
            for name, value in result.kept.items()
            if name in asked
        }

    def _ended(self, result: Result) -> LockEntry:
        """The entry of an object that is as declared now, with the version that is live."""
        address = result.step.address
        old = self.base.entries.get(address)
        version = self.versions.get(address, old.version if old else None)
        planned = self.plan.lock_entries[address]
        return replace(planned, version=version, id=result.id or planned.id, kept=self._kept(result))
