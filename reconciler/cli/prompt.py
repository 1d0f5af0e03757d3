"""Asking before something is changed: on a terminal alone, and only the whole word counts."""

from __future__ import annotations

import sys

import click

from reconciler.errors import UsageError


def confirmed(question: str) -> bool:
    """Whether somebody at the terminal says yes. Raises `UsageError` where nobody is there to ask."""
    if not sys.stdin.isatty():
        msg = f"{question}: nobody is there to ask; say --auto-approve"
        raise UsageError(msg)
    click.echo(f"{question}? Only 'yes' is taken as yes: ", err=True, nl=False)
    if sys.stdin.readline().strip() == "yes":
        return True
    click.echo("Nothing was done.", err=True)
    return False
