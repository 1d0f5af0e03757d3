"""Results that say the same of several steps of one integration: one entry, with their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.plan.classes import by_name, names_of, word_of
from reconciler.render.values import pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.apply.report import Result
    from reconciler.render.masks import Masks


@dataclass(frozen=True, slots=True)
class Entry:
    """Results with one message, in the natural order of their names."""

    results: tuple[Result, ...]
    conflicts: tuple[str, ...]
    """What was not as expected, a line each."""

    @property
    def first(self) -> Result:
        """The result that stands for all of them."""
        return self.results[0]

    @property
    def subject(self) -> str:
        """`~ 98 sites of plausible`."""
        address = self.first.step.address
        members = counted(len(self.results), clean(word_of(address)))
        return f"{self.first.step.symbol} {members} of {clean(address.root.key)}"

    @property
    def names(self) -> tuple[str, ...]:
        """What people call each of them."""
        return names_of(result.step for result in self.results)


def entries(results: Iterable[Result], masks: Masks, *, expand: bool = False) -> tuple[Entry, ...]:
    """The results of one outcome, those that say the same together; `expand` leaves each by itself."""
    alike: dict[object, list[Result]] = {}
    for result in results:
        address = result.step.address
        own = address if expand else (address.kind, address.root, result.step.action)
        key = (own, result.step.reason, result.message, conflict_lines(result, masks))
        alike.setdefault(key, []).append(result)
    return tuple(
        Entry(tuple(sorted(items, key=lambda result: by_name(result.step))), conflict_lines(items[0], masks))
        for items in alike.values()
    )


def conflict_lines(result: Result, masks: Masks) -> tuple[str, ...]:
    """What the step expected, what it wanted, and what is there."""
    return tuple(_conflict_lines(result, masks))


def _conflict_lines(result: Result, masks: Masks) -> Iterable[str]:
    for conflict in result.conflicts:
        was, planned = pair(conflict.before, conflict.planned, masks)
        intent = f", to become {planned}" if planned != was else ""
        now = pair(conflict.planned, conflict.now, masks)[1]
        yield f"{clean(conflict.name)}: was {was}{intent}, is {now}"
