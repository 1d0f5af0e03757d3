"""Items of a drift report that say the same of several resources: one entry, with their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.plan.classes import StepClass, classes
from reconciler.plan.drift import What
from reconciler.plan.step import Action, Change, Step
from reconciler.render.plan.classes import by_name
from reconciler.resources.natural import natural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.plan.drift import Item, Move

ACTIONS = {
    What.CHANGED: Action.UPDATE,
    What.VANISHED: Action.CREATE,
    What.DECLARED: Action.CREATE,
    What.APPEARED: Action.DELETE,
    What.DROPPED: Action.DELETE,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A class of items, of which the same has become and which the same side has moved."""

    steps: StepClass
    items: tuple[Item, ...]
    """In the order of the steps, which is that of their names."""

    @property
    def first(self) -> Item:
        """The item that stands for what all of them have in common."""
        return self.items[0]

    @property
    def common(self) -> tuple[Move, ...]:
        """The moves that all of its items share."""
        varying = set(self.steps.varying)
        return tuple(move for move in self.first.moves if move.path not in varying)


def entries(items: Iterable[Item], *, expand: bool = False) -> tuple[Entry, ...]:
    """The items by class, in their order; `expand` leaves each by itself."""
    alike: dict[object, list[Item]] = {}
    for item in sorted(items, key=_rank):
        sides = tuple((move.path, move.who) for move in item.moves)
        key = item.address if expand else (item.address.root, item.what, item.who, item.reason, sides)
        alike.setdefault(key, []).append(item)
    return tuple(entry for members in alike.values() for entry in _entries(members))


def _rank(item: Item) -> tuple[Any, ...]:
    """By integration, what stands at the top first, then the names in their natural order."""
    return natural(item.address.root.key), len(item.address.lineage), *by_name(item)


def _entries(members: Iterable[Item]) -> Iterable[Entry]:
    by_address = {item.address: item for item in members}
    for item in classes(_step(member) for member in by_address.values()):
        yield Entry(item, tuple(by_address[step.address] for step in item.steps))


def _step(item: Item) -> Step:
    """What would set it back; of what vanished or appeared the fields do not matter."""
    changes = tuple(
        Change(move.path, move.live, move.file, unknown=move.unknown, place=move.place)
        for move in (item.moves if item.what is What.CHANGED else ())
    )
    return Step(ACTIONS[item.what], item.address, changes, label=item.label, place=item.place)
