"""Models of the rate limits that servers have, and workers that send through a pacer: all in virtual time."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from reconciler.gitbook.client.pacing import Pacer
from tests import virtual

if TYPE_CHECKING:
    from reconciler.gitbook.client.pacing import Held

LATENCY = 0.02


class Limit(Protocol):
    """What a server lets through."""

    def admits(self, now: float) -> bool:
        """Whether a request that arrives now passes; counts it."""
        ...

    def headers(self, now: float) -> dict[str, float]:
        """Limit, what is left, and when it is whole again."""
        ...

    @property
    def rate(self) -> float:
        """Requests a second in the long run."""
        ...


@dataclass
class Window:
    """So many in each period; periods begin with the epoch."""

    limit: int
    period: float = 1.0
    window: int = -1
    used: int = 0

    @property
    def rate(self) -> float:
        return self.limit / self.period

    def admits(self, now: float) -> bool:
        window = math.floor(now / self.period)
        if window != self.window:
            self.window, self.used = window, 0
        self.used += self.used < self.limit + 1
        return self.used <= self.limit

    def headers(self, now: float) -> dict[str, float]:
        left, end = max(0, self.limit - self.used), (math.floor(now / self.period) + 1) * self.period
        return {"limit": self.limit, "remaining": left, "reset": end}


@dataclass
class Bucket:
    """A token bucket: so many a second, and so many at once when it is full."""

    rate: float
    burst: int
    level: float = -1.0
    at: float = 0.0

    def admits(self, now: float) -> bool:
        full = self.level < 0
        self.level = float(self.burst) if full else min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1 - 1e-9:
            return False
        self.level -= 1
        return True

    def headers(self, now: float) -> dict[str, float]:
        full = now + (self.burst - self.level) / self.rate
        return {"limit": self.burst, "remaining": math.floor(self.level + 1e-9), "reset": full}


@dataclass
class Server:
    """A limit, how it says so, and how many requests came of it."""

    limit: Limit | None = None
    at_once: int = 0
    """How many requests may be under way; 0: any number."""
    tells: str = "all"
    """`all`, `retry` (only `Retry-After`), or `nothing`."""
    status: int = 429
    latency: float = LATENCY
    flying: int = 0
    passed: int = 0
    refused: int = 0
    others: float = 0.0
    """Requests a second of a neighbour, who uses the same limit."""
    clock: virtual.VirtualClock = field(default_factory=virtual.VirtualClock)

    async def answer(self) -> tuple[dict[str, str], bool]:
        """The headers of the reply to a request that is sent now, and whether it is refused."""
        await self.clock.sleep(self.latency / 4)
        self.flying += 1
        passes = not self.at_once or self.flying <= self.at_once
        now = self.clock.time()
        passes = passes and (self.limit is None or self.limit.admits(now))
        self.passed += passes
        self.refused += not passes
        told = self._headers(now, passes=passes)
        await self.clock.sleep(self.latency / 2 if passes else 0)
        self.flying -= 1
        await self.clock.sleep(self.latency / 4)
        return told, not passes

    def _headers(self, now: float, *, passes: bool) -> dict[str, str]:
        if self.limit is None or self.tells == "nothing":
            return {}
        said = self.limit.headers(now)
        wait = {} if passes else {"retry-after": str(max(1, math.ceil(said["reset"] - now)))}
        if isinstance(self.limit, Bucket) and not passes:
            wait = {"retry-after": str(max(1, math.ceil((1 - self.limit.level) / self.limit.rate)))}
        if self.tells == "retry":
            return wait
        said["reset"] = math.ceil(said["reset"])
        return {**{f"x-ratelimit-{name}": str(int(value)) for name, value in said.items()}, **wait}

    async def neighbour(self) -> None:
        """Somebody else, who is never told to wait."""
        while True:
            await self.clock.sleep(1 / self.others)
            if self.limit is not None:
                self.limit.admits(self.clock.time())


@dataclass
class Run:
    """What it took."""

    seconds: float
    needed: int
    passed: int
    refused: int
    reads_again: int

    def used(self, rate: float, burst: float = 0.0) -> float:
        """The share of what the server would have let through in that time."""
        return self.needed / (rate * self.seconds + burst)

    @property
    def share_refused(self) -> float:
        return self.refused / (self.passed + self.refused)


async def _write(pacer: Pacer, server: Server, run: Run) -> None:
    """A read and the write that needs it, as a step does: a refused write is read again."""
    while True:
        held = await pacer.grant(2, _nothing)
        try:
            while await _sent(pacer, server, held):
                await pacer.regrant(held, _nothing)
            await pacer.follow(held)
            if not await _sent(pacer, server, held):
                return
            run.reads_again += 1
        finally:
            pacer.finish(held)


async def _read(pacer: Pacer, server: Server) -> None:
    refused = True
    while refused:
        held = await pacer.grant(1, _nothing)
        refused = await _sent(pacer, server, held)
        pacer.finish(held)


async def _sent(pacer: Pacer, server: Server, held: Held) -> bool:
    with pacer.flight(held) as flight:
        headers, refused = await server.answer()
        pacer.saw(headers, flight, refused=refused)
    return refused


def _nothing(_seconds: float, _why: str) -> None:
    """Nobody listens."""


def sent(server: Server, requests: int, *, pairs: bool = True, workers: int = 10) -> Run:
    """Sends so many requests that are needed, by workers who all want to go on at once."""

    async def work() -> Run:
        loop = asyncio.get_running_loop()
        pacer, start, left = Pacer(server.clock), loop.time(), iter(range(requests // (2 if pairs else 1)))
        run = Run(0, requests, 0, 0, 0)

        async def worker() -> None:
            for _ in left:
                await (_write(pacer, server, run) if pairs else _read(pacer, server))

        other = asyncio.ensure_future(server.neighbour()) if server.others else None
        await asyncio.gather(*(worker() for _ in range(workers)))
        if other:
            other.cancel()
        run.seconds, run.passed, run.refused = loop.time() - start, server.passed, server.refused
        return run

    return virtual.run(work())
