"""How many lists have been read, and how many there are: the progress that a terminal shows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Lists:
    """Counts while the live state is read. `total` grows when a resource has a list of children."""

    total: int = 0
    done: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Counts one list, from its first request to its end. A list that is refused has ended, too."""
        self.total += 1
        try:
            yield
        finally:
            self.done += 1
