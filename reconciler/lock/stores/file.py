"""`gbsync.lock`: the lock as a file, replaced whole or not at all, and written by one run at a time."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.clock import Clock, SystemClock
from reconciler.errors import LockError
from reconciler.inputs import brief, is_there, read_bytes, resolved
from reconciler.lock.document import Base, decode, encode, merged, parse, section_of

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


HOLDER = 4096
"""Bytes that the signature of who holds a lock may have."""
PATIENCE = 0.2
"""Seconds between two looks at a lock that another run holds."""


def untold(_text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class LockFile:
    """JSON, sorted, one section per endpoint and organization."""

    path: Path
    section: str
    timeout: float = 0.0
    """Seconds to wait for another run to end."""
    tell: Callable[[str], None] = untold
    """Hears what is waited for."""
    clock: Clock = SystemClock()  # noqa: RUF009 - has no state

    @classmethod
    def of(
        cls,
        path: Path,
        *,
        endpoint: str,
        organization: str,
        timeout: float = 0.0,
        tell: Callable[[str], None] = untold,
    ) -> LockFile:
        """The lock file at a path, for one organization at one endpoint."""
        return cls(path, section_of(endpoint, organization), timeout, tell)

    @property
    def name(self) -> str:
        """Its path, as it was given."""
        return str(self.path)

    def hold(self) -> AbstractAsyncContextManager[None]:
        """Keeps other runs from applying with this file. Raises `LockError` that says who does."""
        refuse_link(self.path)
        return held(self.path, timeout=self.timeout, tell=self.tell, clock=self.clock)

    def load(self) -> Base:
        """The section, empty where there is none. Raises `LockError` on a damaged file."""
        document = self._document()
        return Base() if document is None else parse(document, self.section, str(self.path))

    def save(self, base: Base) -> None:
        """Writes the section and leaves the others as they are."""
        replace_file(self.path, encode(merged(self._document(), self.section, base)))

    def _document(self) -> dict[str, Any] | None:
        try:
            refuse_link(self.path)
            text = read_bytes(self.path).decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", "") or error
            cause = f"{brief(self.path)}: cannot be read ({why})"
            msg = f"{cause}; restore it from git, or name another with --lock"
            raise LockError(msg) from None
        return decode(text, str(self.path))


def refuse_link(path: Path) -> None:
    """Raises `LockError` for a link: it may come with somebody's pull request, and lead anywhere."""
    if os.path.islink(path):  # noqa: PTH114 - `Path.is_symlink` raises for some names
        msg = (
            f"{brief(path)}: is a link, and gbsync writes the lock through none; "
            "put a file there, or name the one that it leads to with --lock"
        )
        raise LockError(msg)


def replace_file(path: Path, text: str) -> None:
    """Writes a file whole or not at all. Raises `LockError` with the cause: a full disk, or a link."""
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
    """The permissions that the file has, or that a new one gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync(folder: Path) -> None:
    """Puts the new name itself on the disk, where folders can be opened."""
    if sys.platform != "win32":
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
    tell: Callable[[str], None] = untold,
    clock: Clock | None = None,
) -> AsyncIterator[None]:
    """Holds what stands at `path` for this run; the system lets go of it when the run ends, however it ends.

    Says who holds it, once, where that is waited for. Raises `LockError` that says so when the time is over.
    """
    clock = clock or SystemClock()
    beside, known = _beside(path), ""
    end = clock.time() + timeout
    while (descriptor := _try(path, beside)) is None:
        who = _holder(beside)
        if clock.time() >= end:
            msg = f"{path}: {who} is applying with it; wait until that ends, or say --lock-timeout SECONDS"
            raise LockError(msg)
        if who != known:
            known = who
            tell(f"{path}: {who} is applying with it; waiting for that, {timeout:g} s at most")
        await clock.sleep(min(PATIENCE, max(0.0, end - clock.time())))
    try:
        yield
    finally:
        with suppress(OSError):
            beside.unlink()
        os.close(descriptor)


def _beside(path: Path) -> Path:
    """The file that is there while somebody holds the path."""
    whole = resolved(path)
    return whole.with_name(f".{whole.name}.held")


def _try(path: Path, beside: Path) -> int | None:
    """The open descriptor that holds the file beside; `None` while another run does."""
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
        cause = f"{brief(path)}: its folder cannot be written ({why})"
        msg = f"{cause}; make room, or name another file with --lock"
        raise LockError(msg) from None
    os.close(descriptor)
    return None


def _seized(descriptor: int, beside: Path) -> bool:
    """Whether it is ours now, and still the file that others see."""
    try:
        _seize(descriptor)
        return os.fstat(descriptor).st_ino == beside.stat().st_ino
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False


def _sign(descriptor: int) -> None:
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%H:%M:%S")}
    os.ftruncate(descriptor, 0)
    left = json.dumps(signature).encode()
    while left:
        left = left[os.write(descriptor, left) :]


def _holder(beside: Path) -> str:
    try:
        found = json.loads(read_bytes(beside, largest=HOLDER))
        return f"process {found['pid']} on {found['host']}, since {found['since']},"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
