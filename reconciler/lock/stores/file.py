"""`gbsync.lock`: the lock as a file. A write replaces all of it or nothing, and one run writes at a time."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import tempfile
import time
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.clock import Clock, SystemClock
from reconciler.errors import LockError
from reconciler.inputs import brief, is_there, read_bytes, resolved
from reconciler.lock.document import Base, decode, encode, merged, parse, section_of
from reconciler.lock.store import silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

if sys.platform == "win32":
    import msvcrt

    def _seize(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _seize(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


HOLDER_BYTES = 4096
"""How many bytes are read, at most, of the file that says who holds a lock."""
POLL = 0.2
"""Seconds between two attempts to take a lock that another run holds."""


@dataclass(slots=True)
class LockFile:
    """A `LockStore` in one file: JSON, sorted, with one section for each endpoint and organization."""

    path: Path
    section: str
    timeout: float = 0.0
    """Seconds to wait while another run holds the file."""
    tell: Callable[[str], None] = silent
    """Is told which run is waited for."""
    clock: Clock = SystemClock()  # noqa: RUF009 - has no state
    _held: bool = field(default=False, init=False)

    @classmethod
    def of(
        cls,
        path: Path,
        *,
        endpoint: str,
        organization: str,
        timeout: float = 0.0,
        tell: Callable[[str], None] = silent,
    ) -> LockFile:
        """The lock file at a path, for one organization at one endpoint."""
        return cls(path, section_of(endpoint, organization), timeout, tell)

    @property
    def name(self) -> str:
        """Its path, as it was given."""
        return str(self.path)

    def hold(self) -> AbstractAsyncContextManager[None]:
        """Keeps other runs from applying with this file. Raises `LockError` that says which run holds it."""
        refuse_link(self.path)
        return nullcontext() if self._held else self._hold()

    @asynccontextmanager
    async def _hold(self) -> AsyncIterator[None]:
        async with held(self.path, timeout=self.timeout, tell=self.tell, clock=self.clock):
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def check(self) -> None:
        """Nothing: the system keeps other runs out as long as this process lives."""

    def load(self) -> Base:
        """The section; an empty one when the file or the section is missing. Raises `LockError` on damage."""
        document = self._document()
        return Base() if document is None else parse(document, self.section, str(self.path))

    def save(self, base: Base) -> None:
        """Writes the section, and leaves the others as they are.

        The file is read again first: a run for another organization may have written its section meanwhile.
        """
        replace_file(self.path, encode(merged(self._document(), self.section, base)))

    async def record(self, base: Base) -> None:
        """As `save`: the disk is near."""
        self.save(base)

    def _document(self) -> dict[str, Any] | None:
        try:
            refuse_link(self.path)
            text = read_bytes(self.path).decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", "") or error
            where = brief(self.path)
            msg = f"{where}: cannot be read ({why}); restore it from git, or name another with --lock"
            raise LockError(msg) from None
        return decode(text, str(self.path))


def refuse_link(path: Path) -> None:
    """Raises `LockError` for a link: a pull request can bring one that leads to any file of the machine."""
    if os.path.islink(path):  # noqa: PTH114 - `Path.is_symlink` raises for some names
        msg = (
            f"{brief(path)}: is a link, and gbsync does not write the lock through links; "
            "put a file there, or name the one that it leads to with --lock"
        )
        raise LockError(msg)


def replace_file(path: Path, text: str) -> None:
    """Replaces all of a file, or nothing. Raises `LockError` with the cause: a full disk, or a link.

    The text goes to a new file beside it, which is synced and then renamed. A crash leaves the old lock or
    the new one, never a half.
    """
    temporary = None
    refuse_link(path)
    try:
        if is_there(path) and not path.is_file():
            raise OSError(errno.EINVAL, "it is no file")  # noqa: TRY301 - a device would be replaced
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path))
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        why = error.strerror or error
        msg = f"{brief(path)}: cannot be written ({why}); make room, or name another with --lock"
        raise LockError(msg) from None


def _mode(path: Path) -> int:
    """The permissions of the file, or those that a new one gets here: `mkstemp` makes files private."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync(folder: Path) -> None:
    """Puts the rename on the disk: it changes the folder, which the sync of the file leaves out."""
    if sys.platform != "win32":  # where a folder cannot be opened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@asynccontextmanager
async def held(
    path: Path,
    *,
    timeout: float = 0.0,  # noqa: ASYNC109 - how long others are waited for
    tell: Callable[[str], None] = silent,
    clock: Clock | None = None,
) -> AsyncIterator[None]:
    """Holds `path` for this run. The system releases it when the process ends, even when it is killed.

    When another run holds it, says once which one, and waits. Raises `LockError` when the time is over.
    """
    clock = clock or SystemClock()
    # A file of its own is held, beside the lock: each write replaces the lock, and a hold on it would go too.
    beside, known = _beside(path), ""
    end = clock.time() + timeout
    while (descriptor := _try(path, beside)) is None:
        who = _holder(beside)
        if clock.time() >= end:
            msg = f"{path}: {who} is applying with it; wait until that ends, or add --lock-timeout SECONDS"
            raise LockError(msg)
        if who != known:
            known = who
            tell(f"{path}: {who} is applying with it; waiting for that, {timeout:g} s at most")
        await clock.sleep(min(POLL, max(0.0, end - clock.time())))
    try:
        yield
    finally:
        with suppress(OSError):
            beside.unlink()
        os.close(descriptor)


def _beside(path: Path) -> Path:
    """The file that exists while a run holds the path."""
    absolute = resolved(path)
    return absolute.with_name(f".{absolute.name}.held")


def _try(path: Path, beside: Path) -> int | None:
    """An open descriptor that holds the file beside the lock; `None` while another run holds it."""
    descriptor = None
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        if _seized(descriptor, beside):
            _sign(descriptor)
            return descriptor
    except OSError as error:
        if descriptor is not None:
            os.close(descriptor)
        why = error.strerror or error
        where = brief(path)
        msg = f"{where}: its folder cannot be written ({why}); make room, or name another file with --lock"
        raise LockError(msg) from None
    os.close(descriptor)
    return None


def _seized(descriptor: int, beside: Path) -> bool:
    """Whether this run holds it now, and others see the same file.

    The run before removes the file when it ends. If that happens between our `open` and our lock on it, we
    hold a file without a name, and the next run could make a new one: both would apply.
    """
    try:
        _seize(descriptor)
        return os.fstat(descriptor).st_ino == beside.stat().st_ino
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False


def _sign(descriptor: int) -> None:
    """Writes into the file which run holds it, for the messages of runs that wait."""
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%H:%M:%S")}
    os.ftruncate(descriptor, 0)
    left = json.dumps(signature).encode()
    while left:
        left = left[os.write(descriptor, left) :]


def _holder(beside: Path) -> str:
    """Which run holds it, as far as the file says so."""
    try:
        holder = json.loads(read_bytes(beside, largest=HOLDER_BYTES))
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']},"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
