"""Under fire: whatever fails, and whoever is killed or meddles, in the end everything is as the files say."""

from __future__ import annotations

import os

import pytest

from tests.chaos.fire import survives
from tests.chaos.imagine import imagine
from tests.chaos.story import Story, as_test

pytestmark = pytest.mark.no_cover  # a search runs the same lines a million times: the trace says nothing new
FEW, MANY = 100, 5000
SEEDS = range(MANY if os.environ.get("GBSYNC_NIGHTLY") else FEW)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_it_ends_as_the_files_say_and_as_the_reports_said(seed: int) -> None:
    story = imagine(seed)
    try:
        survives(story)
    except Exception as failure:
        failure.add_note(f"\nThe same as a test of its own:\n\n{as_test(story, f'seed_{seed}')}")
        raise


def test_a_story_as_a_test_tells_the_same_story() -> None:
    story = imagine(7)
    told: dict[str, Story] = {}

    exec(as_test(story, "seven"), told)  # noqa: S102 - what a failing seed prints must run

    assert told["STORY"] == story


def test_stories_have_everything_in_them_that_can_go_wrong() -> None:
    stories = [imagine(seed) for seed in range(FEW)]

    assert {ending.how for story in stories for ending in story.endings} == {"stop", "abort", "kill"}
    assert {deed.deed for story in stories for deed in story.meddling} == {
        "bind",
        "unbind",
        "own key",
        "hotfix",
    }
    assert {story.rate for story in stories} == {0.0, 0.05, 0.15, 0.3}
    assert {story.behaviour.list_lag > 0 for story in stories} == {True, False}
    assert {story.behaviour.cursor for story in stories} == {"key", "offset"}
