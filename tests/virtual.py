"""Time that passes only when everybody waits: hours in a moment, the same way each time."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

START = 1_750_000_000.0
"""When it begins, in seconds since the epoch."""

T = TypeVar("T")


class _Idle(selectors.DefaultSelector):
    """Asked to wait, lets the loop's time jump instead."""

    loop: Loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            msg = "everybody waits for something that nobody will do"
            raise RuntimeError(msg)
        self.loop.now += max(timeout, 0)
        found: list[Any] = super().select(0)
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop with a time of its own; all that asyncio waits for follows it."""

    def __init__(self) -> None:
        self.now = 0.0  # near zero, where the loop's own resolution still makes a difference
        selector = _Idle()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, after as much virtual time as it takes."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


class VirtualClock:
    """The clock of a `Loop`; in any other loop it has a time of its own, which jumps over each wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        """Every wait, in the order in which they began."""
        self._jumped = 0.0

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        loop = asyncio.get_running_loop()
        return loop.now if isinstance(loop, Loop) else self._jumped

    def time(self) -> float:
        return START + self.passed

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self.waits.append(seconds)
        until = self._jumped + seconds
        await asyncio.sleep(seconds if isinstance(asyncio.get_running_loop(), Loop) else 0)
        self._jumped = max(self._jumped, until)

    def lose(self, seconds: float) -> None:
        """Lets time pass while somebody is at work; not in a `Loop`, where work takes none."""
        self._jumped += seconds
