"""The whole live organization, or a recorded one, for `export`, `matrix` and `plan --state`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.reading_progress import reading_lists
from reconciler.config.yaml.files import MAIN_PART, PARTS
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.binding import with_titles
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import read_bytes
from reconciler.live.fetch_all import fetch_all
from reconciler.live.snapshot import Snapshot, load, pinned
from reconciler.lock.stores.address import is_remote
from reconciler.plan.drift import Who, drift
from reconciler.plan.matrix import Matrix, Member, matrix
from reconciler.render.clean import clean
from reconciler.resources.kind import public_keys
from reconciler.resources.redaction import Redactor
from reconciler.resources.secret_names import SecretNames

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.cli.session import Session
    from reconciler.config import Config
    from reconciler.pipeline import Planned
    from reconciler.resources.resource import Live, State


def config_of(session: Session) -> Config | None:
    """The files; `None` if none were named and the current folder has none."""
    paths = session.settings.paths
    if paths == (".",) and not any(path for part in (MAIN_PART, PARTS) for path in Path().glob(part)):
        return None
    return session.config()


def organization_of(session: Session, config: Config | None) -> str:
    """The files' organization, else the environment's. Raises `UsageError` if neither names one."""
    organization = config.organization if config else session.options().default_organization
    if not organization:
        msg = "no organization: set GITBOOK_ORGANIZATION or --organization to the ID in app.gitbook.com/o/ID"
        raise UsageError(msg)
    return organization


async def fetch_organization(
    session: Session, declared: State, organization: str, *, titles: bool = False, keys: bool = False
) -> Live:
    """Everything live. What could not be listed is named on stderr."""
    table = with_titles(KINDS) if titles else KINDS
    async with session.client() as client:
        with reading_lists() as lists:
            live = await fetch_all(
                client, declared, table=table, organization=organization, keys=keys, lists=lists
            )
    for note in live.notes:
        click.echo(clean(note), err=True)
    return live


def redactor(session: Session, organization: str, live: Live, config: Config | None) -> Redactor:
    """What is secret in the live state: by its name, or because the files took it from a secret."""
    base = session.lock_store(organization).load()
    names = config.names if config else SecretNames(public=public_keys(KINDS))
    declared = config.resources if config else {}
    return Redactor.of(declared, base.entries, live.state, table=KINDS, names=names, salt=base.salt)


def status_matrix(planned: Planned, live: Live, config: Config, *, show: str = "") -> Matrix:
    """The state of everything that was read, under the names of the catalogue."""
    moved = drift(planned.plan, config.resources, planned.base, table=KINDS)
    members = {
        section: {member.id: Member(member.name, member.tags) for member in organization.values()}
        for section, organization in config.catalogue.sections.items()
    }
    return matrix(
        planned.plan,
        live,
        config.resources,
        table=KINDS,
        members=members,
        names=config.names,
        show=show,
        edited=frozenset(item.address for item in moved.items if item.who is Who.FILE),
    )


def recorded(session: Session, path: str) -> tuple[Session, Callable[[Config], Live]]:
    """The session at the snapshot's endpoint and organization, and what it recorded for a config.

    Raises `UsageError` for a file that is no snapshot, or one of another endpoint or organization.
    """
    snapshot = _snapshot(path)
    at_snapshot = _session_at(session, snapshot)

    def live_of(config: Config) -> Live:
        if config.organization != snapshot.organization:
            msg = f"{path}: is of {snapshot.organization}, and the files are for {config.organization}"
            raise UsageError(msg)
        return pinned(snapshot.live, config.resources)

    return at_snapshot, live_of


def _snapshot(path: str) -> Snapshot:
    if is_remote(path):
        from reconciler.cli.shared_documents import read_shared  # noqa: PLC0415 - only for such a place

        shared = read_shared(path)
        if shared is None:
            msg = f"{path}: has no snapshot; record one with `gbsync export --snapshot {path}`"
            raise UsageError(msg)
        return load(shared, name=path, table=KINDS)
    try:
        text = read_bytes(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        msg = f"{path}: cannot be read: {reason}; record a snapshot with `gbsync export --snapshot {path}`"
        raise UsageError(msg) from None
    return load(text, name=path, table=KINDS)


def _session_at(session: Session, snapshot: Snapshot) -> Session:
    settings = session.settings
    wanted = session.endpoint if settings.sandbox is not None or settings.endpoint else ""
    if wanted and wanted != snapshot.endpoint.rstrip("/"):
        msg = f"the snapshot was recorded at {snapshot.endpoint}, not at {wanted}; record one there"
        raise UsageError(msg)
    settings = replace(settings, endpoint=snapshot.endpoint, organization=snapshot.organization)
    return replace(session, settings=settings)
