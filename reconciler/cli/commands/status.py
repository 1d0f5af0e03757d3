"""`gbsync status`: how the organization's integrations stand, and each one that the files declare."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli import output
from reconciler.cli.helptext import Sections
from reconciler.cli.options import session_options
from reconciler.cli.organization import config_of, organization_of
from reconciler.errors import NotFound
from reconciler.gitbook.kinds.installation import INSTALLATION
from reconciler.render.status import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.cli.session import Session
    from reconciler.gitbook.client.client import Client

ACTIVE = "active"
MISSING = "not installed"


@click.command(
    "status",
    cls=Sections,
    examples={
        "gbsync status": "Show every integration, and who must finish one.",
        "gbsync status production --format json": "The same of the files in a folder, for a program.",
    },
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@session_options
def command(session: Session, *, form: str) -> None:
    """Show the status of the organization's integrations; if a person must finish one, with the link.

    Where PATHS have files, each installation that they declare is shown too, installed or not.
    """
    organization, declared = _declared(session)
    standings = asyncio.run(_standings(session, organization, declared))
    from reconciler.render.json import json_text  # noqa: PLC0415 - only where something is shown
    from reconciler.render.status import status_document, status_text  # noqa: PLC0415 - only where shown

    if form == "json":
        output.emit(json_text(status_document(organization, standings)), form)
    else:
        click.echo(status_text(standings, width=output.width()))


def _declared(session: Session) -> tuple[str, frozenset[str] | None]:
    """The organization, and the installations that the files declare; `None` if there are no files."""
    config = config_of(session)
    organization = organization_of(session, config)
    if config is None:
        return organization, None
    return organization, frozenset(item.key for item in config.resources if item.kind == INSTALLATION.name)


async def _standings(
    session: Session, organization: str, declared: frozenset[str] | None
) -> tuple[Standing, ...]:
    async with session.client(session.token()) as client:
        where = {"organizationId": organization}
        listed = [item async for item in client.items("listOrganizationIntegrationsStatus", where)]
        standings = {item["integration"]["name"]: _standing(item, declared) for item in listed}
        missing = sorted((declared or frozenset()) - standings.keys())
        asked = await asyncio.gather(*(_asked(client, organization, name) for name in missing))
        standings.update(zip(missing, asked, strict=True))
        if any(item.status not in (ACTIVE, MISSING) for item in standings.values()):
            standings = await _with_links(client, organization, standings)
    return tuple(standings[name] for name in sorted(standings))


def _standing(item: Mapping[str, Any], declared: frozenset[str] | None) -> Standing:
    name = item["integration"]["name"]
    title = str(item["integration"].get("title") or "")
    return Standing(name, title, str(item["status"]), declared=None if declared is None else name in declared)


async def _asked(client: Client, organization: str, name: str) -> Standing:
    """A declared one that no list shows: it is not installed, or the list lags behind."""
    params = {"organizationId": organization, "integrationName": name}
    try:
        reply = await client.call("getOrganizationIntegrationStatus", params)
    except NotFound:
        return Standing(name, "", MISSING, declared=True)
    return Standing(name, "", str(reply.data["status"]), declared=True)


async def _with_links(
    client: Client, organization: str, standings: Mapping[str, Standing]
) -> dict[str, Standing]:
    """The same, with the link of each that a person must look at."""
    listed = client.items("listOrganizationInstallations", {"organizationId": organization})
    pairs: Sequence[Any] = [item async for item in listed]
    links = {item["integration"]["name"]: _link(item["installation"]) for item in pairs}
    return {
        name: item if item.status in (ACTIVE, MISSING) else item.linked(links.get(name, ""))
        for name, item in standings.items()
    }


def _link(installation: Mapping[str, Any]) -> str:
    urls = installation.get("urls")
    return str(urls.get("app", "")) if isinstance(urls, dict) else ""
