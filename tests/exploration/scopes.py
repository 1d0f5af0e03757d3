"""What is searched, scope by scope: smallest first, each to its end, so that a count says what it covers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from tests.exploration.search import BEHAVIOURS, THINGS, Found, around, classes, fits, worlds
from tests.exploration.story import DEEDS, FAULTS, Event, Story
from tests.exploration.world import Idle, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = tuple(f"{what} {said}" for what in ("installation", "site") for said in THINGS if said != "B")
"""Whose key it is, and what the file says of that object; `B` is `a` by another name."""
SMALL = 2
ENOUGH = 100_000
"""Distinct behaviours of one part at night: a million in all."""


def of_part(part: str) -> list[Story]:
    """File, live and remembered, each for itself, of one object with one key beside one that is plain."""
    what, said = part.split(" ")
    found = worlds(bindings=what == "site", installations=what == "installation")
    return [story for story in found if getattr(story.wish, what) == said]


def searched(part: str, *, nightly: bool) -> tuple[Found, list[str]]:
    """What a part of the search has found, and the scopes that it came to the end of."""
    found, done = Found(), []
    stories = of_part(part)
    kept = classes(stories, found)
    done.append(f"{len(stories)} worlds of one key")
    for story, requests in kept:
        _all(around(story, requests), found)
    done.append(f"{len(kept)} classes x 1 event at every gap")
    for story, _ in kept:
        _all((replace(story, behaviour=behaviour) for behaviour in BEHAVIOURS), found)
    done.append(f"{len(kept)} classes x {len(BEHAVIOURS)} server behaviours")
    small = [story for story, _ in kept if story.size <= SMALL]
    _all(chain.from_iterable(map(_odd, small)), found)
    done.append(f"{len(small)} smallest x saved plan or server behaviour x 1 event at every gap")
    if nightly:
        done += _at_night([story for story, _ in kept], found)
    return found, done


def _all(stories: Iterator[Story], found: Found) -> None:
    for story in stories:
        with suppress(Idle):
            found.look(story)


def _odd(story: Story) -> Iterator[Story]:
    """The story with one thing about plan or server that is not usual, and one event at every gap."""
    for odd in (replace(story, saved=True), *(replace(story, behaviour=item) for item in BEHAVIOURS)):
        yield from around(odd, tell(odd).requests)


def _at_night(kept: list[Story], found: Found) -> Iterator[str]:
    """Pairs of everything above, smallest first, until there are enough."""
    scopes = (
        ("saved plan or server behaviour x 1 event at every gap", _odd),
        ("two events at every two gaps", _pairs),
        ("a second site", _wider),
    )
    for name, more in scopes:
        for number, story in enumerate(kept, 1):
            _all(more(story), found)
            if len(found.behaviours) >= ENOUGH:
                yield f"{number} of {len(kept)} classes x {name}"
                return
        yield f"{len(kept)} classes x {name}"


def _pairs(story: Story) -> Iterator[Story]:
    """Two faults, or a fault and a deed: a crash comes last, as nothing of the run follows it."""
    requests = tell(story).requests
    for first in range(1, requests + 1):
        for second in range(first, requests + 3):
            for one in (*FAULTS[:2], *DEEDS):
                for other in FAULTS:
                    if first < second or one in DEEDS:
                        yield replace(story, events=(Event(first, one), Event(second, other)))


def _wider(story: Story) -> Iterator[Story]:
    """The story beside a second site, declared or live or both, and one event at every gap."""
    for said in ("-", "bare", "a", "absent"):
        for live in ("-", "bare", "B"):
            wider = replace(
                story, wish=replace(story.wish, other=said), start=replace(story.start, other=live)
            )
            if (said, live) != ("-", "-") and fits(wider):
                yield from around(wider, tell(wider).requests)
