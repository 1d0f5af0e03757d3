"""`gbsync graph`: the order of a plan as a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, session_options
from reconciler.cli.planning import choice_options, empty_option
from reconciler.cli.saved_plans import load_saved_plan, saved_document
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.plan.step import Plan


@click.command(
    "graph",
    cls=Sections,
    examples={
        "gbsync graph plan.json": "Draw a saved plan for Markdown.",
        "gbsync graph --format dot > plan.dot": "Draw what the files here would do, for Graphviz.",
    },
)
@session_options
@choice_options
@empty_option
@click.option("--format", "form", type=click.Choice(["mermaid", "dot"]), default="mermaid", show_default=True,
              help="The language of the picture.")  # fmt: skip
@expand_option
@click.option("--fold", is_flag=True, hidden=True, help="What it does unless --expand is given.")
def command(
    session: Session, *, choose: ChoiceOptions, allow_empty: bool, form: str, expand: bool, fold: bool
) -> None:
    """Show the order of the steps of a saved PLAN, or of a plan of the files.

    An arrow points from a step to the steps that wait for it. Four or more steps that differ only in
    their key are drawn as one.
    """
    del fold
    from reconciler.render.plan.graph import dot, mermaid  # noqa: PLC0415 - only where it is drawn

    paths = session.settings.paths
    if saved_document(paths):
        _refuse(choose.given)
        plan = load_saved_plan(paths[0])
    else:
        plan = asyncio.run(_plan(session, choose, allow_empty=allow_empty))
    draw = dot if form == "dot" else mermaid
    output.emit(draw(plan, folded=not expand), form, nl=False)


def _refuse(options: Sequence[str]) -> None:
    if options:
        msg = f"{', '.join(options)}: a saved plan is drawn whole; leave this out, or name the files instead"
        raise UsageError(msg)


async def _plan(session: Session, choose: ChoiceOptions, *, allow_empty: bool) -> Plan:
    from reconciler.cli.planning import plan_files, refuse_silent  # noqa: PLC0415 - only for files

    config = session.config()
    async with session.client() as client:
        plan = (await plan_files(session, config, client, choose(config))).plan
    refuse_silent(plan, allow_empty=allow_empty)
    return plan
