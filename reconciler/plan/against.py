"""Plans of the same live state, of these files and of another commit's → whose each change is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import Severity
from reconciler.plan.build import unchecked_steps
from reconciler.plan.diff import flat
from reconciler.plan.step import Action, Against, Change, Origin, Step, StepOrigin
from reconciler.resources.digest import Digest
from reconciler.resources.values import ABSENT, is_known, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from reconciler.diagnostics import Problem
    from reconciler.lock.document import Base
    from reconciler.plan.context import Policy
    from reconciler.plan.step import Plan
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, Live, State

Field = tuple["Address", tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of the files plans on the live state that was read, as far as it can be known."""

    steps: Mapping[Address, Step]
    unread: int = 0
    """How many addresses only it declares: whether they are live was not asked."""
    unclear: frozenset[str] = frozenset()
    """Addresses that have a problem in it."""
    unset: frozenset[Field] = frozenset()
    """Fields of which it has no known value: a secret that is not set, a file that is not in the commit."""
    broken: bool = False
    """It has a problem that may concern every address."""

    @classmethod
    def of(
        cls,
        declared: State,
        problems: Iterable[Problem],
        live: Live,
        base: Base,
        *,
        asked: Collection[Address],
        table: Table,
        policy: Policy,
    ) -> Version:
        """The version that declares these resources; of `asked` the live state is known."""
        unclear = frozenset(problem.address for problem in problems if problem.severity is Severity.ERROR)
        comparable = {
            address: item
            for address, item in declared.items()
            if address in asked or address in live.state or address in base.entries
        }
        usable = {address: item for address, item in comparable.items() if address not in unclear}
        steps = unchecked_steps(usable, live, base, table=table, policy=policy)
        return cls(
            steps={step.address: step for step in steps},
            unread=len(declared) - len(comparable),
            unclear=unclear - {""},
            unset=frozenset(_unset(usable, table)),
            broken="" in unclear,
        )

    def knows(self, address: Address, path: tuple[str, ...] = ()) -> bool:
        """Whether it can be said what this version has there."""
        if self.broken or self._is_unclear(address):
            return False
        return not any((address, path[:length]) in self.unset for length in range(1, len(path) + 1))

    def does(self, step: Step, change: Change | None = None) -> bool:
        """Whether this version does the same: the whole step, or one change of it."""
        own = self.steps.get(step.address)
        if own is None or own.action is not step.action or self._is_unclear(step.address):
            return False
        # What could not be read of its files looks as if nobody declared it any more.
        if self.broken and step.action is Action.DELETE:
            return False
        if change is None:
            return True
        return any(item.path == change.path and _same(item.after, change.after) for item in own.changes)

    def _is_unclear(self, address: Address) -> bool:
        return any(above in self.unclear for above in address.lineage)


def compare(plan: Plan, other: Version, fork: Version | None, *, ref: str, commit: str) -> Against:
    """Whose each change of the plan is.

    `other` is the version to compare with. `fork` is the version that this branch was made from, where that
    is another one and known: what the branch still has from there, and `other` has changed since, is no
    change of the branch. Carrying it out would undo what `other` has made live.
    """
    versions = (other, fork)
    origins = {step.address: _origin(step, *versions) for step in plan.steps}
    return Against(ref, commit, origins, tuple(_notes(plan, other, origins, ref)))


def _origin(step: Step, other: Version, fork: Version | None) -> StepOrigin:
    if step.action is Action.DELETE or not step.changes:
        return StepOrigin(_one(step, None, other, fork))
    changes = tuple(_one(step, change, other, fork) for change in step.changes)
    return StepOrigin(next(origin for origin in Origin if origin in changes), changes)


def _one(step: Step, change: Change | None, other: Version, fork: Version | None) -> Origin:
    if other.does(step, change):
        return Origin.BEFORE
    if not other.knows(step.address, change.path if change else ()):
        return Origin.UNKNOWN
    return Origin.UNDOES if fork and fork.does(step, change) else Origin.BRANCH


def _same(one: Any, other: Any) -> bool:
    """Whether two versions want the same value; not of a secret that is not set."""
    if one is ABSENT or other is ABSENT:
        return one is other
    if isinstance(one, Digest) or isinstance(other, Digest):
        return bool(one == other)
    return is_known(one) and is_known(other) and same(one, other)


def _unset(declared: State, table: Table) -> Iterator[Field]:
    for address, resource in declared.items():
        for path, value in flat(table[address.kind], resource.attributes):
            if not is_known(value):
                yield address, path


def _notes(plan: Plan, other: Version, origins: Mapping[Address, StepOrigin], ref: str) -> Iterator[str]:
    unknown = sum(item.step is Origin.UNKNOWN for item in origins.values())
    if other.unread:
        what = (
            "resource that only {} declares was"
            if other.unread == 1
            else "resources that only {} declares were"
        )
        yield f"{other.unread:,} {what.format(ref)} not read."
    if unknown:
        yield (
            f"Of {unknown:,} step{'s' * (unknown > 1)} nobody can say whether {ref} has them too: its files "
            "have a problem there, or a value that is not known here."
        )
    touched = {step.address for step in plan.steps}
    others = sum(address not in touched for address in other.steps)
    if others:
        yield f"{others:,} step{'s' * (others > 1)} of {ref} that are not applied yet are not in these files."
