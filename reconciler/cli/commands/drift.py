"""`gbsync drift`: what is not as it was applied, and which side moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.cli.planning import narrowing_options, plan_files
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
        "gbsync drift": "Show who moved; exit with 2 when somebody did.",
        "gbsync drift --target installation/slack/** --format markdown": "Write an issue, of Slack alone.",
    },
)
@session_options
@narrowing_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="Markdown reads well as the body of an issue.",
)
def command(session: Session, *, choose: ChoiceOptions, form: str) -> int:
    """Show what is not live as the files say, and who moved since the last apply.

    For a nightly job: exits with 2 when something moved. The lock says what was applied last; where the
    file still says that, the live side moved, and the reverse.
    """
    config = session.config()
    planned = asyncio.run(_plan(session, config, choose(config)))
    if planned.plan.problems:
        output.show_problems(planned.plan.problems)
    found = drift(planned.plan, config.resources, planned.base, table=KINDS)
    output.emit(_rendered(found, form, session), form)
    output.summarize(found)
    return MOVED if found.items else 0


async def _plan(session: Session, config: Config, choice: Choice) -> Planned:
    async with session.client() as client:
        return await plan_files(session, config, client, choice)


def _rendered(found: Drift, form: str, session: Session) -> str:
    from reconciler.render.drift import text as render  # noqa: PLC0415 - after the network has answered
    from reconciler.render.json import json_text  # noqa: PLC0415

    if form == "json":
        return json_text(render.drift_document(found))
    if form == "markdown":
        return render.drift_markdown(found)
    return render.drift_text(found, width=output.width(), color=output.colored(session.settings.color))
