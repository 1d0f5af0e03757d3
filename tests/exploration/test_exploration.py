"""Exhaustive in the small: no story of any small world breaks a law, and none that was found comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.exploration.oracle import wrongs
from tests.exploration.scopes import GROUPS
from tests.exploration.search import canonical, once
from tests.exploration.server import Behaviour
from tests.exploration.story import Event, Start, Story, Wish, told
from tests.exploration.world import Idle, tell

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
STORIES = sorted((Path(__file__).parent / "stories").glob("*.yaml"))
KNOWN: dict[str, tuple[Story, str]] = {}
"""Holes that are not mended yet: per law that is broken the smallest story, and why it is still open."""


@pytest.mark.slow
@pytest.mark.parametrize("parts", GROUPS, ids=", ".join)
def test_no_story_breaks_a_law(
    parts: tuple[str, ...], *, nightly: bool, record_property: Callable[[str, object], None]
) -> None:
    found = _searched(parts, nightly=nightly)
    record_property("explored", json.dumps({key: found[key] for key in ("stories", "scopes", "behaviours")}))

    assert not "\n\n".join(story for law, story in found["wrong"].items() if law not in KNOWN)


def _searched(parts: tuple[str, ...], *, nightly: bool) -> dict[str, Any]:
    """What a process of its own has found: coverage would take four times as long, and say nothing."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    arguments = [sys.executable, "-m", "tests.exploration", *parts, *(["--nightly"] if nightly else [])]
    ended = subprocess.run(arguments, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_that_was_found_once_does_not_come_back(path: Path) -> None:
    document = yaml.safe_load(path.read_text("utf-8"))
    story = told(document)
    quiet = tell(replace(story, events=()))

    found: set[str] = set()
    for shift in range(-quiet.requests, quiet.requests + 3):  # requests may have come or gone since
        events = tuple(Event(event.at + shift, event.what) for event in story.events)
        if all(event.at > 0 for event in events):
            with suppress(Idle):
                found |= set(wrongs(tell(replace(story, events=events))))

    assert found == set()


@pytest.mark.parametrize("law", KNOWN)
def test_a_known_hole_is_still_open(law: str) -> None:
    story, _ = KNOWN[law]

    assert law in set(wrongs(tell(story))), "it is mended: take it out of the table"


# the explorer itself


def test_a_story_is_what_its_text_says() -> None:
    story = Story(
        Wish("a", "null", pin="right", prune="all", protect="sites"),
        Start("bare", "a"),
        Wish("bare"),
        Behaviour(lag=3),
        saved=True,
        events=(Event(2, "lost after"), Event(4, "binds the site")),
    )

    assert told(yaml.safe_load(story.text())) == story


def test_worlds_that_differ_in_names_alone_are_one() -> None:
    one, other = Story(Wish("B", "a"), Start("a")), Story(Wish("a", "B"), Start("B"))

    assert canonical(one) == canonical(other)
    assert canonical(one) != canonical(Story(Wish("a", "a"), Start("B")))


def test_what_is_told_again_is_as_it_was() -> None:
    story = Story(Wish("a", "B", prune="managed"), Start("-"), Wish("bare", "bare"))
    stories = list(once(story))

    for item in stories:
        with suppress(Idle):
            assert tell(item).behaviour == tell(item, afresh=True).behaviour, item.text()
    assert len(stories) > 100


def test_every_gap_between_two_requests_is_reached() -> None:
    story = Story(Wish("a"), Start())
    requests = tell(story).requests

    file_was_read = set()
    for at in range(1, requests + 1):
        tale = tell(replace(story, events=(Event(at, "connects the installation"),)))
        file_was_read |= {entry.number for item in tale.rounds for entry in item.log if not entry.ours}

    assert file_was_read == set(range(1, requests + 1))


@pytest.mark.parametrize("how", ["lost before", "lost after", "crash before", "crash after"])
def test_after_a_fault_at_any_request_the_next_runs_end_as_the_file_says(how: str) -> None:
    story = Story(Wish("a", "B"), Start("-"))
    requests = tell(story).requests

    tales = [tell(replace(story, events=(Event(at, how),))) for at in range(1, requests + 1)]

    assert all(tale.resolve_intent for tale in tales)
    assert {tale.rounds[-1].end["inst_1", "site_1"]["k"] for tale in tales} == {"B"}
