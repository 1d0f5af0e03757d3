"""How fast all workers together may go: what GitBook says is left, and the pauses that it asks for."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reconciler.clock import Clock

MAX_PAUSE = 3600.0
"""Seconds: a longer pause is not waited for."""

UNITS = (1, 60, MAX_PAUSE)
"""Seconds that windows last, as a rule."""

ROUNDED = 1.0
"""Seconds by which a reset, which is a whole number of them, may be later than it is."""

DATE_LATE = 2.0
"""Seconds that a `Date` may be behind its server's clock: cut to a second, and written a second ago."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests GitBook allows until when, as it last said."""

    limit: int
    remaining: int
    reset: float
    """Seconds since the epoch, by this machine's clock."""
    window: float
    """Seconds: the longest time to a reset that was seen."""
    whole: bool = False
    """Whether a window began while we looked on, so that this is how long they are."""

    @property
    def per_second(self) -> float:
        """Requests a second that it allows in the long run.

        Where a window was only seen in part, that is taken for the rest of a second, a minute or an hour.
        """
        if self.whole:
            return self.limit / max(self.window, 1)
        return self.limit / next(unit for unit in UNITS if self.window <= unit + ROUNDED)


class Pacer:
    """Grants requests to all workers, so that no more are sent than GitBook allows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._paused_until = 0.0
        self._open = 0
        """Granted, and neither answered nor given back."""
        self._flying = 0
        """Sent, and not answered."""
        self._confirmed = asyncio.Event()
        self._apart = 0.0
        """Seconds from our clock to the latest that a `Date` has said."""
        self._said = 0.0
        """When the window ends, in the server's own words."""
        self.rate: RateLimit | None = None

    @property
    def pause(self) -> float:
        """The seconds for which GitBook wants nobody to ask; 0 if it does not mind."""
        return max(0.0, self._paused_until - self._clock.time())

    async def grant(self, requests: int, waiting: Callable[[float], None], *, held: int = 0) -> float:
        """Returns when so many requests may be sent, and how long that took. Each is then sent or given back.

        `held` of them were granted to the caller before and are not sent yet.
        """
        start = self._clock.time()
        while True:
            wait = self._wait(requests, held)
            if wait is None:
                await self._settlement()
            elif wait > 0:
                waiting(wait)
                await self._clock.sleep(wait)
            else:
                self._open += requests
                return self._clock.time() - start

    @contextmanager
    def flight(self) -> Iterator[None]:
        """A granted request goes out; when this ends it is answered, or lost."""
        self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1
            self.give_back(1)

    def give_back(self, requests: int) -> None:
        """So many granted requests are done with."""
        self._open -= requests
        self._confirmed.set()

    def saw(self, headers: Mapping[str, str], *, refused: bool) -> float:
        """Takes in the headers of a reply; the seconds of a pause that it asks for."""
        now = self._clock.time()
        server = now + self._ahead(_date(headers.get("date", "")), now)
        self._count(headers, now, server)
        asked = _retry_after(headers.get("retry-after", ""), server) if refused else None
        if asked is None and refused and self.rate and self.rate.remaining <= 0:
            asked = self.rate.reset - now
        if asked is None or asked <= 0:
            return 0.0
        if asked <= MAX_PAUSE:
            self._paused_until = max(self._paused_until, now + asked)
        return asked

    def _wait(self, requests: int, held: int) -> float | None:
        """Seconds to wait; `None` where an answer that is on its way may do."""
        if self.pause > 0:
            return self.pause
        now = self._clock.time()
        if self.rate is None or now >= self.rate.reset:
            return 0.0
        others = self._open - held
        if self.rate.remaining - others >= requests:
            return 0.0
        # What others were granted and have not sent yet may itself wait for us: only a flight ends by itself.
        return None if self._flying and self.rate.remaining >= requests else self.rate.reset - now

    async def _settlement(self) -> None:
        self._confirmed.clear()
        await self._confirmed.wait()

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

    def _count(self, headers: Mapping[str, str], now: float, server: float) -> None:
        limit = _number(headers.get("x-ratelimit-limit", ""))
        remaining = _number(headers.get("x-ratelimit-remaining", ""))
        reset = _number(headers.get("x-ratelimit-reset", ""))
        if remaining is None or reset is None or not 0 < reset - server <= MAX_PAUSE:
            return
        until, old = now + reset - server, self.rate
        if old and reset < self._said and now < old.reset:
            return  # overtaken by a reply of a later window
        if old and reset == self._said:
            # Replies overtake each other: within one window the least that was said is the latest.
            remaining, until = min(remaining, old.remaining), max(until, old.reset)
        whole = old is not None and (old.whole or reset > self._said)
        self._said = reset
        window = max(until - now, old.window if old else 0.0)
        self.rate = RateLimit(int(limit or remaining), int(remaining), until, window, whole)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _retry_after(text: str, server: float) -> float | None:
    """Seconds from `Retry-After`, which is a number of them or a date."""
    seconds = _number(text)
    if seconds is not None:
        return max(0.0, seconds)
    date = _date(text)
    return None if date is None else max(0.0, date - server)
