"""Drift as JUnit's XML: a suite for each integration, a failure for each resource that has moved."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from reconciler.plan.drift import What
from reconciler.render.drift.sentences import both_sides, masks_of, summary
from reconciler.render.junit import Case, junit_text
from reconciler.render.plan.sentences import label_text

if TYPE_CHECKING:
    from reconciler.plan.drift import Drift, Item
    from reconciler.render.masks import Masks


def drift_junit(drift: Drift) -> str:
    """The drift by integration; without any, one case that passed."""
    masks = masks_of(drift)
    suites = [
        (root, [_case(item, masks, root) for item in items])
        for root, items in groupby(drift.items, key=lambda item: item.address.root.key)
    ]
    nothing = [(drift.organization, [Case(summary(drift), drift.organization)])]
    return junit_text("gbsync drift", suites or nothing)


def _case(item: Item, masks: Masks, root: str) -> Case:
    label, place = label_text(item), item.place
    return Case(
        name=f"{label} ({item.address})" if label else str(item.address),
        group=root,
        failure="\n".join(_lines(item, masks)),
        kind=f"{item.what.value}-{item.who.value}",
        file=place.file if place else "",
        line=place.line if place else 0,
    )


def _lines(item: Item, masks: Masks) -> list[str]:
    if item.what is not What.CHANGED:
        return [f"{item.what.value}: {item.sentence}"]
    sides = ((move, both_sides(move, masks)) for move in item.moves)
    return [f"{move.who.value} moved: {move.name}: file {file}, live {live}" for move, (file, live) in sides]
