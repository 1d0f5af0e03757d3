"""Asking before something is changed: on a terminal alone, and only the whole word counts."""

from __future__ import annotations

import signal
import sys

import click

from reconciler.errors import Declined, UsageError


def approve(question: str) -> None:
    """Asks who sits at the terminal. Raises `Declined` without a yes, `UsageError` where nobody sits."""
    if not sys.stdin.isatty():
        msg = f"{question}: nobody is there to ask; say --auto-approve"
        raise UsageError(msg)
    before = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a loop's own would wait for the answer
    try:
        click.echo(f"{question}? Only 'yes' is taken as yes: ", err=True, nl=False)
        answer = sys.stdin.readline().strip()
    finally:
        signal.signal(signal.SIGINT, before)
    if answer != "yes":
        msg = "not approved; nothing was done"
        raise Declined(msg)
