"""`gbsync completion SHELL`: the script that makes a shell complete commands, options and addresses."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from reconciler.cli import gbsync
from reconciler.cli.helptext import Sections

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    "completion",
    cls=Sections,
    examples={
        "gbsync completion bash > ~/.gbsync-complete.bash": "Write it; `source` it in ~/.bashrc.",
        "gbsync completion fish > ~/.config/fish/completions/gbsync.fish": "Write it where fish looks.",
    },
)
@click.argument("shell", metavar="SHELL", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print the script for SHELL (bash, zsh or fish): it completes commands, options, and what files declare.

    To have it in this shell alone: `eval "$(gbsync completion bash)"`, or zsh; for fish
    `gbsync completion fish | source`.
    """
    click.echo(SHELLS[shell](gbsync, {}, "gbsync", "_GBSYNC_COMPLETE").source(), nl=False)
