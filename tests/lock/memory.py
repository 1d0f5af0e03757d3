"""A store of documents in memory that many runs share, with faults, lost replies and a clock of its own."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field

from reconciler.lock.stores.documents import Moved, Stored, Unanswered


@dataclass
class MemoryDocuments:
    """A `DocumentStore`."""

    share: float = 0.0
    """The share of requests that fail; half of those that fail were carried out."""
    dates: float | None = None
    """What the store's clock says; `None` if it has none."""
    conditional: bool = True
    key: str = "gbsync.lock"
    name: str = "memory:"
    faults: list[str] = field(default_factory=list)
    """What happens to the next writes: `before`, `after`, or `` for nothing."""
    log: list[str] = field(default_factory=list)
    documents: dict[str, Stored] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - the same each time
    _count: int = 0
    _one: threading.RLock = field(default_factory=threading.RLock)

    def _fault(self, *, write: bool) -> str:
        if write and self.faults:
            return self.faults.pop(0)
        return self.chance.choice(("before", "after")) if self.chance.random() < self.share else ""

    def read(self, key: str) -> Stored | None:
        with self._one:
            if self._fault(write=False):
                raise Unanswered("no answer")
            return self.documents.get(key)

    def write(self, key: str, text: str, revision: str | None) -> str:
        with self._one:
            fault = self._fault(write=True)
            if fault == "before":
                raise Unanswered("no answer")
            stored = self.documents.get(key)
            if (stored.revision if stored else None) != revision:
                raise Moved
            self._count += 1
            self.documents[key] = Stored(text, str(self._count), self.dates)
            self.log.append(key)
            if fault == "after":
                raise Unanswered("no answer")
            return str(self._count)

    def others(self) -> tuple[str, ...]:
        return tuple(key for key in self.documents if key.endswith(".lock") and key != self.key)

    def now(self) -> float | None:
        return self.dates
