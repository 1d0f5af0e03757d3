"""A loop whose time passes only when everybody waits: hours in a moment, the same way each time."""

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


class VirtualClock:
    """The clock of the running loop."""

    def time(self) -> float:
        return START + asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, after as much virtual time as it takes."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)
