"""`gbsync validate`: check the files, and with a token against GitBook too."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.diagnostics import Severity
from reconciler.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.diagnostics import Problem

FORMS = ("text", "json", "sarif", "junit")
MAIN = "gbsync.yaml"
_SYNTAX = {"json": "json", "sarif": "json", "junit": "junit"}


@click.command(
    "validate",
    cls=Sections,
    examples={
        "gbsync validate --offline": "Check the files here: no token, no network.",
        "gbsync validate base.yaml prod.yaml": "Check a file with an overlay, against GitBook too.",
    },
)
@session_options
@click.option("--offline", is_flag=True, help="Check only the files: no token, no network.")
@click.option(
    "--hook",
    is_flag=True,
    help="PATHS are changed files, from pre-commit: check offline what they belong to.",
)
@click.option("--strict", is_flag=True, help="Every warning is an error.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="json: Terraform's diagnostics; sarif: for code scanning; junit: for a CI's test report.",
)
def command(session: Session, *, offline: bool, hook: bool, strict: bool, form: str) -> int:
    """Check the files: every problem at once, each with its place and what to do.

    With a token (or --sandbox), also what only the organization can tell: names, ids and schemas.
    PATHS are files or folders, overlaid left to right; the current folder unless given.
    """
    problems = _changed(session) if hook else _problems(session, offline=offline)
    if strict:
        problems = [replace(problem, severity=Severity.ERROR) for problem in problems]
    if form == "text":
        output.tell_problems(problems, color=session.settings.color)
    else:
        output.emit(_rendered(problems, session.settings.paths, form), _SYNTAX[form])
    return 1 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def _changed(session: Session) -> Sequence[Problem]:
    """The problems of the files that the changed ones belong to; none if gbsync does not read them."""
    from reconciler.cli.hook_files import runs_of  # noqa: PLC0415 - only in a hook

    runs = runs_of(session.settings.paths)
    return _offline([replace(session, settings=replace(session.settings, paths=paths)) for paths in runs])


def _problems(session: Session, *, offline: bool) -> Sequence[Problem]:
    if not offline and not session.has_token:
        click.echo(
            "No token is set, so only the files were checked; --offline does the same without this line.",
            err=True,
        )
        offline = True
    return _offline([session]) if offline else _online(session)


def _offline(sessions: Sequence[Session]) -> Sequence[Problem]:
    """The problems of the files. A variable that is not set is not a problem here; a line names it."""
    unset: dict[str, None] = {}
    collected: dict[Problem, None] = {}
    known = True
    for session in sessions:
        problems, organization = _alone(session, unset)
        collected.update(dict.fromkeys(problems))
        known = known and organization
    _tell_unset(unset, organization=known)
    return list(collected)


def _alone(session: Session, unset: dict[str, None]) -> tuple[Sequence[Problem], bool]:
    """What is wrong with one session's files, and whether their organization is known."""
    try:
        config = session.config(unset=unset)
    except ConfigError as error:
        return error.problems, "GITBOOK_ORGANIZATION" not in unset
    return config.problems, bool(config.organization)


def _tell_unset(unset: Collection[str], *, organization: bool) -> None:
    """Says which variables are not set, and how to find an organization's id if none is known."""
    if unset:
        hint = "" if organization else "; an organization's id is the ID in app.gitbook.com/o/ID"
        names = ", ".join(unset)
        click.echo(f"Not set here, so not checked: {names}. A plan needs a value for each{hint}.", err=True)


def _online(session: Session) -> Sequence[Problem]:
    try:
        return asyncio.run(_planned(session, session.config()))
    except ConfigError as error:
        return error.problems


async def _planned(session: Session, config: Config) -> Sequence[Problem]:
    from reconciler.cli.planning import plan_files  # noqa: PLC0415 - only where GitBook is asked

    async with session.client() as client:
        return (await plan_files(session, config, client)).plan.problems


def _rendered(problems: Sequence[Problem], inputs: Sequence[str], form: str) -> str:
    from reconciler.config.yaml.files import inputs_of  # noqa: PLC0415 - only where files are named
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is written
    from reconciler.render.problems.junit import problems_junit  # noqa: PLC0415
    from reconciler.render.problems.sarif import sarif_document  # noqa: PLC0415

    files = inputs_of(inputs)
    if form == "junit":
        return problems_junit(problems, files).rstrip("\n")
    if form == "sarif":
        return json_text(sarif_document(problems, root=next(iter(files), MAIN)))
    return _json(problems, inputs)


def _json(problems: Sequence[Problem], inputs: Sequence[str]) -> str:
    from reconciler.config.yaml.snippet import Snippets  # noqa: PLC0415 - only where files are quoted
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is written
    from reconciler.render.problems.json import diagnostics_document  # noqa: PLC0415 - only where it is written

    return json_text(diagnostics_document(problems, snippet=Snippets(inputs).at))
