"""How many lists there are to read, and how many have been read: what progress shows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Lists:
    """Counts up while the live state is read; `total` grows as parents of further lists are found."""

    total: int = 0
    done: int = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """For as long as one of them is read; one that is refused has been read too."""
        self.total += 1
        try:
            yield
        finally:
            self.done += 1
