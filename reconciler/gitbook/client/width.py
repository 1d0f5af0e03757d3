"""How many requests may be in flight at once: learned from which were refused while how many others were."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.gitbook.client.limits import Flight

FIRST_WIDTH = 8
"""In flight once the first answer is there, where no header says how many may follow."""
TRIED = 8
"""Answers until one more in flight than is known to pass is tried; doubled each time that it was refused."""
LONGEST_PATIENCE = 400
"""Answers at most until one more in flight is tried again."""


class Width:
    """Requests in flight at once: one alone at first, and after a pause."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._width = float(FIRST_WIDTH)
        self._ceiling = math.inf
        """The most that are known to pass; infinite until something was refused."""
        self._good = 0
        self._patience = TRIED
        self.alone = True

    @property
    def now(self) -> int:
        """How many may be in flight."""
        return 1 if self.alone else self.open_to

    @property
    def open_to(self) -> int:
        """How many may be in flight once an answer is there."""
        return max(1, min(self.most, int(self._width)))

    @property
    def narrowed(self) -> bool:
        """Whether a refusal has told how many are too many."""
        return self._ceiling < math.inf

    def open(self) -> None:
        """A header says that there is room."""
        self._width = max(self._width, self.most)

    def blames(self, flight: Flight) -> bool:
        """Whether so many at once have not passed before, so that a refusal says nothing about the pace."""
        return flight.beside > self._ceiling

    def passed(self, flight: Flight) -> None:
        """Takes in that a request was not refused."""
        self.alone = False
        self._good += 1
        if flight.beside < self.now:
            return
        if flight.beside > self._ceiling:
            self._ceiling, self._patience = math.inf, TRIED
        if self._width + 1 <= self._ceiling:
            # Until something was refused it doubles with each round of answers: 100 at once take few rounds.
            step = 1.0 if self._ceiling == math.inf else 4 / max(4.0, self._width)
            self._width = min(self.most, self._width + step)
        elif self._good >= self._patience:
            self._width, self._good = self._ceiling + 1, 0

    def refused(self, flight: Flight, *, closed: bool, counted: bool) -> None:
        """Takes in the first refusal of a burst: half as many, or as before one more was tried.

        One that counts requests in a time (`counted`) says nothing about how many are in flight.
        """
        self.alone = self.alone or closed
        if counted:
            return
        if self.blames(flight):
            self._width, self._good = self._ceiling, 0
            self._patience = min(2 * self._patience, LONGEST_PATIENCE)
        elif closed and flight.beside > 1:
            self._ceiling = flight.beside - 1
            self._width = max(1.0, min(self._width / 2, self._ceiling))

    def lower(self, flight: Flight) -> None:
        """Takes in another refusal of the same burst."""
        if flight.beside > 1 and self._ceiling < math.inf:
            self._ceiling = max(1, min(self._ceiling, flight.beside - 1))
            self._width = min(self._width, self._ceiling)
