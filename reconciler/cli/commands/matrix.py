"""`gbsync matrix`: which site and space has which integration, and whether it is as the files say."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.complete import TAG
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, session_options
from reconciler.cli.organization import fetch_organization, status_matrix
from reconciler.cli.planning import empty_option, plan_files, refuse_silent
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.snapshot import pinned
from reconciler.pipeline import Choice
from reconciler.plan.matrix import narrowed, showable
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.config.language.catalogue import Catalogue
    from reconciler.plan.matrix import Matrix

FORMS = ("text", "markdown", "csv", "json")


@click.command(
    "matrix",
    cls=Sections,
    examples={
        "gbsync matrix --deviating": "Show the rows in which something is not ok.",
        "gbsync matrix --tag public --show tracking_id --format csv": "One key, for a spreadsheet.",
    },
)
@session_options
@empty_option
@click.option("--show", metavar="KEY", default="", help="Show the value of this configuration key.")
@click.option(
    "--tag", "tags", multiple=True, type=TAG, metavar="TAG", help="Only what has this tag in the catalogue."
)
@click.option("--deviating", is_flag=True, help="Only rows in which something is not ok.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@expand_option
def command(
    session: Session,
    *,
    show: str,
    tags: tuple[str, ...],
    deviating: bool,
    allow_empty: bool,
    form: str,
    expand: bool,
) -> None:
    """Show sites and spaces by integrations: ok, to apply, drift, missing, pending or unmanaged.

    Example: --show tracking_id --tag public shows whether every public site has the right key.
    """
    config = session.config()
    _check_tags(tags, config.catalogue)
    whole = asyncio.run(_matrix(session, config, show, allow_empty=allow_empty))
    text = _rendered(narrowed(whole, tags=tags, deviating=deviating), form, session, expand=expand)
    output.emit(text, form, nl=form == "text")


async def _matrix(session: Session, config: Config, show: str, *, allow_empty: bool) -> Matrix:
    fetched = await fetch_organization(session, config.resources, config.organization, keys=True)
    live = pinned(fetched, config.resources)
    pictured = replace(live, notes=(), snapshot=True)
    planned = await plan_files(session, config, None, Choice(read_only=True), live=pictured)
    refuse_silent(planned.plan, allow_empty=allow_empty)
    if planned.plan.problems:
        output.show_problems(planned.plan.problems)
    whole = status_matrix(planned, live, config, show=show)
    if show and not whole.shows:
        _check_key(show, showable(live.state, config.resources, KINDS))
    return whole


def _check_key(show: str, known: frozenset[str]) -> None:
    """Raises `UsageError` for a key that nothing can have: an empty matrix proves nothing of it."""
    if show not in known:
        advice = did_you_mean(show, known, "name a key of a `configuration`, or a field")
        msg = f"--show {show}: no installed integration knows this key; {advice}"
        raise UsageError(msg)


def _check_tags(tags: tuple[str, ...], catalogue: Catalogue) -> None:
    known = frozenset[str]().union(*(catalogue.tags(section) for section in catalogue.sections))
    for tag in tags:
        if tag not in known:
            advice = f"there are: {', '.join(sorted(known))}" if known else "the catalogue has none"
            msg = f"--tag {tag}: nothing in the catalogue has it; {advice}"
            raise UsageError(msg)


def _rendered(whole: Matrix, form: str, session: Session, *, expand: bool) -> str:
    from reconciler.render.json import json_text  # noqa: PLC0415
    from reconciler.render.matrix.csv import matrix_csv  # noqa: PLC0415 - after the network has answered
    from reconciler.render.matrix.json import matrix_document  # noqa: PLC0415
    from reconciler.render.matrix.markdown import matrix_markdown  # noqa: PLC0415
    from reconciler.render.matrix.text import matrix_text  # noqa: PLC0415

    if form == "json":
        return json_text(matrix_document(whole)) + "\n"
    if form == "csv":
        return matrix_csv(whole)
    if form == "markdown":
        return matrix_markdown(whole)
    color = output.colored(session.settings.color)
    return matrix_text(whole, width=output.width(), color=color, expand=expand)
