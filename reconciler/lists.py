"""How many lists there are to read, and how many have been read: what progress shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


@dataclass(slots=True)
class Lists:
    """Counts up while the live state is read; `total` grows as parents of further lists are found."""

    total: int = 0
    done: int = 0

    async def counted(self, reading: Coroutine[Any, Any, None]) -> None:
        """Reads one of them."""
        self.total += 1
        await reading
        self.done += 1
