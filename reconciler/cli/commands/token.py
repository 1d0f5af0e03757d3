"""`gbsync token NAME`: a temporary token that acts as an installation, only on stdout."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.complete import INTEGRATION
from reconciler.cli.helptext import Sections
from reconciler.cli.options import connection_options
from reconciler.errors import NotFound, UsageError
from reconciler.gitbook.client.tokens import check_token
from reconciler.gitbook.operations.table import OPERATIONS

if TYPE_CHECKING:
    from reconciler.cli.session import Session
    from reconciler.gitbook.client.client import Client

MAKE = "createIntegrationInstallationToken"


@click.command(
    "token",
    cls=Sections,
    examples={
        "gbsync token acme-banner": "Print a token of the organization's installation.",
        "gbsync token acme-banner --installation bEDFsQvIpQJXzBhr0BUK": "Print another one's.",
    },
)
@click.argument("name", type=INTEGRATION)
@click.option(
    "--installation", metavar="ID", help="The installation's id  [default: the organization's installation]"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@connection_options
def command(session: Session, *, name: str, installation: str | None, form: str) -> None:
    """Print a temporary token of the installation of the integration NAME.

    It takes the integration's own token in GITBOOK_TOKEN. It prints a secret, to stdout only: no log and no
    file contains it.
    """
    token = asyncio.run(_token(session, name, installation))
    click.echo(token if form == "text" else json.dumps({"token": token}, indent=2))


async def _token(session: Session, name: str, installation: str | None) -> str:
    own = session.token(name)
    check_token(OPERATIONS[MAKE], own)
    async with session.client(own) as client:
        id_ = installation or await _installation(client, name, session.organization)
        reply = await client.call(MAKE, {"integrationName": name, "installationId": id_})
        return str(reply.data["token"])


async def _installation(client: Client, name: str, organization: str) -> str:
    """The id of the one installation in the organization."""
    listed = client.items("listIntegrationInstallations", {"integrationName": name})
    ids = [item["id"] async for item in listed if _target(item) == organization or not organization]
    if not ids:
        where = f" in {organization}" if organization else ""
        msg = f"it is not installed{where}; check the name and --organization"
        raise NotFound(msg, operation=MAKE, subject=f"installation/{name}")
    if len(ids) > 1:
        msg = f"installation/{name}: is installed {len(ids)} times; say --installation or --organization"
        raise UsageError(f"{msg}: {', '.join(ids[:10])}")
    return str(ids[0])


def _target(item: dict[str, Any]) -> Any:
    target = item.get("target")
    return target.get("organization") if isinstance(target, dict) else None
