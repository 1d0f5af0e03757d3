"""stdin, stdout and stderr: always open, in any encoding, and an error on them never ends a run."""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, Any, Final

from reconciler.cli.encoding import fit_text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DESCRIPTORS: Final = (0, 1, 2)
READER_GONE: Final = (errno.EPIPE, errno.EBADF, errno.ECONNRESET, errno.ESHUTDOWN)
"""Errors of a write after the reader went away or the output was closed: not a failure of gbsync."""


class TolerantStream(io.RawIOBase):
    """A stream whose writes never raise: what cannot be written is dropped, and the error is kept.

    Without it, a reader that goes away in the middle of `apply | head` raises in whatever line prints
    next, between two writes to GitBook.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        self.raw = raw
        self.failure: OSError | None = None

    def writable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Whether a terminal is behind it."""
        return self.raw.isatty()

    def fileno(self) -> int:
        """The descriptor behind it."""
        return self.raw.fileno()

    def write(self, data: Any) -> int:
        """Writes what can be written and drops the rest."""
        if self.failure is None:
            try:
                return self._write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes

    def _write(self, data: WriteableBuffer) -> int:
        # `None`: the pipe is full and non-blocking, as node sets it. Wait until it is read.
        while (count := self.raw.write(data)) is None:
            select.select([], [self.fileno()], [])
        return count


class Output(io.TextIOWrapper):
    """Text in the stream's encoding, with substitutes for characters that it lacks."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.charset = stream.encoding
        self.below = stream  # kept alive: when it is collected it closes the buffer that both share
        buffer: Any = stream.buffer
        self.tolerant = TolerantStream(getattr(buffer, "raw", buffer))  # PYTHONUNBUFFERED: it is raw
        # click takes an ASCII stream for a mistake and opens it again as UTF-8; so say UTF-8 here.
        encoding = "utf-8" if codecs.lookup(self.charset).name == "ascii" else self.charset
        super().__init__(
            io.BufferedWriter(self.tolerant),
            encoding=encoding,
            errors="backslashreplace",
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )

    def write(self, text: str) -> int:
        """Writes the text, with substitutes for characters that the encoding lacks."""
        super().write(fit_text(text, self.charset))
        return len(text)


def prepare() -> None:
    """Prepares the three streams; called once, when `gbsync` starts."""
    for descriptor in DESCRIPTORS:
        _open(descriptor)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as it runs
    sys.stdout, sys.stderr = _output(sys.stdout, 1), _output(sys.stderr, 2)


def _open(descriptor: int) -> None:
    """Opens /dev/null if the stream was closed: otherwise the next opened file would get its number."""
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)


def _output(stream: Any, descriptor: int) -> Any:
    if stream is None:
        stream = open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - kept open
    return Output(stream) if isinstance(stream, io.TextIOWrapper) else stream


def failure(stream: Any) -> OSError | None:
    """The error because of which something could not be written, if there was one."""
    if not isinstance(stream, Output):
        return None
    stream.flush()
    return stream.tolerant.failure


def lost_output(stream: Any) -> OSError | None:
    """As `failure`, but not if the output was closed or its reader went away."""
    error = failure(stream)
    return error if error and error.errno not in READER_GONE else None


def charset(stream: Any) -> str:
    """The encoding of a stream."""
    return getattr(stream, "charset", "") or getattr(stream, "encoding", "") or "utf-8"
