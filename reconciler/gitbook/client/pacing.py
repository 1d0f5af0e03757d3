"""How fast all workers together may go: what GitBook says is left, and the pauses that it asks for."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from reconciler.errors import RateLimited
from reconciler.gitbook.client.announced import RateLimit, Told, number
from reconciler.gitbook.client.limits import Flight, Pace
from reconciler.gitbook.client.width import Width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reconciler.clock import Clock

MAX_WAIT = 600.0
"""Seconds for which a step, or the run, is ready to be let through nothing."""

LONGEST_PROBE, LONGEST_DOUBT = 30.0, 1.0
"""Seconds at most between two requests that ask whether a limit is open, or whether it is one at all."""

LEFT = "nothing is left of the limit"

DATE_LATE = 2.0
"""Seconds that a `Date` may be behind its server's clock: cut to a second, and written a second ago."""


@dataclass(slots=True)
class Held:
    """Requests that were granted together and are not sent yet."""

    left: int
    sent: float = -math.inf
    """When one of them was sent last."""
    bound: bool = False
    """Whether it had to wait for the pace."""
    done: bool = False


class Pacer:
    """Grants requests to all workers, so that no more are sent than the server allows."""

    def __init__(self, clock: Clock, *, most: int = 16, max_wait: float = MAX_WAIT) -> None:
        self._clock = clock
        self._max_wait = max_wait
        self._turn = asyncio.Lock()
        """Whose turn it is: one after the other, so that nobody wakes together with others."""
        self._paused_until = 0.0
        self._open = 0
        """Granted, and neither answered nor given back."""
        self._units = 0
        """Granted alone or together, and not finished."""
        self._flying = 0
        """Sent, and not answered."""
        self._confirmed = asyncio.Event()
        self._cut = -math.inf
        """When the first refusal of the last burst came."""
        self._ever = False
        """Whether anything has passed in this run."""
        self._pace = Pace()
        self._width = Width(most)
        self._told = Told()
        self._apart = 0.0
        """Seconds from our clock to the latest that a `Date` has said."""

    @property
    def rate(self) -> RateLimit | None:
        """How many requests the server allows, as far as it has said so."""
        return self._told.rate

    @property
    def pause(self) -> float:
        """The seconds for which the server wants nobody to ask; 0 if it does not mind."""
        return max(0.0, self._paused_until - self._clock.time())

    def at_once(self, most: int) -> int:
        """How many requests, at most so many, pass at once right after another one, as far as is known.

        One, where a pause is asked for, or where only refusals have told of the limit: then nothing says how
        many pass in a row.
        """
        pace, room = self._pace, self._told.row
        if room is None and pace.speed < math.inf:
            return 1
        if self.pause > 0 or pace.closed or pace.spaced or self._width.narrowed:
            return 1
        return max(1, min(most, self._width.open_to, most if room is None else room - 1))

    async def grant(
        self,
        requests: int,
        waiting: Callable[[float, str], None],
        *,
        held: Held | None = None,
        since: float | None = None,
    ) -> Held:
        """Returns when so many requests may be sent. Each is then sent or given back.

        With `held`, the caller has a grant already, and this is one more in it: it waits for nobody's turn.
        `since` is when the caller first wanted to send it. Raises `RateLimited` when that would be too long.
        """
        since = self._clock.time() if since is None else since
        if held is not None:
            await self._room(requests, waiting, since, held)
            self._pace.take(requests, self._clock.time())
            held.left += requests
            return held
        async with self._turn:
            await self._room(requests, waiting, since, None)
            self._units += 1
            return Held(requests, bound=self._pace.take(requests, self._clock.time()))

    async def regrant(
        self, held: Held, waiting: Callable[[float, str], None], *, since: float | None = None
    ) -> Held:
        """One of them was refused: it and all that are left wait their turn again, together."""
        requests = held.left + 1
        self.finish(held)
        again = await self.grant(requests, waiting, since=since)
        held.left, held.bound, held.sent, held.done = again.left, again.bound, -math.inf, False
        return held

    async def _room(
        self, requests: int, waiting: Callable[[float, str], None], since: float, held: Held | None
    ) -> None:
        while True:
            wait, why = self._wait(requests, held)
            if wait is None or (wait > 0 and not why):
                await self._settlement(wait)
            elif wait > 0:
                self.endure(since, why, wait=wait)
                waiting(wait, why)
                await self._clock.sleep(wait)
            else:
                self._open += requests
                return

    def endure(self, since: float, why: str, *, wait: float = 0.0) -> None:
        """Raises `RateLimited` where what was to be sent `since` then ends up later than anybody waits."""
        now = self._clock.time()
        if now + wait - since > self._max_wait:
            raise RateLimited(why, until=now + wait)

    async def follow(self, held: Held) -> None:
        """Returns when the next request of a grant may be sent: at once, unless two in a row are refused."""
        if held.sent > -math.inf:
            await self._clock.sleep(self._pace.follow(self._clock.time()))

    @contextmanager
    def flight(self, held: Held) -> Iterator[Flight]:
        """A granted request goes out; when this ends it is answered, or lost."""
        now, paired = self._clock.time(), held.sent > -math.inf and not self._pace.spaced
        soon = now - held.sent < self._pace.interval
        held.left, held.sent = held.left - 1, now
        self._flying += 1
        flight = Flight(now, self._flying, self._pace.speed, held.bound, paired, soon)
        try:
            yield flight
        finally:
            self._flying -= 1
            # Whoever waits for the first answer waits for no limit where none came.
            self._width.alone = self._width.alone and flight.heard
            self.give_back(1)

    def give_back(self, requests: int) -> None:
        """So many granted requests are done with."""
        self._open -= requests
        self._confirmed.set()

    def finish(self, held: Held) -> None:
        """Nothing more is sent of this grant."""
        if not held.done:
            self._units -= 1
            self.give_back(held.left)
            held.left, held.done = 0, True

    def saw(
        self, headers: Mapping[str, str], flight: Flight, *, refused: bool, certain: bool = True
    ) -> float:
        """Takes in the headers of a reply; the seconds of a pause that it asks for.

        A refusal that is not `certain` may be an outage: that is not waited for as if it were a limit.
        """
        flight.heard, now = True, self._clock.time()
        server = now + self._ahead(_date(headers.get("date", "")), now)
        alone = flight.at if flight.beside == self._flying == 1 else None
        self._told.take(headers, now, server, refused=refused, alone=alone)
        if not refused:
            self._passed(flight, now)
            return 0.0
        if certain or self._ever:
            self._refused(flight, now, slowest=1 / (LONGEST_PROBE if certain else LONGEST_DOUBT))
        asked = _retry_after(headers.get("retry-after", ""), server)
        rate = self._told.rate
        if asked is None and rate and rate.remaining <= 0:
            asked = rate.reset - now
        if asked is None or asked <= 0:
            return 0.0
        self._paused_until = max(self._paused_until, now + asked)
        self._pace.paused(asked)
        self._width.alone = True
        return asked

    def _passed(self, flight: Flight, now: float) -> None:
        self._ever = True
        if self._told.room(now) >= self._width.most:
            self._width.open()
        self._width.passed(flight)
        self._pace.passed(flight, now)
        if self._told.rate and self._told.single:
            self._pace.single(self._told.rate.refill)

    def _refused(self, flight: Flight, now: float, *, slowest: float) -> None:
        """A refusal lowers the pace or the width; the others of the same burst say nothing new."""
        # Where the headers say that nothing is left, it was not too many at once.
        counted = self._told.rate is not None and self._told.rate.remaining <= 0
        if flight.at < self._cut:
            if not counted:
                self._width.lower(flight)
            return
        self._cut = now
        if self._told.refused():
            return  # it only asked whether the limit is a bucket
        self._pace.parted(flight)
        closed = False
        if not counted and self._width.blames(flight):
            self._pace.ease(flight)
        else:
            closed = self._pace.refused(flight, now, slowest=slowest)
        self._width.refused(flight, closed=closed, counted=counted)

    def _wait(self, requests: int, held: Held | None) -> tuple[float | None, str]:
        """Seconds to wait and what for; `None` where an answer that is on its way may do."""
        now = self._clock.time()
        if self.pause > 0:
            return self.pause, "GitBook asks to wait"
        if held is None and self._units >= (1 if self._told.expired(now) else self._width.now):
            return None, ""
        others = self._open - (held.left if held else 0)
        wait = self._told.wait(requests, others, now)
        if wait > 0:
            # Who has a grant sends soon, or waits for time alone: its answer may say that there is more.
            busy = self._flying or (held is None and self._units)
            if busy and not self._told.refills:
                return None, ""
            return wait, LEFT if not busy else ""
        wait = self._pace.wait(requests, now)
        return wait, f"{self._pace.speed:,.2g} requests a second pass" if wait else ""

    async def _settlement(self, longest: float | None) -> None:
        """Returns when an answer has come, or after so many seconds."""
        self._confirmed.clear()
        answer = asyncio.ensure_future(self._confirmed.wait())
        waits = {answer} if longest is None else {answer, asyncio.ensure_future(self._slept(longest))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _slept(self, seconds: float) -> bool:
        await self._clock.sleep(seconds)
        return True

    def _ahead(self, date: float | None, now: float) -> float:
        """Seconds that the server's clock is ahead of ours; a `Date` that is only a little late says nothing.

        It is cut to whole seconds, and a server may have written it a second ago: from all of them together
        the latest counts, and nothing at all while it agrees with our own clock.
        """
        if date is not None:
            apart = date - now
            far = abs(apart - self._apart) > DATE_LATE
            self._apart = apart if far else max(self._apart, apart)
        return 0.0 if -DATE_LATE <= self._apart <= 0 else self._apart


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _retry_after(text: str, server: float) -> float | None:
    """Seconds from `Retry-After`, which is a number of them or a date."""
    seconds = number(text)
    if seconds is not None:
        return max(0.0, seconds)
    date = _date(text)
    return None if date is None else max(0.0, date - server)
