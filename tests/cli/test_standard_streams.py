"""Streams that outlive their readers."""

from __future__ import annotations

import errno
import io
import os
import threading

import pytest

from reconciler.cli import standard_streams
from reconciler.cli.standard_streams import Output


class Raw(io.RawIOBase):
    """A stream that takes so many pieces, then fails."""

    def __init__(self, error: int, takes: int = 0) -> None:
        self.error, self.takes, self.taken = error, takes, b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # of a fake
        if not self.takes:
            raise OSError(self.error, os.strerror(self.error))
        self.takes -= 1
        self.taken += bytes(data)
        return len(data)


def output(raw: io.RawIOBase, encoding: str = "utf-8") -> Output:
    return Output(io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, write_through=True))


@pytest.mark.parametrize(
    ("error", "lost"), [(errno.EPIPE, False), (errno.EBADF, False), (errno.ENOSPC, True)]
)
def test_a_failure_is_kept_and_never_raised(error: int, lost: bool) -> None:  # noqa: FBT001 - a column
    raw = Raw(error, takes=1)
    stream = output(raw)
    for word in ("one\n", "two\n", "three\n"):
        stream.write(word)
        stream.flush()

    failure = standard_streams.failure(stream)

    assert failure is not None
    assert failure.errno == error
    assert (standard_streams.lost_output(stream) is not None) is lost
    assert raw.taken == b"one\n"


def test_a_stream_of_somebody_else_has_no_failure() -> None:
    assert standard_streams.failure(io.StringIO()) is None
    assert standard_streams.charset(io.StringIO()) == "utf-8"


def test_ascii_is_what_it_says_though_click_takes_it_for_a_mistake() -> None:
    raw = Raw(0, takes=9)
    stream = output(raw, "ascii")
    stream.write("│é│")
    stream.flush()

    assert raw.taken == b"|e|"
    assert (stream.encoding, standard_streams.charset(stream)) == ("utf-8", "ascii")


@pytest.mark.skipif(not hasattr(os, "set_blocking"), reason="pipes of this system always block")
def test_a_full_pipe_that_does_not_block_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    text = "x" * 300_000
    got = bytearray()

    def read() -> None:
        while piece := os.read(reader, 4096):
            got.extend(piece)

    thread = threading.Thread(target=read)
    with io.TextIOWrapper(io.BufferedWriter(io.FileIO(writer, "w")), write_through=True) as below:
        stream = Output(below)
        threading.Timer(0.2, thread.start).start()
        stream.write(text)
        stream.flush()
    thread.join(10)
    os.close(reader)

    assert (len(got), standard_streams.failure(stream)) == (len(text), None)
