"""`--log`: each request on stderr: operation, address, status, time and wait; never a body."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.gitbook.client.events import RequestEvent

LEVELS: Final = ("error", "warning", "info", "debug")
NOTICED = 1.0
"""Seconds: shorter waits are shown only with `--log debug`."""


@dataclass(slots=True)
class RequestLog:
    """Receives every reply and wait of the client, and prints what the level asks for."""

    level: str = "warning"
    listeners: list[Callable[[RequestEvent], None]] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    _limited_until: float = 0.0

    def __call__(self, event: RequestEvent) -> None:
        """Handles one event."""
        if self.level == "debug":
            self._log(event)
        if event.wait:
            self._wait(event)
        elif self.level == "info" and event.reason:
            _say(f"{_about(event)}: attempt {event.attempt} failed", event.reason)

    def _wait(self, event: RequestEvent) -> None:
        """Passes a wait to the listeners, or prints it if there are none; a wait of all workers once."""
        if event.limit:
            until = self.clock() + event.wait
            if until < self._limited_until + NOTICED:
                return
            self._limited_until = until
        for listener in self.listeners:
            listener(event)
        if event.wait >= NOTICED and not self.listeners and self.level in ("warning", "info"):
            _say(f"{words(event)} {event.wait:.0f} s{why(event)}", "")

    def _log(self, event: RequestEvent) -> None:
        what = f"{event.status or 'no answer'} in {event.seconds * 1000:.0f} ms"
        _say(f"{_about(event)}: {f'waiting {event.wait:.1f} s' if event.wait else what}", event.reason)


def words(event: RequestEvent) -> str:
    """The reason for a wait: the rate limit, or a call that is repeated. The caller adds the time."""
    return "rate limit:" if event.limit else f"{event.operation} again in"


def why(event: RequestEvent) -> str:
    """The reason of a wait, to be put behind it."""
    return f" ({event.reason})" if event.reason else ""


def _about(event: RequestEvent) -> str:
    return " ".join(part for part in (event.operation, event.subject) if part) or "all workers"


def _say(what: str, reason: str) -> None:
    from reconciler.render.clean import clean  # noqa: PLC0415 - only when there is something to say

    # Not `err=True`: it would write into the progress bar.
    click.echo(clean(f"{what}: {reason}" if reason else what), file=sys.stderr)
