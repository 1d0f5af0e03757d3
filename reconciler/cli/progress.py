"""Progress on stderr while a plan is applied: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome
from reconciler.cli.audit_log import AuditLog
from reconciler.cli.reading_progress import on_terminal
from reconciler.cli.request_log import NOTICED, why, words
from reconciler.render.amounts import counted, duration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from reconciler.cli.request_log import RequestLog
    from reconciler.gitbook.client.events import RequestEvent
    from reconciler.plan.step import Plan

EVERY = 10.0
"""Seconds between two lines if there is no terminal."""
WIDE = 100
"""Columns from which on there is room for a longer bar."""
SLOWED = 2.0
"""Seconds for which a short wait for the rate limit is spoken of: others follow it as a rule."""
WENT_WRONG = (Outcome.FAILED, Outcome.UNKNOWN)


@asynccontextmanager
async def observed(
    plan: Plan, events: str | None, request_log: RequestLog
) -> AsyncIterator[Callable[[StepEvent], None]]:
    """An observer that shows progress and writes the events file. Raises `LockError` if it cannot."""
    audit_log = AuditLog(events) if events else None
    pace = StepPace(len(plan.steps), asyncio.get_running_loop().time, expected=_expected(plan))
    progress: Bar | Lines = Bar(pace) if on_terminal() else Lines(pace)
    request_log.listeners.append(progress.waits)

    def observe(event: StepEvent) -> None:
        if audit_log:
            audit_log(event)
        pace.ended(event)
        progress.moved()

    try:
        yield observe
    finally:
        request_log.listeners.remove(progress.waits)
        progress.close()
        if audit_log:
            audit_log.close()


def _expected(plan: Plan) -> float:
    """Seconds that the requests take at the rate limit; 0 if that is not known."""
    return plan.requests / plan.rate if plan.rate else 0.0


@dataclass(slots=True)
class StepPace:
    """How many steps are done, how fast, and what it waits for; computed when it is shown."""

    total: int
    clock: Callable[[], float]
    expected: float = 0.0
    done: int = 0
    """Steps that are done, or were already so."""
    failed: int = 0
    """Steps that failed, or of which nobody knows; what is skipped is neither."""
    _started: float = field(init=False)
    _waits: str = ""
    _why: str = ""
    _slowed: float = -math.inf
    """When the rate limit last made somebody wait, however short."""
    _until: float = 0.0

    def __post_init__(self) -> None:
        self._started = self.clock()

    def ended(self, event: StepEvent) -> None:
        """Counts how a step ended."""
        if event.phase is not Phase.END:
            return
        outcome = event.result.outcome if event.result else Outcome.DONE
        self.failed += outcome in WENT_WRONG
        self.done += outcome not in (*WENT_WRONG, Outcome.SKIPPED)

    def waits(self, event: RequestEvent) -> bool:
        """Notes a wait; returns whether it ends later than the waits noted before."""
        until = self.clock() + event.wait
        self._slowed = self.clock() if event.limit else self._slowed
        if event.wait < NOTICED or until < self._until + NOTICED:
            return False
        self._waits, self._why, self._until = words(event), why(event), until
        return True

    @property
    def waiting(self) -> str:
        """What it waits for and how much longer; empty if it does not wait."""
        left = self._until - self.clock()
        if left > 0:
            return f"{self._waits} {duration(left)}"
        return "at the rate limit" if self.clock() - self._slowed < SLOWED else ""

    @property
    def rate(self) -> str:
        """Steps a second since it began, waits included."""
        return f"{self.done / max(self._passed, 0.001):.1f}" if self.done else ""

    @property
    def left(self) -> str:
        """The time left at this rate; before the first step is done, the time that the plan expects."""
        over = self.done + self.failed
        if over >= self.total:
            return ""
        seconds = self._passed * (self.total - over) / over if over else self.expected
        seconds = max(seconds, self._until - self.clock())
        return duration(seconds) if seconds > 0 else ""

    @property
    def _passed(self) -> float:
        return self.clock() - self._started

    @property
    def short(self) -> str:
        """All of it in a short line."""
        rate, left = self.rate and f"{self.rate}/s", self.left and f"{self.left} left"
        parts = (f"{self.done:,}/{self.total:,}", self._wrong, rate, left, self.waiting)
        return "  ".join(part for part in parts if part)

    @property
    def _wrong(self) -> str:
        return f"{self.failed:,} failed" if self.failed else ""

    def __str__(self) -> str:
        rate, left = self.rate and f"{self.rate} per second", self.left and f"about {self.left} left"
        steps = f"{self.done:,} of {counted(self.total, 'step')}"
        waiting = f"{self.waiting}{self._why if self.clock() < self._until else ''}"
        return ", ".join(part for part in (steps, self._wrong, rate, left, waiting) if part)


class Lines:
    """A line every ten seconds, and one immediately for a longer wait."""

    def __init__(self, pace: StepPace) -> None:
        self.pace = pace
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_later(EVERY, self._say)

    def moved(self) -> None:
        """Nothing: the next line tells."""

    def waits(self, event: RequestEvent) -> None:
        """Shows a long wait."""
        if self.pace.waits(event) and event.wait >= EVERY:
            self._next.cancel()
            self._say()

    def _say(self) -> None:
        click.echo(str(self.pace), err=True)
        self._next = self._loop.call_later(EVERY, self._say)

    def close(self) -> None:
        """Ends the lines."""
        self._next.cancel()


class Bar:
    """A bar with rate, time left and wait, redrawn ten times a second."""

    def __init__(self, pace: StepPace) -> None:
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415
        from rich.table import Column  # noqa: PLC0415

        console = Console(stderr=True)
        status = TextColumn("{task.fields[pace].short}", markup=False, table_column=Column(no_wrap=True))
        columns: tuple[Any, ...] = (BarColumn(bar_width=40 if console.width >= WIDE else 20), status)
        self.pace = pace
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("", total=pace.total, pace=pace)
        self._progress.start()

    def moved(self) -> None:
        """Moves the bar."""
        self._progress.update(self._task, completed=self.pace.done)

    def waits(self, event: RequestEvent) -> None:
        """Counts down beside the bar while nothing is sent."""
        self.pace.waits(event)

    def close(self) -> None:
        """Removes the bar."""
        self._progress.stop()
