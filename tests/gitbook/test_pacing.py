"""The pacer by itself: what it makes of a server's clock, and of windows that follow each other."""

from __future__ import annotations

import asyncio
import math
from email.utils import formatdate

import pytest

from reconciler.gitbook.client.limits import Flight
from reconciler.gitbook.client.pacing import Pacer
from tests import virtual

LIMIT = 100
SENT = 1500


class Server:
    """So many requests in each second of its own clock; its `Date` is whole seconds, and may be late."""

    def __init__(self, *, ahead: float, late: float) -> None:
        self.clock = virtual.VirtualClock()
        self.ahead = ahead
        self.late = late
        self.window = 0.0
        self.used = 0
        self.refused = 0

    def __call__(self) -> tuple[dict[str, str], bool]:
        """The headers of the answer to a request that arrives now, and whether it is refused."""
        now = self.clock.time() + self.ahead
        if math.floor(now) != self.window:
            self.window, self.used = math.floor(now), 0
        self.used += 1
        refused = self.used > LIMIT
        self.refused += refused
        headers = {
            "date": formatdate(math.floor(now - self.late), usegmt=True),
            "x-ratelimit-limit": str(LIMIT),
            "x-ratelimit-remaining": str(max(0, LIMIT - self.used)),
            "x-ratelimit-reset": str(int(self.window) + 1),
        }
        return {**headers, **({"retry-after": "1"} if refused else {})}, refused


async def sent(server: Server) -> float:
    """The seconds that it takes to get so many requests through, ten at a time, 20 ms each."""
    clock, loop = server.clock, asyncio.get_running_loop()
    pacer, start, left = Pacer(clock), loop.time(), iter(range(SENT))

    async def work() -> None:
        for _ in left:
            refused = True
            while refused:
                held = await pacer.grant(1, lambda _seconds, _why: None)
                with pacer.flight(held) as flight:
                    await clock.sleep(0.01)
                    headers, refused = server()
                    await clock.sleep(0.01)
                    pacer.saw(headers, flight, refused=refused)
                pacer.finish(held)

    await asyncio.gather(*(work() for _ in range(10)))
    return loop.time() - start


@pytest.mark.parametrize("late", [0.0, 0.9])
def test_a_limit_is_used_up_and_not_run_into(late: float) -> None:
    server = Server(ahead=0.0, late=late)

    seconds = virtual.run(sent(server))

    assert SENT / (seconds * LIMIT) >= 0.95
    assert server.refused < SENT / 100


@pytest.mark.parametrize("ahead", [-3600.0, -30.0, 30.0, 3600.0])
def test_another_clock_is_told_from_its_date(ahead: float) -> None:
    server = Server(ahead=ahead, late=0.0)

    seconds = virtual.run(sent(server))

    assert SENT / (seconds * LIMIT) >= 0.45
    assert server.refused < SENT / 100


@pytest.mark.parametrize(
    ("resets", "rate"),
    [((0.4,), 100), ((1.9,), 100), ((7,), 100 / 60), ((45,), 100 / 60), ((600,), 100 / 3600), ((3, 25), 4)],
    ids=["a second", "a second, rounded up", "a minute", "most of it", "an hour", "seen from its beginning"],
)
def test_a_window_that_was_seen_in_part_is_taken_for_a_whole_unit(
    resets: tuple[float, ...], rate: float
) -> None:
    async def seen() -> float:
        clock = virtual.VirtualClock()
        pacer = Pacer(clock)
        for seconds in resets:
            headers = {"limit": "100", "remaining": "50", "reset": str(clock.time() + seconds)}
            told = {f"x-ratelimit-{name}": text for name, text in headers.items()}
            pacer.saw(told, Flight(clock.time(), 1, math.inf), refused=False)
            await clock.sleep(seconds)
        assert pacer.rate is not None
        return pacer.rate.per_second

    assert virtual.run(seen()) == pytest.approx(rate)
