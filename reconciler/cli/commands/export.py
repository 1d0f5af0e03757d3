"""`gbsync export`: the live organization as YAML, or as a snapshot to plan from."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click

from reconciler.cli import organization as live
from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.config.format.export import export
from reconciler.config.format.schema import MODELINE
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.snapshot import Snapshot, dump
from reconciler.lock.stores.address import is_remote
from reconciler.render.amounts import counted
from reconciler.render.yaml import document_text

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.config import Config


@click.command(
    "export",
    cls=Sections,
    examples={
        "gbsync export > gbsync.yaml": "Write the organization as YAML.",
        "gbsync export --snapshot live.json": "Record a snapshot, to plan from it without a token.",
    },
)
@session_options
@click.option(
    "--secret-references",
    "references",
    is_flag=True,
    help="Write secrets as references to fill in, not as comments.",
)
@click.option(
    "--snapshot",
    metavar="PLACE",
    type=FILE,
    help="Record the live state instead, for `plan --state`: in a file, or as --lock.",
)
def command(session: Session, *, references: bool, snapshot: str | None) -> None:
    """Write the live organization as YAML; a plan from it has no changes.

    The organization is that of the files in PATHS, else GITBOOK_ORGANIZATION. Secrets, keys outside the
    schema and buttons are left out; each secret leaves a comment with a reference to fill in. A snapshot
    holds no secret value, so that a pull request from a fork can be planned without a token.
    """
    session.declare_outputs({"--snapshot": None if snapshot and is_remote(snapshot) else snapshot})
    config = live.config_of(session)
    organization = live.organization_of(session, config)
    if snapshot is None:
        text = exported(session, organization, config, references=references, quoted=output.needs_ascii())
        output.emit(text, "yaml", nl=False)
    else:
        _record(session, organization, config, snapshot)


def exported(
    session: Session,
    organization: str,
    config: Config | None = None,
    *,
    references: bool = False,
    quoted: bool = False,
) -> str:
    """The live organization as YAML; with `quoted`, text that is not ASCII is quoted and escaped."""
    declared = config.resources if config else {}
    fetched = asyncio.run(live.fetch_organization(session, declared, organization, titles=True))
    document = export(
        fetched,
        declared,
        table=KINDS,
        organization=organization,
        redactor=live.redactor(session, organization, fetched, config),
        references=references,
    )
    return MODELINE + document_text(document, quoted=quoted)


def _record(session: Session, organization: str, config: Config | None, path: str) -> None:
    declared = config.resources if config else {}
    fetched = asyncio.run(live.fetch_organization(session, declared, organization, keys=True))
    snapshot = Snapshot(fetched, session.endpoint, organization)
    redactor = live.redactor(session, organization, fetched, config)
    text = json.dumps(dump(snapshot, declared, table=KINDS, redactor=redactor), indent=1)
    if is_remote(path):
        from reconciler.cli.shared_documents import write_shared  # noqa: PLC0415 - only for such a place

        write_shared(path, text)
    else:
        output.write(path, text)
    count = counted(len(fetched.state), "resource")
    click.echo(f"Recorded {count}; the snapshot contains no secret value.", err=True)
