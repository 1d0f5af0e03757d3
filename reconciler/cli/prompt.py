"""Asks before something is changed: only on a terminal, and only `yes` counts."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.errors import Declined, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends what is inside like Ctrl-C: a lease is released, and does not make others wait."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def approve(question: str) -> None:
    """Asks at the terminal. Raises `Declined` unless it hears `yes`, `UsageError` without a terminal."""
    if not agreed(question):
        msg = "not approved; nothing was done"
        raise Declined(msg)


def agreed(question: str) -> bool:
    """Asks at the terminal whether to do it. Raises `UsageError` without a terminal."""
    if not sys.stdin.isatty():
        msg = f"{question}: stdin is not a terminal, so nobody can answer; use --auto-approve"
        raise UsageError(msg)
    # The handler of an event loop would wait for the answer before it stops anything.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        click.echo(f"{question}? Only 'yes' will be accepted: ", err=True, nl=False)
        answer = sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)
    if not answer:
        click.echo(err=True)  # Ctrl-D ends no line
    return answer.strip() == "yes"
