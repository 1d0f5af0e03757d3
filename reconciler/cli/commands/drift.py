"""`gbsync drift`: what is not as it was applied, and which side moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.cli.planning import empty_option, narrowing_options, plan_files, refuse_silent
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.drift import drift

if TYPE_CHECKING:
    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.pipeline import Choice, Planned
    from reconciler.plan.drift import Drift

MOVED = 2


@click.command(
    "drift",
    cls=Sections,
    examples={
        "gbsync drift": "Show which side changed; exit with 2 if one did.",
        "gbsync drift --target installation/slack/** --format markdown": "Write an issue about Slack only.",
    },
)
@session_options
@narrowing_options
@empty_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Format of the output; markdown suits an issue.",
)
def command(session: Session, *, choose: ChoiceOptions, allow_empty: bool, form: str) -> int:
    """Show what is not as the files say, and which side changed since the last apply.

    For a nightly job: exits with 2 when something changed. The lock says what was applied last: if the file
    still says the same, GitBook changed; if GitBook is still the same, the file changed.
    """
    config = session.config()
    planned = asyncio.run(_plan(session, config, choose(config)))
    refuse_silent(planned.plan, allow_empty=allow_empty)
    if planned.plan.problems:
        output.show_problems(planned.plan.problems)
    drifted = drift(planned.plan, config.resources, planned.base, table=KINDS)
    output.emit(_rendered(drifted, form, session), form)
    output.summarize(drifted)
    return MOVED if drifted.items else 0


async def _plan(session: Session, config: Config, choice: Choice) -> Planned:
    async with session.client() as client:
        return await plan_files(session, config, client, choice)


def _rendered(drifted: Drift, form: str, session: Session) -> str:
    from reconciler.render.drift.json import drift_document  # noqa: PLC0415 - after the network has answered
    from reconciler.render.drift.markdown import drift_markdown  # noqa: PLC0415
    from reconciler.render.drift.text import drift_text  # noqa: PLC0415
    from reconciler.render.json import json_text  # noqa: PLC0415

    if form == "json":
        return json_text(drift_document(drifted))
    if form == "markdown":
        return drift_markdown(drifted)
    return drift_text(drifted, width=output.width(), color=output.colored(session.settings.color))
