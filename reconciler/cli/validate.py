"""`gbsync validate`: check the files, and with a token against GitBook too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.session import session_options
from reconciler.errors import ConfigError
from reconciler.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.problem import Problem


@click.command("validate")
@session_options
@click.option("--offline", is_flag=True, help="Check the files alone: no token, no network.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="json: Terraform's diagnostics, with the line each is about.")  # fmt: skip
def command(session: Session, *, offline: bool, form: str) -> int:
    """Check the files: every problem at once, each with its place and what to do.

    With a token (or --sandbox), also what only the organization can tell: names, ids and schemas.
    PATHS are files or folders, overlaid left to right; the current folder unless given.
    """
    problems = _problems(session, offline=offline)
    if form == "json":
        output.emit(_json(problems), form)
    else:
        output.tell_problems(problems, color=session.settings.color)
    return 1 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def _problems(session: Session, *, offline: bool) -> Sequence[Problem]:
    try:
        config = session.config()
        return config.problems if offline else asyncio.run(_online(session, config))
    except ConfigError as error:
        return error.problems


async def _online(session: Session, config: Config) -> Sequence[Problem]:
    from reconciler.cli.planning import plan_files  # noqa: PLC0415 - only where GitBook is asked

    if not session.has_token:
        click.echo("Without a token the files alone were checked; say --offline to mean it.", err=True)
        return config.problems
    async with session.client() as client:
        return (await plan_files(session, config, client)).plan.problems


def _json(problems: Sequence[Problem]) -> str:
    from reconciler.config.snippet import Snippets  # noqa: PLC0415 - only where files are quoted
    from reconciler.render.diagnostics import diagnostics_document  # noqa: PLC0415 - only where it is written
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is written

    return json_text(diagnostics_document(problems, snippet=Snippets().at))
