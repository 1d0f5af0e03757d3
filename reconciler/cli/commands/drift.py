"""`gbsync drift`: what is not as it was applied, and which side moved."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import output
from reconciler.cli.against import against_option, compared, comparison
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, session_options
from reconciler.cli.planning import empty_option, narrowing_options, plan_files, refuse_silent
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.drift import drift

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.pipeline import Choice, Planned
    from reconciler.plan.drift import Drift

MOVED = 2
_WRITE: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--write",
        is_flag=True,
        help="Put live values into the files: asks for each, comments and form stay, a secret never.",
    ),
    click.option(
        "--auto-approve",
        is_flag=True,
        help="With --write: do not ask; write what only the live side moved and no other address shares.",
    ),
)


@dataclass(frozen=True, slots=True)
class Writing:
    """That live values are to be written, and whether a person is asked for each."""

    ask: bool


def _write_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--write` and `--auto-approve`; the command gets a `Writing`, or `None` without `--write`."""

    @functools.wraps(command)
    def wrapped(*args: Any, write: bool, auto_approve: bool, **rest: Any) -> Any:
        if auto_approve and not write:
            msg = "--auto-approve: there is nothing to approve without --write"
            raise UsageError(msg)
        return command(*args, write=Writing(ask=not auto_approve) if write else None, **rest)

    for option in reversed(_WRITE):
        wrapped = option(wrapped)
    return wrapped


@click.command(
    "drift",
    cls=Sections,
    examples={
        "gbsync drift": "Show which side changed; exit with 2 if one did.",
        "gbsync drift --write": "Keep what was changed in the app: ask, and put it into the file.",
        "gbsync drift --target installation/slack/** --format markdown": "Write an issue about Slack only.",
    },
)
@session_options
@narrowing_options
@against_option
@empty_option
@_write_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "junit"]),
    default="text",
    show_default=True,
    help="Format of the output; markdown suits an issue, junit a CI's test report.",
)
@expand_option
@click.option(
    "--json",
    "file",
    metavar="FILE",
    type=FILE,
    help="Write the report as JSON too, for `gbsync apply --heal FILE`.",
)
def command(
    session: Session,
    *,
    choose: ChoiceOptions,
    against: str | None,
    write: Writing | None,
    allow_empty: bool,
    form: str,
    file: str | None,
    expand: bool,
) -> int:
    """Show what is not as the files say, and which side changed since the last apply.

    For a nightly job: exits with 2 when something changed. The lock says what was applied last: if the file
    still says the same, GitBook changed; if GitBook is still the same, the file changed.

    --write keeps what changed live: the value goes to the line that declares it, or to the `vars` of
    the site. It says which other addresses take their value from that line. It exits with 0 when all
    that changed is in the files.
    """
    session.declare_outputs({"--json": file})
    config = session.config()
    other = comparison(session, config, against) if against is not None else None
    planned = asyncio.run(_plan(session, config, choose(config)))
    refuse_silent(planned.plan, allow_empty=allow_empty)
    planned = compared(session, config, planned, choose(config), other)
    if planned.plan.problems:
        output.show_problems(planned.plan.problems)
    drifted = drift(planned.plan, config.resources, planned.base, table=KINDS)
    if file != "-":
        output.emit(_rendered(drifted, form, session, expand=expand), form)
    if file:
        output.write(file, _rendered(drifted, "json", session, expand=expand), "json")
    output.summarize(drifted)
    if write and drifted.items:
        from reconciler.cli.file_edits import write_live_values  # noqa: PLC0415 - only with --write

        return 0 if write_live_values(session, config, drifted, ask=write.ask) else MOVED
    return MOVED if drifted.items else 0


async def _plan(session: Session, config: Config, choice: Choice) -> Planned:
    async with session.client() as client:
        return await plan_files(session, config, client, choice)


def _rendered(drifted: Drift, form: str, session: Session, *, expand: bool) -> str:
    from reconciler.render.drift.json import drift_document  # noqa: PLC0415 - after the network has answered
    from reconciler.render.drift.junit import drift_junit  # noqa: PLC0415
    from reconciler.render.drift.markdown import drift_markdown  # noqa: PLC0415
    from reconciler.render.drift.text import drift_text  # noqa: PLC0415
    from reconciler.render.json import json_text  # noqa: PLC0415

    if form == "json":
        return json_text(drift_document(drifted))
    if form == "junit":
        return drift_junit(drifted).rstrip("\n")
    if form == "markdown":
        return drift_markdown(drifted)
    color = output.colored(session.settings.color)
    return drift_text(drifted, width=output.width(), color=color, expand=expand)
