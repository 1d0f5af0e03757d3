"""Progress that people can live with: a line every ten seconds, a bar on a terminal, each wait in words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome, Result
from reconciler.cli.progress import Bar, StepPace, observed
from reconciler.cli.request_log import RequestLog
from reconciler.gitbook.client.events import RequestEvent
from reconciler.plan.step import Action, Plan, Step
from reconciler.resources.resource import Address
from reconciler.sandbox import ORGANIZATION
from tests import virtual

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = Address("installation/slack")
STARTED = StepEvent(Phase.START, ADDRESS, Action.UPDATE)
ENDED = StepEvent(Phase.END, ADDRESS, Action.UPDATE)
LIMITED = RequestEvent("", "", 0, wait=12.4, limit=True)
BRIEF = RequestEvent("", "", 0, wait=0.2, limit=True)
RETRIED = RequestEvent("installIntegration", "installation/slack", 2, wait=3.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def plan(steps: int, rate: float | None = None) -> Plan:
    return Plan(ORGANIZATION, "", steps=tuple(Step(Action.UPDATE, ADDRESS) for _ in range(steps)), rate=rate)


def lines(made: Plan, *moments: tuple[float, StepEvent | RequestEvent], last: float = 0.0) -> None:
    """A run without a terminal in which each of these happens after so many seconds, and then nothing."""

    async def run() -> None:
        wire = RequestLog(clock=asyncio.get_running_loop().time)
        async with observed(made, None, wire) as observe:
            for seconds, event in moments:
                await asyncio.sleep(seconds)
                if isinstance(event, RequestEvent):
                    wire(event)
                else:
                    observe(event)
            await asyncio.sleep(last)

    virtual.run(run())


def test_a_line_comes_every_ten_seconds_with_pace_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    lines(plan(40), *[(1, ENDED)] * 34)

    assert capsys.readouterr().err.splitlines() == [
        "9 of 40 steps, 0.9 per second, about 35 s left",
        "19 of 40 steps, 0.9 per second, about 23 s left",
        "29 of 40 steps, 1.0 per second, about 12 s left",
    ]


def test_a_line_comes_too_while_nothing_happens_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    lines(plan(4, rate=0.05), (0, STARTED), last=25)

    assert capsys.readouterr().err == "0 of 4 steps, about 80 s left\n" * 2


def test_a_pause_of_all_workers_is_said_once_and_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines(plan(4), (1, ENDED), *[(0.01, LIMITED)] * 10, (0, BRIEF), (0, RETRIED), last=10.5)

    assert capsys.readouterr().err.splitlines() == [
        "1 of 4 steps, 1.0 per second, about 13 s left, rate limit: 13 s",
        "1 of 4 steps, 0.1 per second, about 34 s left, rate limit: 3 s",
    ]


def test_a_short_wait_is_said_with_the_next_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines(plan(4), (9, RETRIED), last=2)

    assert capsys.readouterr().err == "0 of 4 steps, about 2 s left, installIntegration again in 2 s\n"


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    lines(plan(2), (1, ENDED), (3, ENDED))

    assert capsys.readouterr().err == ""


def test_where_a_plan_is_made_a_wait_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    wire = RequestLog(clock=clock)
    for event in (LIMITED, LIMITED, BRIEF, RETRIED):
        wire(event)
    clock.now += 13
    wire(LIMITED)

    assert capsys.readouterr().err.splitlines() == [
        "rate limit: 12 s",
        "installIntegration again in 3 s",
        "rate limit: 12 s",
    ]


@pytest.mark.parametrize(("level", "lines"), [("error", 0), ("info", 1), ("debug", 2)])
def test_a_wait_is_logged_as_the_level_asks(
    capsys: pytest.CaptureFixture[str], level: str, lines: int
) -> None:
    wire = RequestLog(level)
    wire(LIMITED)
    wire(BRIEF)

    assert len(capsys.readouterr().err.splitlines()) == lines


def test_beside_the_bar_stand_rate_time_left_and_the_wait_that_counts_down() -> None:
    clock = Clock()
    pace = StepPace(1200, clock, expected=70)
    first = pace.short
    clock.now += 10
    pace.done = 100
    pace.waits(LIMITED)
    then = pace.short
    clock.now += 8
    later = pace.short
    clock.now += 5
    pace.done = 1200

    assert [first, then, later, pace.short] == [
        "0/1,200  70 s left",
        "100/1,200  10.0/s  2 min left  rate limit: 13 s",
        "100/1,200  5.6/s  4 min left  rate limit: 5 s",
        "1,200/1,200  52.2/s",
    ]


@pytest.mark.parametrize(("columns", "bar"), [(80, 20), (200, 40)])
def test_the_bar_fits_into_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int, bar: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock()
    pace = StepPace(50_000, clock)
    shown = Bar(pace)
    clock.now += 100
    pace.done = 4_999
    pace.waits(LIMITED)
    shown.moved()
    shown._progress.refresh()
    shown.close()
    drawn = [line for line in capsys.readouterr().err.splitlines() if "4,999" in line]

    assert drawn
    assert "4,999/50,000  50.0/s  16 min left  rate limit: 13 s" in drawn[0]
    assert drawn[0].count("━") + drawn[0].count("╸") + drawn[0].count("╺") == bar


def test_what_is_said_while_there_is_a_bar_stands_above_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    shown = Bar(StepPace(2, Clock()))
    RequestLog("info")(
        RequestEvent("listSites", "organization/x", 1, status=503, reason="GitBook answers [503]")
    )
    shown.close()
    said = [line for line in capsys.readouterr().err.splitlines() if "failed" in line]

    assert len(said) == 1
    assert said[0].endswith("listSites organization/x: attempt 1 failed: GitBook answers [503]")
    assert "━" not in said[0]


def ended(outcome: Outcome) -> StepEvent:
    return StepEvent(Phase.END, ADDRESS, Action.UPDATE, result=Result(Step(Action.UPDATE, ADDRESS), outcome))


def test_what_failed_is_counted_apart_and_what_was_skipped_not_at_all() -> None:
    pace = StepPace(298, Clock())
    for outcome in (Outcome.DONE, Outcome.ALREADY, Outcome.FAILED, Outcome.UNKNOWN, *[Outcome.SKIPPED] * 294):
        pace.ended(ended(outcome))

    assert pace.short.startswith("2/298  2 failed  ")
    assert str(pace).startswith("2 of 298 steps, 2 failed, ")


def test_why_there_is_a_wait_is_said_and_that_the_limit_slows_it_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = RequestEvent("", "", 0, wait=12.4, limit=True, reason="GitBook asks to wait")
    lines(plan(4), (8, BRIEF), (1, BRIEF), (2, asked), last=1)

    assert capsys.readouterr().err.splitlines() == [
        "0 of 4 steps, at the rate limit",
        "0 of 4 steps, about 13 s left, rate limit: 13 s (GitBook asks to wait)",
    ]


async def test_who_applies_hears_of_waits_for_as_long_as_it_takes(tmp_path: Path) -> None:
    wire = RequestLog()
    async with observed(plan(1), str(tmp_path / "events.jsonl"), wire) as observe:
        observe(ENDED)
        assert len(wire.listeners) == 1

    assert wire.listeners == []
    assert (tmp_path / "events.jsonl").read_text("utf-8").count("\n") == 1
