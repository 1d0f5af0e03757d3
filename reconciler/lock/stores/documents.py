"""A store of documents: it reads with a revision, and writes if that revision is still the newest."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reconciler.errors import LockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAILURES = 8
"""How often a request is sent again that got no answer: for six seconds about."""
PATIENCE = 600.0
"""Seconds in which others may win again and again; with ten writers the last one needs a few."""
FIRST, LONGEST = 0.05, 3.0
"""Seconds of the first pause, and of the longest one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as a store has it."""

    text: str
    revision: str
    """Another one after each change of the text."""
    written: float | None = None
    """When it was written, by the clock of the store; `None` where the store has none."""


class Moved(Exception):
    """Nothing was written: the document has another revision, or another writer was faster."""


class Unanswered(Exception):
    """The store gave no answer that says what happened. A write was perhaps carried out."""


class DocumentStore(Protocol):
    """Documents by key. Every method may be called from any thread, one at a time.

    A read raises `Unanswered` where asking again may help, and `LockError` where it does not.
    """

    @property
    def name(self) -> str:
        """The store as --lock names it."""
        ...

    @property
    def key(self) -> str:
        """The key of the lock."""
        ...

    @property
    def conditional(self) -> bool:
        """Whether it cannot write without a condition, so that nobody has to try whether it keeps to them."""
        ...

    def read(self, key: str) -> Stored | None:
        """The document; `None` if there is none."""
        ...

    def write(self, key: str, text: str, revision: str | None) -> str:
        """Writes if the document has this revision, or if there is none for `None`. Its new revision.

        Raises `Moved`, `Unanswered` or `LockError`.
        """
        ...

    def others(self) -> tuple[str, ...]:
        """Keys beside `key` under which an earlier version of gbsync may have kept the lock."""
        ...

    def now(self) -> float | None:
        """The time by the clock with which the store dates documents; `None` if it has none."""
        ...


def pauses(pause: Callable[[float], None] = time.sleep) -> Iterator[int]:
    """Counts the tries. Before each but the first it waits, longer each time and by chance.

    Ten writers that wait equally long would meet again at each try.
    """
    number, longest = 0, FIRST
    while True:
        yield number
        pause(random.uniform(longest / 4, longest))  # noqa: S311 - spreads writers, guards nothing
        number, longest = number + 1, min(2 * longest, LONGEST)


def read_surely(
    store: DocumentStore, key: str, *, pause: Callable[[float], None] = time.sleep
) -> Stored | None:
    """The document, asked for again where no answer comes. Raises `LockError` when that does not help."""
    tries = pauses(pause)
    while True:
        number = next(tries)
        try:
            return store.read(key)
        except Unanswered as error:
            if number >= FAILURES:
                msg = f"{store.name}: cannot be read ({error}); try again when the store can be reached"
                raise LockError(msg) from None


def write_surely(
    store: DocumentStore,
    key: str,
    text: str,
    revision: str | None,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> str:
    """Writes if the document still has this revision, and finds out whether that was carried out.

    After a lost reply the store is read: a document that is as it was to become was written, and one with the
    old revision was not. Raises `Moved` if another writer has changed the document, `LockError` if the store
    does not let us write.
    """
    failures, end = 0, time.monotonic() + PATIENCE
    tries = pauses(pause)
    while True:
        next(tries)
        try:
            return store.write(key, text, revision)
        except Moved as error:
            why = error.args[0] if error.args else "other writers are always faster"
            failures = FAILURES + 1 if time.monotonic() >= end else failures
        except Unanswered as error:
            why, failures = str(error), failures + 1
        stored = read_surely(store, key, pause=pause)
        if stored and stored.text == text:
            return stored.revision
        if (stored.revision if stored else None) != revision:
            raise Moved
        if failures > FAILURES:
            msg = f"{store.name}: cannot be written ({why}); check that you may write there, and run again"
            raise LockError(msg)
