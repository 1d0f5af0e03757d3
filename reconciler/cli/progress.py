"""Progress on stderr while a plan is applied: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.trail import Trail
from reconciler.event import Happened, Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.cli.wire import Wire
    from reconciler.gitbook.client import Event
    from reconciler.step import Plan

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""
NOTICED = 1.0
"""Seconds: a shorter wait is not worth a word."""


@contextmanager
def observed(plan: Plan, events: str | None, wire: Wire) -> Iterator[Callable[[Happened], None]]:
    """An observer that shows progress and writes the events file. Raises `LockError` where it cannot."""
    trail = Trail(events) if events else None
    progress: Bar | Lines = Bar(len(plan.steps)) if _on_terminal() else Lines(len(plan.steps))
    wire.listeners.append(progress.waits)

    def observe(event: Happened) -> None:
        if trail:
            trail(event)
        progress(event)

    try:
        yield observe
    finally:
        wire.listeners.remove(progress.waits)
        progress.close()
        if trail:
            trail.close()


def _on_terminal() -> bool:
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


class Lines:
    """A line every ten seconds, and one for each wait."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self.clock = clock
        self.started = self.last = clock()

    def __call__(self, event: Happened) -> None:
        """Counts the steps that ended; whatever happens, a line is due after ten seconds."""
        self.done += event.moment is Moment.END
        now = self.clock()
        if now - self.last >= EVERY:
            self.last = now
            click.echo(f"{self.done}/{self.total} steps{self._pace(now)}", err=True)

    def _pace(self, now: float) -> str:
        if not self.done:
            return ""
        rate = self.done / max(now - self.started, 0.001)
        left = (self.total - self.done) / rate
        return f", {rate:.1f} per second, about {left:.0f} s left"

    def waits(self, event: Event) -> None:
        """Says that nothing is sent for a while."""
        if event.wait >= NOTICED:
            click.echo(f"{waiting(event)} ({self.done}/{self.total} steps done)", err=True)

    def close(self) -> None:
        """Nothing is left to say."""


class Bar:
    """A bar with rate, wait and time left."""

    def __init__(self, total: int) -> None:
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

        columns: tuple[Any, ...] = (
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("", total=total, rate="", note="")
        self._started = time.monotonic()
        self._done = 0
        self._progress.start()

    def __call__(self, event: Happened) -> None:
        """Moves the bar."""
        if event.moment is Moment.END:
            self._done += 1
            rate = self._done / max(time.monotonic() - self._started, 0.001)
            self._progress.update(self._task, advance=1, rate=f"{rate:.1f}/s", note="")

    def waits(self, event: Event) -> None:
        """Says beside the bar that nothing is sent for a while."""
        if event.wait >= NOTICED:
            self._progress.update(self._task, note=waiting(event))

    def close(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def waiting(event: Event) -> str:
    """A wait in words: for all workers, or before one call is made again."""
    return (
        f"rate limit: {event.wait:.0f} s"
        if not event.operation
        else f"{event.operation} again in {event.wait:.0f} s"
    )
