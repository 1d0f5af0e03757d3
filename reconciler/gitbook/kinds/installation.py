"""The kind `installation`: an integration installed in this organization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from reconciler.config.rules import live as rules
from reconciler.errors import Lagging, NotFound
from reconciler.gitbook.kinds.configuration import configuration_problems
from reconciler.gitbook.kinds.integration import NAME_MAX, NAME_PATTERN, IntegrationCalls, integration_of
from reconciler.gitbook.kinds.public_keys import PUBLIC_KEYS
from reconciler.gitbook.kinds.reply import declarable, owned_fields, text_in, was_there
from reconciler.gitbook.kinds.schemas import app_of, schema_at, schemas_in_force
from reconciler.gitbook.kinds.spec import ExternalIds, OwnedConfiguration, Ownership, Spec
from reconciler.resources.kind import Checks, FileSyntax, Implicit, Kind, LiveSide, Mark, Writing
from reconciler.resources.resource import Address, Facts, Resource, place_of
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from reconciler.diagnostics import Problem
    from reconciler.gitbook.kinds.api import GitBookApi
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import State


Selection = Literal["all", "selected"]
_SUBDOMAIN = re.compile(r"[a-z][a-z0-9-]{1,31}")
_ADDRESS_SIGNS = frozenset("/.: ")
_ID_LENGTH = 20


class InstallationSpec(Spec):
    """An integration installed in this organization: one entry under `installations`, by its name."""

    id: Annotated[
        str | None,
        Mark.SETTING,
        Mark.PIN,
        Field(
            min_length=1,
            description="Pins one of several installations; with `absent: true` only that one goes",
        ),
    ] = None
    configuration: OwnedConfiguration = None
    externalIds: ExternalIds = None
    space_selection: Annotated[
        Selection | None,
        Implicit("installation_space", "all"),
        Mark.INITIAL,
        Field(description="Whether it works on all spaces or on selected ones"),
    ] = None
    site_selection: Annotated[
        Selection | None,
        Implicit("installation_site", "all"),
        Mark.INITIAL,
        Field(description="Whether it works on all sites or on selected ones"),
    ] = None
    ownership: Ownership = None


class InstallationCalls:
    """Installations in the organization, by the integration's name."""

    async def list(
        self,
        client: GitBookApi,
        organization: str,
        parent: Resource | None,  # noqa: ARG002 - stands under nothing
    ) -> AsyncIterator[Resource]:
        """Each integration, then its installation: an installation alone does not name its integration."""
        async for item in client.items("listOrganizationInstallations", {"organizationId": organization}):
            app = integration_of(item.get("integration"))
            yield app
            yield installation_of(item.get("installation"), app.address.key, app)

    async def read(self, client: GitBookApi, handle: Handle) -> Resource | None:
        """By its id. Where that is unknown: ask for the status, then look for it in the list."""
        name = handle.address.key
        if handle.id:
            params = {"integrationName": name, "installationId": handle.id}
            try:
                reply = await client.call("getIntegrationInstallationById", params)
            except NotFound:
                return None
            return installation_of(reply.data, name)
        return await self._find(client, handle)

    async def _find(self, client: GitBookApi, handle: Handle) -> Resource | None:
        where = {"organizationId": handle.organization, "integrationName": handle.address.key}
        try:
            await client.call("getOrganizationIntegrationStatus", where)
        except NotFound:
            return None
        async for resource in self.list(client, handle.organization, None):
            if resource.address == handle.address:
                return resource
        # The list lags behind: saying "not there" would lead to a second installation.
        msg = (
            "its status says that it is installed, but the list does not show it yet; plan again in a minute"
        )
        raise Lagging(msg, operation="listOrganizationInstallations", subject=handle.address)

    async def create(self, client: GitBookApi, handle: Handle, body: Mapping[str, Any]) -> Resource:  # noqa: ARG002
        """Install it. The request takes the organization alone; a PATCH sets the rest."""
        name = handle.address.key
        reply = await client.call(
            "installIntegration", {"integrationName": name}, {"organization": handle.organization}
        )
        return installation_of(reply.data, name)

    async def write(self, client: GitBookApi, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH, which replaces each field that the body has."""
        name = handle.address.key
        params = {"integrationName": name, "installationId": handle.id}
        reply = await client.call("updateIntegrationInstallation", params, body)
        return installation_of(reply.data, name)

    async def delete(self, client: GitBookApi, handle: Handle) -> bool:
        """Uninstall it, with its bindings."""
        params = {"integrationName": handle.address.key, "installationId": handle.id}
        reply = await client.call("uninstallIntegration", params)
        return was_there(reply)

    async def keys(self, client: GitBookApi, organization: str) -> Mapping[str, str]:
        """The integrations that the organization can install, with titles."""
        return await IntegrationCalls().keys(client, organization)


def installation_of(data: Any, name: str, app: Resource | None = None) -> Resource:
    """An `IntegrationInstallation` of the integration `name`, which the object itself does not carry."""
    attributes = owned_fields(data, "externalIds", "space_selection", "site_selection")
    urls = data.get("urls") if isinstance(data.get("urls"), Mapping) else {}
    facts = Facts(
        id=text_in(data, "id", "installation"),
        status=str(data.get("status", "")),
        link=str(urls.get("app", "")),
        label=app.facts.label if app else "",
        extra={"target": app.facts.extra["target"] if app else "all"},
    )
    return Resource(Address.of("installation", name), attributes, facts)


def _check(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration must exist, and its schema must allow the configuration."""
    if resource.absent:
        return
    declared, published = app_of(resource.address, desired, live)
    if declared or published:
        yield from configuration_problems(
            resource, live, levels=schemas_in_force(declared, published), level="account"
        )
        return
    name = resource.address.key
    published_names = [item.key for item in live if item.kind == "integration"]
    advice = did_you_mean(name, published_names, "check the name in the integration's address in the app")
    yield rules.UNKNOWN_INTEGRATION.problem(
        "nobody published an integration of this name",
        advice,
        place=place_of(resource),
        address=resource.address,
    )


def _owner_advice(organization: str) -> str:
    """What to write in place of an organization's id that cannot be one; empty when it can."""
    if _ADDRESS_SIGNS.intersection(organization):
        return "write the id alone: the ID in app.gitbook.com/o/ID"
    if _SUBDOMAIN.fullmatch(organization) and len(organization) != _ID_LENGTH:
        return "this looks like a subdomain: open the app and copy the ID in app.gitbook.com/o/ID"
    return ""


def _exported(resource: Resource, _organization: str) -> Mapping[str, Any]:
    """Its configuration, and its selections of the levels that the integration works on."""
    target = resource.facts.extra.get("target", "all")
    # A new installation gets `selected` for both levels, also where the integration has no bindings.
    meaningless = {
        f"{word}_selection"
        for word in ("space", "site")
        if target not in (word, "all") and resource.attributes.get(f"{word}_selection") == "selected"
    }
    return declarable(resource, meaningless)


INSTALLATION = Kind(
    "installation",
    InstallationSpec,
    InstallationCalls(),
    file=FileSyntax("installations", key_pattern=NAME_PATTERN, key_max=NAME_MAX, owner_advice=_owner_advice),
    writing=Writing(after="integration", reads_before_create=True),
    checks=Checks(check=_check, schema=schema_at("account")),
    live=LiveSide(own_ids=True, public_keys=PUBLIC_KEYS, exported=_exported),
    operations={
        "list": ("listOrganizationInstallations",),
        "read": ("getIntegrationInstallationById",),
        "find": ("getOrganizationIntegrationStatus", "listOrganizationInstallations"),
        "create": ("installIntegration",),
        "write": ("updateIntegrationInstallation",),
        "delete": ("uninstallIntegration",),
    },
)
