"""Progress on stderr while a plan is applied, and the events file."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from reconciler.errors import LockError
from reconciler.event import Happened, Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from reconciler.step import Plan

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def observed(plan: Plan, events: str | None) -> Iterator[Callable[[Happened], None]]:
    """An observer that shows progress and writes the events file. Raises `LockError` where it cannot."""
    progress = _Progress(len(plan.steps))
    trail = _Trail(events) if events else None

    def observe(event: Happened) -> None:
        if trail:
            trail(event)
        progress(event)

    try:
        yield observe
    finally:
        progress.close()
        if trail:
            trail.close()


class _Progress:
    """A line that is rewritten on a terminal; a line every ten seconds elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.started = self.last = time.monotonic()
        self.live = sys.stderr.isatty() and not os.environ.get("CI")

    def __call__(self, event: Happened) -> None:
        if event.moment is not Moment.END:
            return
        self.done += 1
        now = time.monotonic()
        if self.live:
            click.echo(f"\r\x1b[K{self._line(now)}", err=True, nl=False)
        elif now - self.last >= EVERY:
            self.last = now
            click.echo(self._line(now), err=True)

    def _line(self, now: float) -> str:
        rate = self.done / max(now - self.started, 0.001)
        left = (self.total - self.done) / rate if rate else 0
        return f"{self.done}/{self.total} steps, {rate:.1f} per second, about {left:.0f} s left"

    def close(self) -> None:
        """Clears the line."""
        if self.live and self.done:
            click.echo("\r\x1b[K", err=True, nl=False)


class _Trail:
    """JSON lines, each on disk before what it announces."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: TextIO = self._guard(lambda: open(path, "a", encoding="utf-8"))  # noqa: PTH123, SIM115 - kept open

    def __call__(self, event: Happened) -> None:
        line = json.dumps(_line(event), ensure_ascii=False)
        self._guard(lambda: self._write(line))

    def _write(self, line: str) -> None:
        self._file.write(f"{line}\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _guard(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except OSError as error:
            reason = error.strerror or error
            msg = f"{self.path}: the events cannot be written: {reason}; name another with --events"
            raise LockError(msg) from None

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _line(event: Happened) -> dict[str, Any]:
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(),
        "moment": event.moment,
        "address": event.address,
        "action": event.action,
    }
    if event.call:
        line |= {"call": event.call, "number": event.number}
    if event.result:
        line |= {
            "outcome": event.result.outcome,
            "message": event.result.message,
            "status": event.result.status,
        }
    return line
