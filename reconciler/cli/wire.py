"""`--log`: what goes over the wire, on stderr: operation, address, status, time and wait; never a body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.gitbook.client import Event

LEVELS: Final = ("error", "warning", "info", "debug")
NOTICED = 1.0
"""Seconds: a shorter wait is only worth a line where everything is shown."""


@dataclass(slots=True)
class Wire:
    """Hears of each answer and each wait, and says what the level asks for."""

    level: str = "warning"
    listeners: list[Callable[[Event], None]] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Takes one event in."""
        for listener in self.listeners:
            listener(event)
        if event.wait and (self.level == "debug" or (event.wait >= NOTICED and not self.listeners)):
            self._say(f"waiting {event.wait:.1f} s", event)
        elif self.level == "debug" and not event.wait:
            self._say(f"{event.status or 'no answer'} in {event.seconds * 1000:.0f} ms", event)
        elif self.level == "info" and event.reason:
            self._say(f"attempt {event.attempt} failed", event)

    def _say(self, what: str, event: Event) -> None:
        from reconciler.render.text import clean  # noqa: PLC0415 - only when there is something to say

        about = " ".join(part for part in (event.operation, event.subject) if part) or "all workers"
        reason = f": {event.reason}" if event.reason else ""
        click.echo(clean(f"{about}: {what}{reason}"), err=True)
