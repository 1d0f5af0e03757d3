"""The order in which a plan is shown: by integration, deletions first, names in their natural order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.plan.classes import StepClass, by_name, classes
from reconciler.plan.step import Action
from reconciler.resources.natural import natural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.plan.step import Plan, Step

RANK = {Action.DELETE: 0, Action.UPDATE: 1, Action.CREATE: 2}


@dataclass(frozen=True, slots=True)
class Group:
    """The steps of one integration: publishing it, installing it, binding it."""

    name: str
    steps: tuple[Step, ...]

    def count(self, action: Action) -> int:
        """How many of the steps have this action."""
        return sum(step.action is action for step in self.steps)

    def counts(self) -> tuple[int, int, int]:
        """How many steps add, change and destroy."""
        return self.count(Action.CREATE), self.count(Action.UPDATE), self.count(Action.DELETE)

    @property
    def classes(self) -> tuple[StepClass, ...]:
        """Its steps by class, in the same order."""
        return classes(self.steps)


def group_of(step: Step) -> str:
    """The integration that a step belongs to."""
    return step.address.root.key


def groups(steps: Iterable[Step]) -> tuple[Group, ...]:
    """The steps by integration: groups with deletions first; in a group deletions, updates, creates."""
    by_root: dict[str, list[Step]] = {}
    kinds: dict[str, int] = {}
    for step in steps:
        by_root.setdefault(group_of(step), []).append(step)
        kinds.setdefault(step.address.kind, len(kinds))

    def rank(step: Step) -> tuple[object, ...]:
        return RANK[step.action], len(step.address.lineage), kinds[step.address.kind], *by_name(step)

    unsorted = (Group(name, tuple(sorted(items, key=rank))) for name, items in by_root.items())
    return tuple(sorted(unsorted, key=lambda group: (not group.count(Action.DELETE), natural(group.name))))


def step_classes(steps: Iterable[Step]) -> tuple[StepClass, ...]:
    """All classes of these steps, in the order in which they are shown."""
    return tuple(item for group in groups(steps) for item in group.classes)


def tally(plan: Plan) -> list[tuple[str, ...]]:
    """The counts by integration as rows of a table; the first row is its head."""
    rows = (
        (group.name, *(f"{number:,}" if number else "-" for number in group.counts()))
        for group in groups(plan.steps)
    )
    return [("integration", "add", "change", "destroy"), *rows]
