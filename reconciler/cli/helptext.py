"""`--help` of every command: its own options, the shared ones, examples, variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = tuple[str, str]
"""A row of a list in the help: term and explanation."""

TOKEN: Final = (
    "GITBOOK_TOKEN",
    "A personal access token: app.gitbook.com, Settings, Developer.",
)
ORGANIZATION: Final = ("GITBOOK_ORGANIZATION", "As --organization: the ID in app.gitbook.com/o/ID.")
ENDPOINT: Final = ("GITBOOK_ENDPOINT", "As --endpoint.")
SECRETS: Final = (
    "GBSYNC_SECRETS_DIR",
    "A folder with a file X for each ${{ secret.X }} that is not set as a variable.",
)
NETWORK: Final = (
    "HTTPS_PROXY, NO_PROXY",
    "The proxy, and what goes without it; SSL_CERT_FILE: more certificates to trust.",
)
EVERY: Final = (
    "GBSYNC_COMMAND_OPTION",
    "Any option of one command, as GBSYNC_PLAN_TARGET; a shared option for all commands, as GBSYNC_LOG.",
)


class Sections(click.Command):
    """A command whose help has its own options first, then the shared ones, examples and variables.

    `examples` are command lines with what each is for.
    """

    def __init__(self, *args: Any, examples: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, then the shared ones."""
        own, shared = _sorted_options(self, ctx)
        _section(formatter, "Options", own)
        _section(formatter, "Shared options", shared)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own epilog, then examples and variables."""
        super().format_epilog(ctx, formatter)
        _section(formatter, "Examples", list(self.examples.items()))
        _section(formatter, "Variables", list(self.variables()))

    def variables(self) -> Iterator[Row]:
        """The environment variables that this command reads, each with its explanation."""
        names = _names(self)
        if "endpoint" in names:
            yield TOKEN
        if "organization" in names:
            yield ORGANIZATION
        if "endpoint" in names:
            yield ENDPOINT
        if "variables" in names:
            yield SECRETS
        if "endpoint" in names:
            yield NETWORK
        yield from _of_options(self)


class SectionedGroup(Sections, click.Group):
    """A group with the same sections, its commands between options and examples."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def variables(self) -> Iterator[Row]:
        """All of them: its commands read them."""
        yield from (TOKEN, ORGANIZATION, ENDPOINT, SECRETS, NETWORK, EVERY)


def _section(formatter: click.HelpFormatter, title: str, rows: Sequence[Row]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def _names(command: click.Command) -> list[str]:
    return [param.name or "" for param in command.params if isinstance(param, click.Option)]


def _shared() -> tuple[str, ...]:
    from reconciler.cli.options import shared_names  # noqa: PLC0415 - only once a command is asked for

    return shared_names()


def _sorted_options(command: click.Command, ctx: click.Context) -> tuple[list[Row], list[Row]]:
    """The rows of the command's own options, and of those that commands share."""
    shared = () if isinstance(command, click.Group) else _shared()
    rows: tuple[list[Row], list[Row]] = [], []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record:
            rows[param.name in shared].append(record)
    return rows


def _of_options(command: click.Command) -> Iterator[Row]:
    """How options are set by variables: one of the command's own, and one of those that commands share."""
    shared = () if isinstance(command, click.Group) else _shared()
    options = [param for param in command.params if isinstance(param, click.Option) and param.envvar]
    own = next((option for option in options if option.name not in shared), None)
    if own:
        yield (
            str(own.envvar[0] if own.envvar else ""),
            f"As {max(own.opts, key=len)}; each option has such a variable.",
        )
    if "log" in _names(command):
        yield "GBSYNC_LOG", "As --log, for all commands; each shared option has such a variable."
