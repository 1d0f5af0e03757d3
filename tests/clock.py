"""A clock for tests: time passes only where somebody waits, and at once."""

from __future__ import annotations

import asyncio

START = 1_900_000_000.0


class VirtualClock:
    """Sleepers wake in order of their time; the machine does not wait with them."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self.waits: list[float] = []
        """Every wait, in the order in which they began."""

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        if seconds:
            self.waits.append(seconds)
        await asyncio.sleep(0)
        self.now = max(self.now, until)

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.now - START
