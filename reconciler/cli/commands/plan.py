"""`gbsync plan`: show what differs."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

import click

from reconciler.cli import output
from reconciler.cli.against import against_option, compared, comparison
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import expand_option, session_options
from reconciler.cli.plan_formats import formatted_plan
from reconciler.cli.planning import allowance_options, choice_options, guard, plan_files
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.stores.address import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.cli.planning import ChoiceOptions
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.pipeline import Choice, Planned
    from reconciler.plan.guards import Allowances
    from reconciler.plan.matrix import Matrix
    from reconciler.plan.step import Plan
    from reconciler.render.plan.html.view import Provenance
    from reconciler.resources.resource import Live

CHANGES = 2


@click.command(
    "plan",
    cls=Sections,
    examples={
        "gbsync plan": "Show what differs for the files of this folder.",
        "gbsync plan base.yaml prod.yaml --out plan.json --markdown plan.md": "Save it; write a comment.",
    },
)
@session_options
@choice_options
@allowance_options
@against_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@click.option("--permissions", is_flag=True, help="List the operations that applying the plan needs.")
@click.option("--show-unmanaged", is_flag=True, help="List what is live but not declared.")
@expand_option
@click.option(
    "--state", metavar="PLACE", type=FILE, help="Plan from a snapshot, in a file or as --lock: no token."
)
@click.option("--out", metavar="FILE", type=FILE, help="Save the plan, for `gbsync apply FILE`.")
@click.option(
    "--json", metavar="FILE", type=FILE, help="Write the plan in the format of Terraform's plan JSON."
)
@click.option("--markdown", metavar="FILE", type=FILE, help="Write a comment for a pull request.")
@click.option("--html", metavar="FILE", type=FILE, help="Write one self-contained HTML page.")
@click.option(
    "--classes",
    metavar="FILE",
    type=FILE,
    help="Write what would be done as classes to approve, for `gbsync apply --approved FILE`.",
)
def command(  # noqa: PLR0913 - one for each option that only this needs
    session: Session,
    *,
    choose: ChoiceOptions,
    allowed: Allowances,
    against: str | None,
    detailed_exitcode: bool,
    show_unmanaged: bool,
    permissions: bool,
    expand: bool,
    state: str | None,
    **files: str | None,
) -> int:
    """Show what differs between the files and GitBook.

    PATHS are files or folders, overlaid left to right; the current folder unless given.
    """
    printed = _printed(files)
    if state and files["classes"]:
        msg = (
            "--classes: a plan from a snapshot has masked values, so nobody can approve it; leave --state out"
        )
        raise UsageError(msg)
    if against is not None and choose.destroy:
        msg = "--against, --destroy: files do not decide what --destroy deletes; leave one of them out"
        raise UsageError(msg)
    session.declare_outputs({f"--{name}": path for name, path in files.items()}, *_files(state))
    session, recorded = _recorded(session, state) if state else (session, None)
    config = session.config()
    live = recorded(config) if recorded else None
    other = comparison(session, config, against) if against is not None else None
    planned = asyncio.run(_plan(session, config, choose(config), live))
    planned = compared(session, config, planned, choose(config), other)
    if printed:
        output.show_warnings(planned.plan)
    else:
        output.show_plan(
            planned.plan, color=session.settings.color, show_unmanaged=show_unmanaged, expand=expand
        )
    if permissions:
        _show_permissions(planned, to_stderr=printed)
    write_files(planned, files, config, expand=expand)
    output.summarize(planned.plan)
    guard(planned.plan, allowed)
    return CHANGES if detailed_exitcode and planned.plan.steps else 0


def _show_permissions(planned: Planned, *, to_stderr: bool) -> None:
    from reconciler.cli.permissions import permission_lines  # noqa: PLC0415 - only with --permissions

    for line in permission_lines(planned.plan):
        click.echo(line, err=to_stderr)


def _printed(files: dict[str, str | None]) -> bool:
    """Whether one of the files is stdout, which it has to itself. Raises `UsageError` where two are."""
    names = [f"--{name}" for name, path in files.items() if path == "-"]
    if len(names) > 1:
        msg = f"{', '.join(names)}: only one result can go to stdout; write the others to files"
        raise UsageError(msg)
    return bool(names)


def _files(state: str | None) -> tuple[str, ...]:
    """The snapshot, if it is a file."""
    return (state,) if state and not is_remote(state) else ()


def _recorded(session: Session, path: str) -> tuple[Session, Callable[[Config], Live]]:
    from reconciler.cli.organization import recorded  # noqa: PLC0415 - only with --state

    return recorded(session, path)


async def _plan(session: Session, config: Config, choice: Choice, live: Live | None) -> Planned:
    async with nullcontext() if live else session.client() as client:
        return await plan_files(session, config, client, choice, live=live)


def write_files(
    planned: Planned, files: dict[str, str | None], config: Config, *, expand: bool = False
) -> None:
    """Writes the plan in every form that was asked for."""
    for name, path in files.items():
        if path:
            text = _written(planned, name, config, expand=expand)
            output.write(path, text, {"out": "json", "classes": "yaml"}.get(name, name))


def _written(planned: Planned, name: str, config: Config, *, expand: bool) -> str:
    if name == "out":
        return _saved(planned)
    if name == "classes":
        return _classes(planned.plan, config)
    return formatted_plan(planned.plan, name, partial(_page, planned, config), expand=expand)


def _classes(plan: Plan, config: Config) -> str:
    from reconciler.cli.applied_commit import commit_of  # noqa: PLC0415 - only with --classes
    from reconciler.render.plan.approval import approval_text  # noqa: PLC0415 - only with --classes

    return approval_text(plan, commit=commit_of(config.folder), table=KINDS)


def _page(planned: Planned, config: Config) -> tuple[Matrix | None, Provenance]:
    """What only a page has: the state of everything that was read, and where the plan comes from."""
    from reconciler.cli.organization import status_matrix  # noqa: PLC0415 - only for a page
    from reconciler.cli.provenance import provenance  # noqa: PLC0415 - only for a page

    matrix = None if planned.plan.partial else status_matrix(planned, planned.live, config)
    return matrix, provenance(planned, config.files)


def _saved(planned: Planned) -> str:
    from reconciler.plan.saved.document import dump  # noqa: PLC0415 - only where it is written
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is written
    from reconciler.render.plan.json import plan_document  # noqa: PLC0415 - only where it is written

    document = dump(planned.plan, planned.base, shown=plan_document(planned.plan), kept=planned.kept)
    return json_text(document, indent=1)
