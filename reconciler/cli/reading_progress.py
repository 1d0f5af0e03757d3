"""Progress while files and lists are read: a spinner on a terminal, else a line every ten seconds."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import click

from reconciler.live.progress import Lists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVERY: Final = 10.0
"""Seconds between two lines if there is no terminal."""
PATIENCE: Final = 0.4
"""Seconds before the spinner appears: a shorter wait needs no line."""


@contextmanager
def reading_files() -> Iterator[None]:
    """Shows that files are read, if that takes long."""
    with _progress(lambda: "reading files"):
        yield


@contextmanager
def reading_lists() -> Iterator[Lists]:
    """Counts of the lists that have been read, shown if that takes long."""
    lists = Lists()
    with _progress(lambda: reading_text(lists)):
        yield lists


def reading_text(lists: Lists) -> str:
    """The line of progress."""
    return f"reading {lists.done:,} of {lists.total:,} lists" if lists.total else "reading from GitBook"


def on_terminal() -> bool:
    """Whether stderr is a terminal on which a line can be redrawn."""
    return sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


@contextmanager
def _progress(text: Callable[[], str]) -> Iterator[None]:
    """Shows the text from a thread, because reading files blocks."""
    ended = threading.Event()
    show = _moving if on_terminal() else _lines
    thread = threading.Thread(target=show, args=(text, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _lines(text: Callable[[], str], ended: threading.Event) -> None:
    with suppress(OSError, ValueError):  # stderr was closed
        while not ended.wait(EVERY):
            click.echo(text(), err=True)


def _moving(text: Callable[[], str], ended: threading.Event) -> None:
    """A line that is redrawn ten times a second and removed at the end; other output appears above it."""
    if ended.wait(PATIENCE):
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal, and where it takes long
    from rich.live import Live  # noqa: PLC0415
    from rich.spinner import Spinner  # noqa: PLC0415

    spinner = Spinner("dots")

    def drawn() -> Spinner:
        spinner.update(text=text())
        return spinner

    # stdout is not redirected: it has only the result, and may be a pipe.
    with (
        suppress(OSError, ValueError),
        Live(
            console=Console(stderr=True),
            get_renderable=drawn,
            refresh_per_second=10,
            transient=True,
            redirect_stdout=False,
        ),
    ):
        ended.wait()
