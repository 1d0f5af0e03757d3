"""`gbsync show`: a saved plan again, or what the files resolve to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, reading_options
from reconciler.cli.plan_formats import FORMS, formatted_plan
from reconciler.cli.saved_plans import load_saved_plan
from reconciler.cli.session import Session
from reconciler.config.language.catalogue import translated
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import is_there
from reconciler.resources.redaction import Redactor
from reconciler.resources.targets import matches_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.config import Config
    from reconciler.resources.resource import Resource


@click.command(
    "show",
    cls=Sections,
    examples={
        "gbsync show plan.json --format html > plan.html": "Show a saved plan as a page.",
        "gbsync show --effective installation/slack": "Show what the files declare of Slack, and where.",
    },
)
@reading_options
@click.option("--format", "form", type=click.Choice(["text", *FORMS]), default="text", show_default=True,
              help="Format of the output.")  # fmt: skip
@click.option("--show-unmanaged", is_flag=True, help="List what is live but not declared.")
@expand_option
@click.option("--effective", is_flag=True, help="Show what the files declare in the end, and on which line.")
def command(session: Session, *, form: str, show_unmanaged: bool, expand: bool, effective: bool) -> None:
    """Show a saved plan, as `gbsync plan --out FILE` wrote it. Needs no network and no token.

    With --effective, PATHS are files and folders as for `plan`, and addresses: `installation/slack` is
    what is declared of it in the end, `installation/slack/**` of everything under it.
    """
    if effective:
        _show_effective(session, form)
        return
    plan = load_saved_plan(_plan_path(session.settings.paths))
    if form == "text":
        output.show_plan(plan, color=session.settings.color, show_unmanaged=show_unmanaged, expand=expand)
    else:
        output.emit(formatted_plan(plan, form, expand=expand), form)


def _plan_path(paths: Sequence[str]) -> str:
    if len(paths) != 1 or paths[0] == ".":
        msg = "show takes one saved plan: `gbsync show PLAN`; --effective shows what the files resolve to"
        raise UsageError(msg)
    return paths[0]


def _show_effective(session: Session, form: str) -> None:
    from reconciler.render.effective import effective_document, effective_text  # noqa: PLC0415 - only here

    if form not in ("text", "json"):
        msg = f"--effective has no --format {form}: text or json"
        raise UsageError(msg)
    words = [kind.word for kind in KINDS.values() if not kind.parent]
    paths = session.settings.paths
    addresses = [path for path in paths if path.split("/")[0] in words and not is_there(path)]
    rest = tuple(path for path in paths if path not in addresses) or (".",)
    config = replace_paths(session, rest).config()
    globs = translated(addresses, table=KINDS, catalogue=config.catalogue)
    resources = [
        item for address, item in config.resources.items() if not globs or matches_any(globs, address)
    ]
    if not resources:
        wanted = f"{', '.join(addresses)} is not declared" if addresses else "the files declare nothing"
        msg = f"{wanted}; `gbsync show --effective` lists what is"
        raise UsageError(msg)
    resources = _covered(resources, config)
    if form == "json":
        from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is formatted

        output.emit(json_text(effective_document(resources)), form)
        return
    paint = output.colored(session.settings.color)
    click.echo(effective_text(resources, width=output.width(), color=paint), color=paint)


def _covered(resources: Sequence[Resource], config: Config) -> list[Resource]:
    """The resources with keys masked whose titles in a schema of these files say that they are secret."""
    completed = {
        address: KINDS[address.kind].writing.complete(item, config.organization)
        for address, item in config.resources.items()
    }
    redactor = Redactor(KINDS, names=config.names)
    schemas = [KINDS[item.address.kind].checks.schema(item.address, completed, {}) for item in resources]
    return [
        redactor.covered(replace(item, schema=schema))
        for item, schema in zip(resources, schemas, strict=True)
    ]


def replace_paths(session: Session, paths: tuple[str, ...]) -> Session:
    """The session with other paths."""
    return Session(replace(session.settings, paths=paths))
