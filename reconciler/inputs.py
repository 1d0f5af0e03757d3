"""Reading a file that somebody named: it comes to an end, whatever stands under the name."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import FileIO

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a file that is read whole."""
PIECE: Final = 1024 * 1024
LONG: Final = 200
"""Characters of a path that a message shows."""


def read_bytes(path: str | Path, *, largest: int = LARGEST) -> bytes:
    """The bytes of a file. Raises `OSError` where there are none to read, or more than `largest`.

    A pipe is read where somebody writes to it, as bash's `<(…)` does; one without would never end. So might a
    terminal or another device; of the null device it is known that nothing is in it.
    """
    with _opened(path) as file:
        mode = os.fstat(file.fileno()).st_mode
        _check(mode, file, path)
        data = _whole(file, largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"it has more than {largest // PIECE} MiB", str(path))
    if stat.S_ISFIFO(mode) and not data:
        raise OSError(errno.EINVAL, "it is a named pipe that nobody writes to", str(path))
    return data


def is_there(path: str | Path) -> bool:
    """Whether something stands under the name; not for one that is too long, or a link to itself."""
    return os.path.exists(path)  # noqa: PTH110 - `Path.exists` raises for some names


def is_folder(path: str | Path) -> bool:
    """Whether a folder stands under the name."""
    return os.path.isdir(path)  # noqa: PTH112 - `Path.is_dir` raises for some names


def resolved(path: str | Path) -> Path:
    """The path without links, as far as they lead anywhere."""
    return Path(os.path.realpath(path))


def brief(path: str | Path) -> str:
    """A path as a message shows it."""
    text = str(path)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def _opened(path: str | Path) -> FileIO:
    # Opened without waiting: a pipe to which nobody writes would be waited for without end.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.fdopen(os.open(path, flags), "rb", buffering=0)
    except ValueError:
        raise OSError(errno.EINVAL, "its path has a NUL in it", str(path)) from None


def _check(mode: int, file: FileIO, path: str | Path) -> None:
    """Lets a pipe wait for who writes to it. Raises `OSError` for what is no file to read."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISFIFO(mode):
        os.set_blocking(file.fileno(), True)
    elif not stat.S_ISREG(mode) and not _is_null(file):
        raise OSError(errno.EINVAL, "it is a device and no file", str(path))


def _is_null(file: FileIO) -> bool:
    return os.path.samestat(os.fstat(file.fileno()), Path(os.devnull).stat())


def _whole(file: FileIO, most: int) -> bytes:
    data = bytearray()
    while len(data) < most and (piece := file.read(min(PIECE, most - len(data)))):
        data += piece
    return bytes(data)
