"""`gbsync` as somebody types it: in this process, or in one of its own where that makes a difference."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

from reconciler.cli import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


def gbsync(*args: str, environ: Mapping[str, str] | None = None, stdin: str = "") -> CompletedProcess[str]:
    """What a command says and how it ends, without the second of CPU that a process and its coverage take.

    It starts from its files each time, as a process would, in the same folder and environment as `process`.
    """
    out, err, given = _stream(), _stream(), _stream(stdin)
    around = _environment({**CLEAN, **(environ or {})})
    with chdir(ROOT), around, _input(given), redirect_stdout(out), redirect_stderr(err):
        code = run([*args])
    return CompletedProcess(["gbsync", *args], code, _text(out), _text(err))


def process(
    *args: str, environ: Mapping[str, str] | None = None, stdin: str | None = None
) -> CompletedProcess[str]:
    """A process of its own, as a user starts it; its lines count as covered too."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *args],
        cwd=ROOT,
        env={**CLEAN, **measured, **(environ or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _stream(text: str = "") -> io.TextIOWrapper:
    """What a program is given for a terminal where there is none: text over bytes."""
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables and no others."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _input(stream: io.TextIOWrapper) -> Iterator[None]:
    before, sys.stdin = sys.stdin, stream
    try:
        yield
    finally:
        sys.stdin = before
