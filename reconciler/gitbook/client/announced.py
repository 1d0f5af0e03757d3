"""What a server says of its rate limit in `X-RateLimit-…`, and what that lets through.

The headers are the same for a window and for a bucket that refills, and `Reset` is rounded to seconds:
a bucket of 20 a second is hardly used by whoever waits until then. A bucket is told in two ways. More is left
than before, less the one request that was sent, though the window is the same. Or one request that is sent
before the end of a short wait passes. In a bucket `Remaining` alone decides, in a window `Reset` too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_WINDOW = 3600.0
"""Seconds: a reset that is further away makes no sense."""
UNITS = (1, 60, LONGEST_WINDOW)
"""Seconds that windows last, as a rule."""
ROUNDED = 1.0
"""Seconds by which a reset, which is a whole number of them, may be later than it is."""
SHORT = 8.0
"""Seconds: in a longer wait the rounding of its end is no matter."""
LONG = 120.0
"""Seconds: a bucket that is whole only after such a wait is not waited for."""
FEW = 20
"""Requests in a limit that shows no refill while they are sent, even where it is a bucket."""
EARLY, EARLIEST = 0.75, 30.0
"""Share of a wait, and seconds, after which one request asks whether the limit is a bucket."""
PROBES = 1
"""So many such requests that were refused, and it is a window."""
OVERFLOWING = 1.3
"""How much faster a bucket may refill than was thought while it is nearly full."""
SPARE = 2
COUNTED = 5
"""Requests from which on what they used up says how fast a bucket refills."""


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
    refill: float = 0.0
    """Requests per second that flow into a bucket; 0 where it is not known to be one."""
    flow: float = 0.0
    """The same, as the time says that it takes to be whole again: right on average, rounded to seconds."""

    @property
    def per_second(self) -> float:
        """Requests a second that it allows in the long run.

        Where a window was only seen in part, that is taken for the rest of a second, a minute or an hour.
        """
        if self.refill or self.flow:
            return self.flow or self.refill
        if self.whole:
            return self.limit / max(self.window, 1)
        return self.limit / next(unit for unit in UNITS if self.window <= unit + ROUNDED)


class Told:
    """What the headers of all replies together say."""

    def __init__(self) -> None:
        self.rate: RateLimit | None = None
        self._said = 0.0
        """When the window ends, in the server's own words."""
        self._seen = 0.0
        """When `remaining` was last said."""
        self._probing = False
        self._probes = 0
        self._origin = (0.0, 0, 0)
        """When the limit was found to be a bucket, what was left then, and what has passed since."""
        self._counted = 0
        """What has passed since `flow` was said last."""
        self._least = 0.0
        """How fast it refills at least, if it is a bucket: it is whole again at the time that is said."""
        self._measured = False
        """Whether its refill was measured since."""
        self._since = 0.0
        self._before = 0
        self._passed = 0

    @property
    def single(self) -> bool:
        """Whether no two requests ever pass in a row: what is left says nothing then."""
        return self.rate is not None and self.rate.limit == 1

    @property
    def refills(self) -> bool:
        """Whether it is a bucket."""
        return self.rate is not None and self.rate.refill > 0

    @property
    def row(self) -> int | None:
        """How many requests in a row are known to pass at best; `None` where nothing says so.

        In a bucket less than fit in: it must not run over while so many are waited for.
        """
        rate = self.rate
        if rate is None:
            return None
        if self.refills:
            row = rate.limit - SPARE - 1
            return row if self._measured and row >= COUNTED else 1
        # Whether it is a bucket is asked with as few requests as possible.
        asking = self._probes < PROBES and self._unclear(rate.window, rate)
        return 1 if asking else rate.limit

    def room(self, now: float) -> float:
        """Requests that are known to pass."""
        rate = self.rate
        if rate is None or self.expired(now):
            return 0.0
        return min(rate.limit, rate.remaining + rate.refill * (now - self._seen))

    def wait(self, requests: int, others: int, now: float) -> float:
        """Seconds until so many requests pass beside the others that were granted."""
        rate = self.rate
        if rate is None or self.expired(now) or (rate.refill and self.single):
            return 0.0
        # Many at once in a bucket: one more than is needed, as how fast it refills is known but roughly.
        spare = rate.refill > 0 and requests > SPARE
        missing = min(requests + spare, rate.limit) - (self.room(now) - others)
        if missing <= 0:
            return 0.0
        if rate.refill:
            return max(missing / rate.refill, 0.001)
        whole = rate.reset - self._seen
        if others or self._probing or self._probes >= PROBES or not self._unclear(whole, rate):
            return rate.reset - now
        early = self._seen + min(EARLY * whole, EARLIEST) - now
        self._probing = early <= 0
        return max(0.0, early)

    def _unclear(self, seconds: float, rate: RateLimit) -> bool:
        """Whether waiting so long for a whole limit costs much, should it be a bucket.

        In a short wait the rounding does, where few pass at a time; a long one is as long as nobody waits.
        """
        return seconds > LONG or (seconds <= SHORT and (rate.limit <= FEW or seconds > ROUNDED))

    def expired(self, now: float) -> bool:
        """Whether what was said is over, so that one request has to ask anew."""
        return self.rate is not None and not self.rate.refill and now >= self.rate.reset

    def refused(self) -> bool:
        """Takes in a refusal; whether it was of a request that went out early to see if the limit refills."""
        probing, self._probing = self._probing, False
        self._probes += probing
        return probing

    def take(
        self, headers: Mapping[str, str], now: float, server: float, *, refused: bool, alone: float | None
    ) -> None:
        """Takes in what a reply says; `server` is the time by its clock.

        `alone` is when its request was sent, if no other was under way at that time or since.
        """
        limit = number(headers.get("x-ratelimit-limit", ""))
        remaining = number(headers.get("x-ratelimit-remaining", ""))
        reset = number(headers.get("x-ratelimit-reset", ""))
        if remaining is None or reset is None or not 0 <= reset - server <= LONGEST_WINDOW:
            return
        old, self._passed = self.rate, self._passed + (not refused)
        self._counted += not refused
        if old and old.refill:
            self._flow(old, int(remaining), now)
        elif old and not refused and self._has_refilled(old, remaining, reset, now, alone):
            refill = (remaining - old.remaining + 1) / max(now - self._seen, 0.001)
            self.rate = replace(old, remaining=int(remaining), refill=refill, flow=max(old.flow, self._least))
            self._begin(int(remaining), now)
            self._origin, self._counted = (now, int(remaining), 0), 0
        else:
            self._window(limit, int(remaining), reset, now, server)
        self._probing = self._probing and refused
        self._seen = now

    def _has_refilled(
        self, old: RateLimit, remaining: float, reset: float, now: float, alone: float | None
    ) -> bool:
        """Whether more is left than there was, less the one that was sent: within a window that cannot be."""
        if remaining < old.remaining or now >= old.reset:
            return False
        return self._probing or (reset == self._said and alone is not None and alone >= self._seen)

    def _begin(self, remaining: int, now: float) -> None:
        self._since, self._before, self._passed = now, remaining, 0

    def _flow(self, old: RateLimit, remaining: int, now: float) -> None:
        """What passed and what is left more than before has flown in."""
        refill, flow, seconds = old.refill, old.flow, now - self._since
        flowed_in = remaining - self._before + self._passed
        at, left, passed = self._origin
        if self._counted >= COUNTED and now > at:
            self._origin, self._counted = (at, left, passed + self._counted), 0
            total = remaining - left + self._origin[2]
            flow = total / (now - at) if total >= COUNTED else flow
        # Requests that go at once say nothing while they are answered: hardly any time passes between them.
        if flowed_in >= COUNTED and seconds > 0:
            measured, self._measured = flowed_in / seconds, True
            faster = min(max(refill * OVERFLOWING, measured), 2 * measured)
            full = max(old.limit - SPARE, min(SPARE, old.limit - 1))  # then some may have run over, unseen
            refill = faster if remaining >= full else (refill + measured) / 2
            self._begin(remaining, now)
        self.rate = replace(old, remaining=remaining, refill=refill, flow=max(flow, 0.0))

    def _window(self, limit: float | None, remaining: int, reset: float, now: float, server: float) -> None:
        until, old = now + reset - server, self.rate
        if old and reset < self._said and now < old.reset:
            return  # overtaken by a reply of a later window
        if old and reset == self._said:
            # Replies overtake each other: within one window the least that was said is the latest.
            remaining, until = min(remaining, old.remaining), max(until, old.reset)
        later = reset - self._said if old else 0.0
        over = old is not None and now >= old.reset - ROUNDED
        window, flow = max(until - now, old.window if old else 0.0), old.flow if old else 0.0
        whole = old is not None and (old.whole or later > 0)
        if old and later > 0 and over:
            # A window ended and the next began: this is how long they are, or several of them.
            window = min(later, old.window) if old.whole else later
        elif later > 0 and limit and until > now:
            flow = max(flow, (limit - remaining) / (until - now))
        self._said = reset
        most = int(limit or max(remaining, 1))
        self._least = max(self._least, (most - remaining) / max(until - now, 0.1))
        self.rate = RateLimit(most, remaining, until, window, whole, flow=flow)


def number(text: str) -> float | None:
    """The finite number that a header's text is."""
    try:
        parsed = float(text)
    except ValueError:
        return None
    return parsed if math.isfinite(parsed) else None
