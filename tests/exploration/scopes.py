"""What is searched, scope by scope: smallest first, each to its end, so that a count says what it covers.

A world of one key is what one integration, one installation and one binding are declared, live and
remembered as, each for itself. Worlds that are equal up to names are one. On top of a world come other
things: an option of the file (prune, ownership, pin, protect), a plan that is saved, a second installation, a
server behaviour that the reference leaves open, and what happens at a gap between two requests: a fault, a
crash, a deed of somebody else. Every run tries each of these alone on each world, and pairs of them on the
smallest worlds; the night tries pairs on all.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.exploration.search import THINGS, Found, fits, once, thrice, twice, worlds
from tests.exploration.world import Idle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.exploration.story import Story

PARTS = (
    "app a",
    "app absent",
    *(f"{what} {said}" for what in ("installation", "site") for said in THINGS if said != "B"),
)
"""Whose key it is, and what the file says of that object; `B` is `a` by another name."""
GROUPS = tuple(PARTS[number::4] for number in range(4))
"""What one process searches."""
FEW = 1_500
"""By day pairs are tried until a part has met so many distinct behaviours."""
ENOUGH = 100_000
"""The same for three more things at night: a million in all."""


def searched(part: str, found: Found, *, nightly: bool) -> Iterator[str]:
    """The scopes of a part of the search, as it comes to their ends."""
    stories, before = worlds(*part.split(" ")), len(found.behaviours)
    _all(stories, found)
    yield f"{part}: {len(stories)} worlds of one key"
    for story in stories:
        _all(once(story), found)
    yield "all with one more thing"
    number = 0
    for story in stories:
        if nightly or len(found.behaviours) - before < FEW:
            _all(twice(story), found)
            number += 1
    yield f"{'all' if nightly else number} with two"
    if nightly:
        for story in stories:
            _all(_wider(story), found)
        yield "all with a second site and one more thing"
        number = 0
        for story in stories:
            if len(found.behaviours) - before < ENOUGH:
                _all(thrice(story), found)
                number += 1
        yield f"{number} with three"


def _all(stories: Iterable[Story], found: Found) -> None:
    for story in stories:
        with suppress(Idle):
            found.look(story)


def _wider(story: Story) -> Iterator[Story]:
    """The story beside a second site, declared or live or both, and what happens at every gap."""
    for said in ("-", "bare", "a", "absent"):
        for live in ("-", "bare", "B"):
            wider = replace(
                story, wish=replace(story.wish, other=said), start=replace(story.start, other=live)
            )
            if (said, live) != ("-", "-") and fits(wider):
                yield from once(wider)
