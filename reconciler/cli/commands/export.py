"""`gbsync export`: the live organization as YAML, or as a snapshot to plan from."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from reconciler.cli import organization as live
from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.config.format.export import export
from reconciler.config.format.factor import factored
from reconciler.config.format.part import part_of
from reconciler.config.format.schema import MODELINE
from reconciler.config.language.catalogue import Catalogue, translated
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.snapshot import Snapshot, dump
from reconciler.lock.stores.address import is_remote
from reconciler.render.amounts import counted
from reconciler.render.yaml import document_text

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.config.format.export import Part
    from reconciler.resources.resource import Live


@dataclass(frozen=True, slots=True)
class Form:
    """How an export is written."""

    references: bool = False
    """Secrets as references to fill in, not as comments."""
    factor: bool = False
    """What is shared once."""
    only: tuple[str, ...] = ()
    """Globs of what is written, if not all is."""
    quoted: bool = False
    """Text that is not ASCII in quotes, and escaped."""


PLAIN = Form()


@click.command(
    "export",
    cls=Sections,
    examples={
        "gbsync export --factor > gbsync.yaml": "Write the organization as YAML, what is shared once.",
        "gbsync export --only installation/slack/**": "Write what no file declares yet: an import.",
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
    "--factor",
    is_flag=True,
    help="Write what is shared once: tags for sets that are configured alike, `vars` for what varies.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="ADDRESS",
    help="Write only what this address or glob matches and no file declares: an import of one thing.",
)
@click.option(
    "--snapshot",
    metavar="PLACE",
    type=FILE,
    help="Record the live state instead, for `plan --state`: in a file, or as --lock.",
)
def command(
    session: Session, *, references: bool, factor: bool, only: tuple[str, ...], snapshot: str | None
) -> None:
    """Write the live organization as YAML; a plan from it has no changes.

    The organization is that of the files in PATHS, else GITBOOK_ORGANIZATION. Secrets, keys outside the
    schema and buttons are left out; each secret leaves a comment with a reference to fill in. A snapshot
    holds no secret value, so that a pull request from a fork can be planned without a token.

    Other tools call --only an import. It writes a part to keep beside the files, such as
    slack.gbsync.yaml: with the names that they give, and without what they declare. X is X alone, X/**
    is what stands under it. With --factor, each line of the catalogue has its member's tags and values,
    so that a change of one member changes one line.
    """
    _refuse_together(factor=factor, only=only, snapshot=snapshot, references=references)
    session.declare_outputs({"--snapshot": None if snapshot and is_remote(snapshot) else snapshot})
    config = live.config_of(session)
    organization = live.organization_of(session, config)
    if snapshot is None:
        form = Form(references=references, factor=factor, only=only, quoted=output.needs_ascii())
        text = exported(session, organization, config, form=form)
        output.emit(text, "yaml", nl=False)
    else:
        _record(session, organization, config, snapshot)


def exported(session: Session, organization: str, config: Config | None = None, *, form: Form = PLAIN) -> str:
    """The live organization as YAML."""
    declared = config.resources if config else {}
    fetched = asyncio.run(live.fetch_organization(session, declared, organization, titles=True))
    document = export(
        fetched,
        declared,
        table=KINDS,
        organization=organization,
        redactor=live.redactor(session, organization, fetched, config),
        references=form.references,
        part=_part(fetched, organization, config, form.only) if form.only else None,
    )
    if form.factor:
        document = factored(document, table=KINDS)
    return MODELINE + document_text(document, quoted=form.quoted)


def _refuse_together(*, factor: bool, only: tuple[str, ...], snapshot: str | None, references: bool) -> None:
    """Raises `UsageError` for options of which one would have no effect."""
    if factor and only:
        msg = "--factor: gives tags to the whole catalogue, and --only writes a part; use one of them"
        raise UsageError(msg)
    if snapshot is not None and (factor or only or references):
        msg = "--snapshot: records all of the live state as JSON; leave out the options about the YAML"
        raise UsageError(msg)


def _part(fetched: Live, organization: str, config: Config | None, only: tuple[str, ...]) -> Part:
    """What `--only` writes, beside the files if there are any."""
    catalogue = config.catalogue if config else Catalogue()
    return part_of(
        fetched,
        translated(only, table=KINDS, catalogue=catalogue),
        declared=config.resources if config else {},
        names={
            section: {member.id: member.name for member in members.values()}
            for section, members in catalogue.sections.items()
        },
        table=KINDS,
        organization=organization,
        beside=config is not None,
    )


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
