"""What is learned of a rate limit from refusals alone: how many requests a second pass.

Servers limit in different shapes: so many in a window, a bucket that refills, so many at once. None of them
has to say so in a header. Two numbers fit all of them: a pace, which is requests evenly spaced, and a width
(`width.py`), which is requests in flight. Each refusal lowers one of them; each answer lets it climb, quickly
to just below where it was refused, and slowly past it: a neighbour may have gone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

APART = 2
"""Writes refused right after their read, where none has passed: no two requests ever pass in a row."""
SETTLED = 8
"""Requests let through between two refusals from which on their number says how fast the limit is."""
CLIMB = 0.1
"""Share of the way to the ceiling that one answer climbs."""
EASED = 0.9
"""Share of the pace that is left where it is not certain that it was the pace."""
SAME = 0.95
"""Share of the pace with which an answer's request must have been sent to say something about that pace."""
QUICK = 0.15
"""Share by which one answer raises the pace past the ceiling, before anything is known well."""


@dataclass(slots=True)
class Flight:
    """A request under way, and how things stood when it was sent."""

    at: float
    beside: int
    """Requests in flight, this one included."""
    pace: float
    bound: bool = False
    """Whether it had to wait for the pace."""
    paired: bool = False
    """Whether it was sent right after another one, without the interval between."""
    soon: bool = False
    """Whether it was sent sooner after that one than the pace is."""
    heard: bool = False
    """Whether it was answered."""


class Pace:
    """Requests per second, evenly spaced; infinite until something was refused."""

    def __init__(self) -> None:
        self.speed = math.inf
        self.spaced = False
        """Whether even two in a row are refused: then a write follows its read one interval later."""
        self.closed = False
        """Whether nothing has passed since the last refusal."""
        self._ceiling = math.inf
        self._next = 0.0
        self._since: float | None = None
        """When the period began in which `_passed` requests passed: its average is the limit."""
        self._passed = 0
        self._fresh = 0
        """Passed since the last refusal."""
        self._in_a_row = 0
        """Writes that passed right after their read, while there was a pace."""
        self._apart = 0
        """Writes that were refused there."""
        self._cut = -math.inf
        self.bound = False
        """Whether the last request that was taken had to wait."""
        self._before = (0.0, 0)
        """The period before this one: when it began, and how many passed."""
        self._last = (0.0, math.inf)
        """The average of that period, and the pace that was refused at its end."""
        self._idle = 0.0
        """Seconds of this period in which nothing was to be sent."""
        self._known = 0
        """Refusals from which the pace was measured well."""

    @property
    def interval(self) -> float:
        """Seconds between two requests."""
        return 1 / self.speed

    def wait(self, requests: int, now: float) -> float:
        """Seconds until so many requests may go, at once or, where two in a row are refused, spaced."""
        ahead = 0 if self.spaced or self.closed else requests - 1
        wait = max(0.0, self._next + ahead * self.interval - now)
        self.bound = self.bound or wait > 0
        return wait

    def take(self, requests: int, now: float) -> bool:
        """Uses up the room of so many requests; whether they had to wait for it."""
        bound, self.bound = self.bound, False
        ahead = 0 if self.spaced or self.closed else requests - 1
        self._next = max(now, self._next + ahead * self.interval) + self.interval
        return bound

    def follow(self, now: float) -> float:
        """Seconds until the next of requests that belong together may go: 0, unless they have to be spaced.

        It goes before all others that wait, so that a write follows its read after one interval.
        """
        if not self.spaced:
            return 0.0
        at = max(now, self._next)
        self._next = at + self.interval
        return at - now

    def passed(self, flight: Flight, now: float) -> None:
        """Takes in that a request was not refused."""
        self._since = flight.at if self._since is None else self._since
        if flight.at < self._cut:
            self._passed += self.closed  # of the burst that was refused in part
            return
        if self.closed:
            self.closed = False
            self._end_period(now)
        self._passed += 1
        self._fresh += 1
        self._in_a_row += flight.paired and flight.pace < math.inf and flight.soon
        if self.speed < math.inf and flight.bound and flight.pace >= self.speed * SAME:
            self._climb(now)

    def single(self, speed: float) -> None:
        """A header says that no two requests ever pass in a row, and how fast, if that is known."""
        self.spaced = True
        if speed > 0:
            self.speed = min(self.speed, speed) if self.speed == math.inf else self.speed

    def paused(self, seconds: float) -> None:
        """Nothing is sent for so long; a bucket may run over meanwhile."""
        self._idle = seconds

    def parted(self, flight: Flight) -> None:
        """Takes in a refusal of whatever kind, in case that it was a write right after its read."""
        self._apart += flight.paired and flight.pace < math.inf
        self.spaced = self.spaced or (self._apart >= APART and not self._in_a_row)

    def ease(self, flight: Flight) -> None:
        """Takes in a refusal that the width is blamed for, in case that it was the pace after all."""
        self.speed = min(self.speed, flight.pace * EASED)

    def refused(self, flight: Flight, now: float, *, slowest: float) -> bool:
        """Takes in a refusal; whether the limit is closed, and the next request has to ask alone."""
        fresh, self._fresh = self._fresh, 0
        self._since = flight.at if self._since is None else self._since
        self._cut = now
        if fresh >= SETTLED and self.speed < math.inf:
            self._known += 1
            self._ceiling = flight.pace
            self._end_period(now)
            self._next = max(self._next, now + self.interval)
            return False
        self._close(flight, now, slowest)
        return True

    def _close(self, flight: Flight, now: float, slowest: float) -> None:
        """Each probe that is refused doubles the wait for the next."""
        if self.closed:
            self.speed = max(self.speed / 2, min(self.speed, slowest))
        else:
            self.closed = True
            self._ceiling = flight.pace
            if self._known and self._passed < SETTLED:
                self._since, self._passed = self._before[0], self._before[1] + self._passed
            measured = max(1, self._passed) / max(now - (self._since or 0.0), 0.001)
            self.speed = max(min(self.speed, measured) / 2, slowest)
        self._next = max(self._next, now + self.interval)

    def _end_period(self, now: float) -> None:
        """A period ends. The limit lies between its average and the pace that was refused.

        A bucket with a burst is told by its averages, which stay the same: it was empty at both ends. Where
        no burst is allowed it is the refused paces that stay the same, and the averages lag behind.
        """
        began = now if self._since is None else self._since
        average = self._passed / (now - began) if now > began and self._passed else self.speed
        top = max(average, self._ceiling) if self._ceiling < math.inf else average
        old_average, old_top = self._last
        self._last = (average, top)
        idle, self._idle = self._idle if not self.closed else 0.0, 0.0
        if 0 < idle < now - began:
            top = max(average, min(top, self._passed / (now - began - idle)))
            self._ceiling = math.sqrt(average * top)
            self.speed = self._ceiling * 0.97
        elif _apart(top, old_top) < _apart(average, old_average):
            self._ceiling, self.speed = top, top * 0.975
        else:
            self._ceiling = math.sqrt(average * min(top, 4 * average))
            self.speed = (average + self._ceiling) / 2 * 0.97
        self._before = (began, self._passed)
        self._since, self._passed = now, 0

    def _climb(self, now: float) -> None:
        """Quickly to just below where it was refused, then slowly, and the faster the longer nothing is."""
        goal = self._ceiling * 0.985
        if self._ceiling < math.inf and self.speed < goal * 0.995:
            self.speed += (goal - self.speed) * CLIMB
            return
        if self._since is not None and self.speed * (now - self._since) > 4 * self._passed + SETTLED:
            return  # much faster than what has passed in this period: it has to show that first
        step = QUICK / (1 + 5 * self._known**2)
        self.speed *= 1 + min(QUICK, max(0.0003, step) * (1 + self._fresh / 50))


def _apart(one: float, other: float) -> float:
    """By what factor two rates differ, as a logarithm."""
    return abs(math.log(one / other)) if one > 0 and 0 < other < math.inf else math.inf
