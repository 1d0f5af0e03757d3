"""Reading what somebody named comes to an end, whatever stands there."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from reconciler.inputs import LONG, brief, is_folder, is_there, read_bytes, resolved

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes and devices are POSIX")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(b"x" * 3 * 1024 * 1024)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere", "No such file"),
        ("loop", "Too many levels of symbolic links"),
        ("loop/x", "Too many levels of symbolic links"),
        ("folder", "Is a directory"),
        ("pipe", "named pipe that nobody writes to"),
        ("x" * 5000, "File name too long"),
        ("a\0b", "NUL"),
        ("/dev/zero", "device and no file"),
        ("big", "more than 1 MiB"),
    ],
)
def test_what_is_no_file_is_told(odd: Path, name: str, told: str) -> None:
    with pytest.raises(OSError, match=told):
        read_bytes(odd / name, largest=1024 * 1024)


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(OSError, match="No such device"):
            read_bytes("s")


def test_nothing_is_in_the_null_device() -> None:
    assert read_bytes(os.devnull) == b""


def test_a_pipe_that_somebody_writes_to_is_read_to_its_end(odd: Path) -> None:
    """As of bash's `<(sops -d secrets.yaml)`, which is written slowly."""
    reader, writer = os.pipe()

    def write() -> None:
        for _ in range(3):
            os.write(writer, b"x" * 1000)
        os.close(writer)

    threading.Timer(0.1, write).start()
    data = read_bytes(f"/dev/fd/{reader}")
    os.close(reader)

    assert len(data) == 3000


def test_questions_about_odd_names_have_an_answer(odd: Path) -> None:
    names = [odd / name for name in ("loop", "loop/x", "x" * 5000)]

    assert [is_there(name) or is_folder(name) for name in names] == [False] * 3
    assert all(isinstance(resolved(name), Path) for name in names)
    assert (is_there(odd / "pipe"), is_folder(odd / "folder")) == (True, True)


def test_a_long_path_is_cut_in_a_message() -> None:
    assert (brief("a/b"), len(brief("x" * 5000))) == ("a/b", LONG + 1)
