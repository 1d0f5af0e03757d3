"""Holds the lease of a section: takes it, renews it in a thread of its own, notices its loss, releases it."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.errors import LockError
from reconciler.lock.lease import EVERY, LENGTH, Lease, Owner, decode_lease, encode_lease
from reconciler.lock.stores.documents import (
    FAILURES,
    Moved,
    Stored,
    Unanswered,
    pauses,
    read_surely,
    write_surely,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.lock.stores.documents import DocumentStore

MARGIN = 0.1
"""The share of its length by which the holder stops earlier than others may take the lease over."""
GRAIN = 2.0
"""Seconds by which the dates of a store may be off: most have full seconds."""


def running_clock() -> float:
    """Seconds of a clock that nobody sets, and that runs on while the machine sleeps."""
    # Linux alone stops the monotonic clock during sleep.
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass(slots=True)
class Watch:
    """For how long the lease of another run has stood still."""

    clock: Callable[[], float]
    _revision: str = ""
    _since: float = 0.0

    def expired(self, stored: Stored, length: float, store: DocumentStore) -> bool:
        """Whether it stands still for its whole length: by the store's clock before we came, then by ours."""
        if stored.revision != self._revision:
            self._revision, self._since = stored.revision, self.clock() - _age(stored, store)
        return self.clock() - self._since > length


def _age(stored: Stored, store: DocumentStore) -> float:
    """Seconds since it was written, by the clock of the store; 0 where it tells none."""
    if stored.written is None:
        return 0.0
    try:
        now = store.now()
    except (Unanswered, Moved, LockError):
        return 0.0
    return max(0.0, (now or 0.0) - stored.written - GRAIN)


@dataclass(slots=True)
class LeaseKeeper:
    """The lease of one run on one section."""

    store: DocumentStore
    key: str
    section: str
    owner: Owner
    one: threading.RLock
    """Lets one thread at a time use the store."""
    length: float = LENGTH
    every: float = EVERY
    clock: Callable[[], float] = running_clock
    _lease: Lease | None = field(default=None, init=False)
    _revision: str = field(default="", init=False)
    _confirmed: float = field(default=0.0, init=False)
    """When the last write was sent that succeeded."""
    _lost: str = field(default="", init=False)
    """Who has it now, if it was lost."""
    _why: str = field(default="", init=False)
    """Why the last renewal failed."""
    _ended: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def held(self) -> bool:
        """Whether this run has taken it and not released it."""
        return self._lease is not None

    def attempt(self, watch: Watch) -> Lease | None:
        """Takes the lease; or returns the one of the run that has it. Raises `LockError`."""
        tries = pauses()
        while True:
            next(tries)
            stored = read_surely(self.store, self.key)
            other = decode_lease(stored.text, self.store.name) if stored else None
            if stored and other and not watch.expired(stored, other.length, self.store):
                return other
            if self._took(stored):
                return None

    def _took(self, stored: Stored | None) -> bool:
        """Whether it is ours now. Another run may take it between our read and our write."""
        since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        # Noted before it is written: a Ctrl-C in between must not leave a lease that nobody releases.
        self._lease = Lease(self.section, self.owner, secrets.token_hex(16), since, self.length)
        self._lost = self._why = ""
        try:
            self._write(self._lease, stored.revision if stored else None)
        except Moved:
            self._lease = None
            return False
        if not self.store.conditional:
            self._refuse_unconditional()
        self._ended = threading.Event()
        threading.Thread(
            target=self._renew_often, args=(self._ended,), name="gbsync lease", daemon=True
        ).start()
        return True

    def _refuse_unconditional(self) -> None:
        """Raises `LockError` for a store that ignores conditions: there a lease keeps nobody out.

        Two writes that must fail show it: one for a document that is not to exist yet, one for a revision
        that there never was. Google's public emulator and some servers that speak S3 carry out both.
        """
        for revision in (None, _never(self._revision)):
            if not self._refuses(revision):
                msg = (
                    f"{self.store.name}: overwrites what it was told not to overwrite, so two runs could "
                    "apply at once; take a store that keeps to `If-None-Match` and `If-Match`, or git"
                )
                raise LockError(msg)

    def _refuses(self, revision: str | None) -> bool:
        tries = pauses()
        while True:
            number = next(tries)
            try:
                self.store.write(self.key, encode_lease(self._lease), revision)
            except Moved:
                return True
            except Unanswered as error:
                if number >= FAILURES:
                    msg = f"{self.store.name}: cannot be written ({error}); try again when it can be reached"
                    raise LockError(msg) from None
            else:
                return False

    def check(self) -> None:
        """Raises `LockError` if another run has the lease, or may have it by now.

        After a sleep of the machine the lease is renewed first: often nobody wanted it meanwhile.
        """
        if self.held and not self._lost and self._is_old():
            self._renew()
        if self._lost:
            raise LockError(self._lost)
        if self.held and self._is_old():
            for_long = f"for {self.clock() - self._confirmed:.0f} s{f' ({self._why})' if self._why else ''}"
            msg = f"{self.store.name}: the lease was not renewed {for_long}; another run may apply by now"
            raise LockError(msg)

    def release(self) -> None:
        """Ends the lease, so that the next run can begin at once. Raises `LockError`."""
        self._ended.set()
        with self.one:
            lease, self._lease = self._lease, None
            if lease is None or self._lost:
                return
            try:
                self._free(lease)
            except Moved:
                return
            except LockError as error:
                msg = f"{error}; the lease was not released, so others wait for {self.length:.0f} s"
                raise LockError(msg) from None

    def _free(self, lease: Lease) -> None:
        stored = read_surely(self.store, self.key)
        current = decode_lease(stored.text, self.store.name) if stored else None
        if stored and current and current.nonce == lease.nonce:
            write_surely(self.store, self.key, encode_lease(None), stored.revision)

    def _is_old(self) -> bool:
        return self.clock() - self._confirmed > self.length * (1 - MARGIN)

    def _renew_often(self, ended: threading.Event) -> None:
        while not ended.wait(self.every / 6 if self._why else self.every):
            self._renew()

    def _renew(self) -> None:
        with self.one:
            if self._lease is None or self._lost:
                return
            try:
                self._write(replace(self._lease, renewals=self._lease.renewals + 1), self._revision)
                self._why = ""
            except Moved:
                self._lose()
            except LockError as error:
                self._why = str(error)

    def _write(self, lease: Lease, revision: str | None) -> None:
        started = self.clock()
        self._revision = write_surely(self.store, self.key, encode_lease(lease), revision)
        self._lease, self._confirmed = lease, started

    def _lose(self) -> None:
        """Notes who has it now."""
        try:
            stored = read_surely(self.store, self.key)
            other = decode_lease(stored.text, self.store.name) if stored else None
        except LockError as error:
            other, self._why = None, str(error)
        whose = f"{other} has the lease now" if other else "somebody has released the lease of this run"
        self._lost = (
            f"{self.store.name}: {whose}; this run stops here, plan again when nobody else is applying"
        )


def _never(revision: str) -> str:
    """A revision that was never there, in the form of the store."""
    return revision.translate(str.maketrans("0123456789abcdef", "1032547698badcfe"))
