"""The sandbox's rate limit, in the shapes that servers have: a window, a bucket, so many at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reconciler.sandbox.trouble import rate_headers, too_many
from reconciler.sandbox.wire import Answer, answer

if TYPE_CHECKING:
    from reconciler.sandbox.behaviour import Behaviour


class Window:
    """So many requests in each period; periods begin with the epoch, so that `Reset` is exact."""

    def __init__(self, limit: int, period: float) -> None:
        self.limit = limit
        self._period = period
        self._window = -1
        self._used = 0
        self._end = 0.0

    def admits(self, now: float) -> bool:
        """Whether there is room for one more request; counts it."""
        window = math.floor(now / self._period)
        if window != self._window:
            self._window, self._used, self._end = window, 0, (window + 1) * self._period
        self._used += 1
        return self._used <= self.limit

    @property
    def left(self) -> int:
        """Requests that would still be admitted."""
        return max(0, self.limit - self._used)

    def whole(self, _now: float) -> float:
        """When the period ends."""
        return self._end

    next = whole


class Bucket:
    """As many requests at once as the bucket holds, and as many a second as flow into it."""

    def __init__(self, burst: int, per_second: float) -> None:
        self.limit = burst
        self._per_second = per_second
        self._level = float(burst)
        self._at: float | None = None

    def admits(self, now: float) -> bool:
        """Whether there is room for one more request; counts it."""
        passed = now - (now if self._at is None else self._at)
        self._at, self._level = now, min(self.limit, self._level + passed * self._per_second)
        # What flowed in is rounded: a request at the very moment is in time.
        if self._level < 1 - 1e-6:
            return False
        self._level -= 1
        return True

    @property
    def left(self) -> int:
        """Requests that would still be admitted."""
        return math.floor(self._level + 1e-6)

    def whole(self, now: float) -> float:
        """When the bucket is full."""
        return now + (self.limit - self._level) / self._per_second

    def next(self, now: float) -> float:
        """When there is one in it."""
        return now + max(0.0, 1 - self._level) / self._per_second


class Limit:
    """What the sandbox admits, what it says of that, and how it refuses."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._flying = 0
        self._shape: Window | Bucket | None = None
        rate, period = behaviour.rate_limit, behaviour.rate_period
        if rate and behaviour.rate_burst:
            self._shape = Bucket(behaviour.rate_burst, rate / period)
        elif rate:
            self._shape = Window(rate, period)

    def begin(self) -> bool:
        """A request is under way; whether there are no more at once than may be."""
        self._flying += 1
        most = self._behaviour.rate_at_once
        return not most or self._flying <= most

    def end(self) -> None:
        """A request is answered."""
        self._flying -= 1

    def admit(self, now: float) -> bool:
        """Whether there is room for one more request; counts it."""
        return self._shape is None or self._shape.admits(now)

    def announced(self, sent: Answer, now: float) -> Answer:
        """The answer with the headers that tell how much of the limit is left."""
        shape = self._shape
        if shape is None or self._behaviour.rate_told != "all":
            return sent
        headers = rate_headers(limit=shape.limit, remaining=shape.left, reset=shape.whole(now))
        return Answer(sent.status, sent.content, {**headers, **sent.headers})

    def refusal(self, now: float) -> Answer:
        """429 or as nginx has it 503, and how long to wait, if that is told."""
        status = int(self._behaviour.rate_status)
        if self._shape is None or self._behaviour.rate_told == "nothing":
            return answer(too_many({}, status))
        seconds = max(1, math.ceil(self._shape.next(now) - now))
        return self.announced(answer(too_many({"Retry-After": str(seconds)}, status)), now)
