"""Sentences that every form of a drift report shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.drift import What, Who
from reconciler.plan.step import Origin
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.plan.origins import comparison, part_title
from reconciler.render.plan.sentences import LEFT_OUT
from reconciler.render.values import inline, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.drift import Drift, Item, Move


FATES = tuple(what for what in What if what is not What.CHANGED)
FORGETFUL = (
    "No lock says what was applied last, so which side moved is unknown. `gbsync lock --adopt` makes one."
)


def summary(drift: Drift) -> str:
    """One line, such as `Drift: 2 fields moved (1 live, 1 both), 1 resource appeared.`."""
    if not drift.items:
        return "No drift."
    sides = {who: drift.fields(who) for who in Who}
    clauses = [f"{counted(drift.count(what), 'resource')} {what}" for what in FATES if drift.count(what)]
    if any(sides.values()):
        which = ", ".join(f"{number:,} {who}" for who, number in sides.items() if number)
        clauses.insert(0, f"{counted(sum(sides.values()), 'field')} moved ({which})")
    return f"Drift: {', '.join(clauses)}."


def circumstances(drift: Drift) -> Iterator[str]:
    """Sentences that a reader must see before the items."""
    yield from map(clean, drift.notes)
    if drift.against:
        yield from comparison(drift.against)
    if not drift.remembered and drift.items:
        yield FORGETFUL
    if drift.partial:
        yield f"This report is partial: {LEFT_OUT}"


def parts(drift: Drift) -> Iterator[tuple[str, tuple[Item, ...]]]:
    """The items by origin with a heading, those of this branch first; else all without a heading."""
    if drift.against is None:
        yield "", drift.items
        return
    for origin in Origin:
        items = tuple(item for item in drift.items if drift.against.of(item.address) is origin)
        if items:
            yield part_title(origin), items


def unmanaged_sentences(drift: Drift) -> Iterator[str]:
    """How many live resources no file declares; nothing if there are none."""
    if drift.unmanaged:
        verb = "is" if drift.unmanaged == 1 else "are"
        yield f"{counted(drift.unmanaged, 'live resource')} {verb} unmanaged."


def masks_of(drift: Drift) -> Masks:
    """The masks of all secrets, numbered in the order of the items."""
    masks = Masks()
    for item in drift.items:
        for move in item.moves:
            masks.meet(move.file, move.live)
    return masks


def both_sides(move: Move, masks: Masks) -> tuple[str, str]:
    """The value in the file and the live value."""
    if move.live is ABSENT and move.unknown:
        return inline(move.file, masks), "(not readable)"
    return pair(move.file, move.live, masks)
