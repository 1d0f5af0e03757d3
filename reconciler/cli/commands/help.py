"""`gbsync help COMMAND`: the same as `gbsync COMMAND --help`."""

from __future__ import annotations

import click

from reconciler.cli.helptext import Sections


@click.command(
    "help",
    cls=Sections,
    examples={
        "gbsync help": "List all commands.",
        "gbsync help api listSites": "Show the help of one operation.",
    },
)
@click.argument("words", nargs=-1, metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of gbsync, or of COMMAND."""
    click.echo(_context(ctx.find_root(), [*words]).get_help())


def _context(above: click.Context, words: list[str]) -> click.Context:
    """The context of the command that the words name. Raises `UsageError` if there is none."""
    if not words:
        return above
    group = above.command
    if not isinstance(group, click.Group):
        msg = f"{above.info_name} has no command {words[0]}; see its --help for options"
        raise click.UsageError(msg, above)
    name, subcommand, rest = group.resolve_command(above, words)
    if subcommand is None:
        msg = f"there is no command {words[0]}; `gbsync help` lists them"
        raise click.UsageError(msg, above)
    return _context(click.Context(subcommand, above, info_name=name), rest)
