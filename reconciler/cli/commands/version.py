"""`gbsync version`: what `--version` prints."""

from __future__ import annotations

import click

from reconciler import __version__
from reconciler.cli.helptext import Sections


@click.command(
    "version",
    cls=Sections,
    examples={
        "gbsync version": "Print the version.",
        "gbsync --version": "The same.",
    },
)
def command() -> None:
    """Print the version."""
    click.echo(f"gbsync {__version__}")
