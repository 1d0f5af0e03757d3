"""While files and lists are read there is something to see; never on stdout, nothing where it is quick."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from reconciler.cli import reading_progress
from reconciler.cli.reading_progress import reading_files, reading_lists, reading_text
from reconciler.live.progress import Lists
from tests.conftest import ROOT
from tests.program import gbsync

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOW = "400"
"""Milliseconds that each request takes."""


def test_it_says_how_many_lists_of_how_many() -> None:
    assert reading_text(Lists(21, 4)) == "reading 4 of 21 lists"
    assert reading_text(Lists()) == "reading from GitBook"


def test_a_line_comes_again_and_again_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_progress, "EVERY", 0.05)
    with reading_lists() as lists:
        lists.total, lists.done = 21, 4
        time.sleep(0.18)
    with reading_files():
        time.sleep(0.08)
    said = capsys.readouterr()

    assert said.out == ""
    assert said.err.splitlines()[:2] == ["reading 4 of 21 lists"] * 2
    assert said.err.splitlines()[-1] == "reading files"


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with reading_lists(), reading_files():
        pass

    assert capsys.readouterr() == ("", "")


def test_a_failure_ends_the_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_progress, "EVERY", 0.02)
    with suppress(ZeroDivisionError), reading_files():
        raise ZeroDivisionError
    time.sleep(0.06)

    assert capsys.readouterr().err == ""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a sandbox on a port that takes its time for each request."""
    file = tmp_path / "sandbox.env"
    with file.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "reconciler", "sandbox", "--latency", SLOW], cwd=ROOT, stdout=out
        )
    while "NAME" not in (text := file.read_text(encoding="utf-8")):
        assert process.poll() is None
        time.sleep(0.05)
    lines = [line.removeprefix("export ") for line in text.splitlines() if line.startswith("export ")]
    yield dict(line.split("=", 1) for line in lines)
    process.terminate()
    process.wait()


def on_a_terminal(*args: str, environ: dict[str, str]) -> tuple[str, str]:
    """What a command writes to stdout, a pipe, and to stderr, a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *args],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "xterm", **environ},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):
        while piece := os.read(ours, 4096):
            shown += piece
    out, _ = process.communicate()
    os.close(ours)
    return out.decode(), shown.decode()


@pytest.mark.parametrize("command", ["plan", "export"])
def test_on_a_terminal_a_slow_reading_is_seen_and_gone_in_the_end(
    served: dict[str, str], command: str, tmp_path: Path
) -> None:
    args = (command, "examples/quickstart", "--lock", str(tmp_path / "gbsync.lock"))
    out, shown = on_a_terminal(*args, environ=served)
    plain = gbsync(*args, environ=served)

    assert re.search(r"reading \d of \d lists\r", shown)
    assert shown.rstrip("\n").endswith("\x1b[2K")
    assert "reading" not in out
    assert out == plain.stdout
    assert plain.stderr == ""
