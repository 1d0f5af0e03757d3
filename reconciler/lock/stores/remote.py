"""The lock in a store that many machines share: a lease for each section, and saves that merge."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.clock import Clock, SystemClock
from reconciler.errors import LockError
from reconciler.lock.document import Base, decode, encode, merged, parse, part_of
from reconciler.lock.lease import EVERY, LENGTH, Lease, Owner, decode_lease, encode_lease
from reconciler.lock.store import silent
from reconciler.lock.stores.documents import Moved, Stored, pauses, read_surely, write_surely
from reconciler.lock.stores.lease_keeper import LeaseKeeper, Watch, running_clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from reconciler.lock.stores.documents import DocumentStore

POLL = 5.0
"""Seconds between two looks at a lease that another run has."""
NOBODY = Owner("somebody")


@dataclass(slots=True)
class RemoteLock:
    """A `LockStore` over a `DocumentStore`."""

    store: DocumentStore
    section: str
    owner: Owner = NOBODY
    timeout: float = 0.0
    """Seconds to wait while another run has the lease."""
    tell: Callable[[str], None] = silent
    """Is told which run is waited for."""
    clock: Clock = SystemClock()  # noqa: RUF009 - has no state
    length: float = LENGTH
    every: float = EVERY
    poll: float = POLL
    running: Callable[[], float] = running_clock
    """The clock by which the age of leases is counted."""
    _keeper: LeaseKeeper = field(init=False)
    _one: threading.RLock = field(default_factory=threading.RLock, init=False)
    _key: str = field(default="", init=False)
    """The key of the document that has the section."""
    _read: Stored | None = field(default=None, init=False)
    _known: dict[str, Any] | None = field(default=None, init=False)
    """The section as this run has read or written it last; `None` before that."""

    def __post_init__(self) -> None:
        self._keeper = LeaseKeeper(
            self.store,
            self._lease_key,
            self.section,
            self.owner,
            self._one,
            self.length,
            self.every,
            self.running,
        )

    @property
    def name(self) -> str:
        """As --lock names it."""
        return self.store.name

    @property
    def _lease_key(self) -> str:
        """The key of the section's own lease: organizations do not wait for each other."""
        digest = hashlib.sha256(self.section.encode()).hexdigest()[:16]
        return f"{self.store.key}.{digest}.lease"

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Takes the lease, waits for it as long as --lock-timeout says, and releases it at the end."""
        if self._keeper.held:
            yield
            return
        try:
            await self._take()
            yield
        finally:
            self._release()

    async def _take(self) -> None:
        watch, known = Watch(self.running), ""
        end = self.clock.time() + self.timeout
        while other := self._keeper.attempt(watch):
            if self.clock.time() >= end:
                raise LockError(self._refusal(other))
            if str(other) != known:
                known = str(other)
                self.tell(f"{self.name}: {other}, is applying; waiting for that, {self.timeout:g} s at most")
            await self.clock.sleep(min(self.poll, max(0.0, end - self.clock.time())))

    def _refusal(self, other: Lease) -> str:
        return (
            f"{self.name}: {other}, is applying; wait until that ends, or add --lock-timeout SECONDS; "
            f"if it was killed, its lease ends after {other.length:.0f} s, or by `gbsync lock --release`"
        )

    def _release(self) -> None:
        try:
            self._keeper.release()
        except LockError as error:
            self.tell(str(error))

    def check(self) -> None:
        """Raises `LockError` if another run has taken the lease, or may have."""
        self._keeper.check()

    def holder(self) -> Lease | None:
        """The lease of the run that is applying; `None` if none is. Raises `LockError`."""
        stored = read_surely(self.store, self._lease_key)
        return decode_lease(stored.text, self.name) if stored else None

    def free(self, lease: Lease | None) -> None:
        """Releases the lease of another run, if it is still this one; `None` is one that cannot be read."""
        stored = read_surely(self.store, self._lease_key)
        current = decode_lease(stored.text, self.name) if stored and lease else None
        if lease and (current is None or current.nonce != lease.nonce):
            msg = f"{self.name}: it is {current or 'nobody'} who has the lease now; look again"
            raise LockError(msg)
        try:
            write_surely(self.store, self._lease_key, encode_lease(None), stored.revision if stored else None)
        except Moved:
            msg = f"{self.name}: the lease was renewed just now, so that run is alive; end it first"
            raise LockError(msg) from None

    def load(self) -> Base:
        """The section; an empty one when the document or the section is missing. Raises `LockError`."""
        with self._one:
            document = self._document()
            self._known = part_of(document, self.section)
            return Base() if document is None else parse(document, self.section, self.name)

    def save(self, base: Base) -> None:
        """Writes the section over what was read, and merges it with what others have written meanwhile."""
        with self._one:
            self.check()
            if not self._key:
                self._document()
            for _ in pauses():
                if self._saved(base):
                    return
                self._read = read_surely(self.store, self._key)

    async def record(self, base: Base) -> None:
        """As `save`, in a thread: requests are in progress meanwhile, and a push takes a second."""
        await asyncio.to_thread(self.save, base)

    def _saved(self, base: Base) -> bool:
        """Whether the section is written; not if the document is another one by now."""
        document = decode(self._read.text, self.name) if self._read else None
        text = encode(merged(document, self.section, base))
        if self._read is None or self._read.text != text:
            new = part_of(decode(text, self.name), self.section)
            if self._known is not None and part_of(document, self.section) not in (self._known, new):
                how = "somebody has removed the lock" if document is None else "another run has changed it"
                msg = f"{self.name}: {how} since it was read, section {self.section!r}; plan again"
                raise LockError(msg)
            try:
                revision = write_surely(
                    self.store, self._key, text, self._read.revision if self._read else None
                )
            except Moved:
                return False
            self._read, self._known = Stored(text, revision), new
        return True

    def _document(self) -> dict[str, Any] | None:
        """The document that has the section. Raises `LockError` if it cannot be read."""
        self._key = self._key or self.store.key
        self._read = read_surely(self.store, self._key)
        document = decode(self._read.text, self.name) if self._read else None
        if self._key != self.store.key or self._has_section(document):
            return document
        for key in self.store.others():
            stored = read_surely(self.store, key)
            other = decode(stored.text, f"{self.name}: {key}") if stored else None
            if self._has_section(other):
                self._key, self._read = key, stored
                return other
        return document

    def _has_section(self, document: dict[str, Any] | None) -> bool:
        return document is not None and self.section in document["sections"]
