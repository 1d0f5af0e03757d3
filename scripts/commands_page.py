"""Writes docs/commands.md from the program's own help: `python -m scripts.commands_page`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import COMMANDS, gbsync

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
WIDTH = 100
HEAD = """# Commands

This page is generated from `gbsync COMMAND --help`. PATHS are files or folders, overlaid left to right; the
default is the current folder. Every option can be set by an environment variable: `plan --detailed-exitcode`
by `GBSYNC_PLAN_DETAILED_EXITCODE=1`, and a shared option for all commands by one such as `GBSYNC_LOG=debug`.
The exit codes are on [their own page](exit-codes.md).
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *map(_section, COMMANDS)])


def _section(name: str) -> str:
    above = click.Context(gbsync, info_name="gbsync", **gbsync.context_settings)
    command = gbsync.get_command(above, name)
    if command is None:
        raise LookupError(name)
    context = click.Context(command, above, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH)
    return f"## gbsync {name}\n\n{COMMANDS[name]}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
