"""Progress that people can live with: a line every ten seconds, a bar on a terminal, each wait in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.cli.progress import Bar, Lines, observed, waiting
from reconciler.cli.wire import Wire
from reconciler.event import Happened, Moment
from reconciler.gitbook.client import Event
from reconciler.resource import Address
from reconciler.sandbox import ORGANIZATION
from reconciler.step import Action, Plan, Step

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = Address("installation/slack")
STARTED = Happened(Moment.START, ADDRESS, Action.UPDATE)
ENDED = Happened(Moment.END, ADDRESS, Action.UPDATE)
LIMITED = Event("", "", 0, wait=12.4)
BRIEF = Event("", "", 0, wait=0.2)
RETRIED = Event("installIntegration", "installation/slack", 2, wait=3.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_line_comes_every_ten_seconds_with_pace_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = Lines(40, clock=clock)
    for _ in range(30):
        clock.now += 1
        lines(ENDED)

    assert capsys.readouterr().err.splitlines() == [
        "10/40 steps, 1.0 per second, about 30 s left",
        "20/40 steps, 1.0 per second, about 20 s left",
        "30/40 steps, 1.0 per second, about 10 s left",
    ]


def test_a_line_comes_too_while_no_step_ends(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = Lines(4, clock=clock)
    clock.now += 11
    lines(STARTED)

    assert capsys.readouterr().err == "0/4 steps\n"


def test_a_wait_is_said_at_once_and_a_short_one_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(4)
    for event in (LIMITED, BRIEF, RETRIED):
        lines.waits(event)

    assert capsys.readouterr().err.splitlines() == [
        "rate limit: 12 s (0/4 steps done)",
        "installIntegration again in 3 s (0/4 steps done)",
    ]


def shown(bar: Bar) -> str:
    """How many steps it counts, and its note."""
    (task,) = bar._progress.tasks
    return f"{task.completed:g} {task.fields['note']}"


def test_the_bar_counts_and_shows_waits() -> None:
    bar = Bar(2)
    bar(STARTED)
    bar(ENDED)
    bar.waits(LIMITED)
    bar.waits(BRIEF)
    then = shown(bar)
    bar(ENDED)
    bar.close()

    assert [then, shown(bar)] == ["1 rate limit: 12 s", "2 "]


@pytest.mark.parametrize(
    ("event", "words"), [(LIMITED, "rate limit: 12 s"), (RETRIED, "installIntegration again in 3 s")]
)
def test_a_wait_in_words(event: Event, words: str) -> None:
    assert waiting(event) == words


def test_who_applies_hears_of_waits_for_as_long_as_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire, plan = Wire(), Plan(ORGANIZATION, "", steps=(Step(Action.UPDATE, ADDRESS),))
    with observed(plan, str(tmp_path / "events.jsonl"), wire) as observe:
        observe(ENDED)
        wire(LIMITED)

    assert wire.listeners == []
    assert capsys.readouterr().err == "rate limit: 12 s (1/1 steps done)\n"
    assert (tmp_path / "events.jsonl").read_text("utf-8").count("\n") == 1
