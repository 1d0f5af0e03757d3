"""How each kind is listed, read, made, written and deleted through the API's operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import AlreadyExists, ApiError, Lagging, NotFound
from reconciler.gitbook.kinds import replies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.gitbook.client.client import Client
    from reconciler.gitbook.client.response import ApiReply
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import Resource

_METHOD_NOT_ALLOWED = 405
_RESET_CONTENT = 205
_NO_ICON = ("icon", "")
"""An icon of no bytes is no image: without the field, a publish leaves none."""


def _was_there(reply: ApiReply) -> bool:
    """Whether a DELETE took something away; one that was sent again may have done so the first time."""
    return reply.status == _RESET_CONTENT or reply.attempts > 1


class IntegrationCalls:
    """Published integrations, by name; other organizations' private ones are in no list."""

    async def list(
        self,
        client: Client,
        organization: str,
        parent: Resource | None,  # noqa: ARG002 - stands under nothing
    ) -> AsyncIterator[Resource]:
        """Every integration that the organization can install: for near misses."""
        async for item in client.items("listOrganizationIntegrations", {"organizationId": organization}):
            yield replies.integration(item)

    async def read(self, client: Client, handle: Handle) -> Resource | None:
        """The integration as published."""
        try:
            reply = await client.call("getIntegrationByName", {"integrationName": handle.address.key})
        except NotFound:
            return None
        return replies.integration(reply.data)

    async def create(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """Publishes it. Raises `Ambiguous` when nobody knows whether it arrived."""
        sent = {name: value for name, value in body.items() if (name, value) != _NO_ICON}
        reply = await client.call("publishIntegration", {"integrationName": handle.address.key}, sent)
        return replies.integration(reply.data)

    write = create

    async def delete(self, client: Client, handle: Handle) -> bool:
        """Unpublishes it everywhere."""
        reply = await client.call("unpublishIntegration", {"integrationName": handle.address.key})
        return _was_there(reply)

    async def keys(self, client: Client, organization: str) -> Mapping[str, str]:
        """The integrations that the organization can install, with titles."""
        return {item.address.key: item.facts.label async for item in self.list(client, organization, None)}


class InstallationCalls:
    """Installations in the organization, by the integration's name."""

    async def list(
        self,
        client: Client,
        organization: str,
        parent: Resource | None,  # noqa: ARG002 - stands under nothing
    ) -> AsyncIterator[Resource]:
        """Each installation with its integration before it: only these pairs link the two."""
        async for item in client.items("listOrganizationInstallations", {"organizationId": organization}):
            app = replies.integration(item.get("integration"))
            yield app
            yield replies.installation(item.get("installation"), app.address.key, app)

    async def read(self, client: Client, handle: Handle) -> Resource | None:
        """By id where it is known; else asked for by status, then looked for in the list."""
        name = handle.address.key
        if handle.id:
            params = {"integrationName": name, "installationId": handle.id}
            try:
                reply = await client.call("getIntegrationInstallationById", params)
            except NotFound:
                return None
            return replies.installation(reply.data, name)
        return await self._find(client, handle)

    async def _find(self, client: Client, handle: Handle) -> Resource | None:
        where = {"organizationId": handle.organization, "integrationName": handle.address.key}
        try:
            await client.call("getOrganizationIntegrationStatus", where)
        except NotFound:
            return None
        async for found in self.list(client, handle.organization, None):
            if found.address == handle.address:
                return found
        msg = "it is installed, says its status, but the list does not show it yet; plan again in a minute"
        raise Lagging(msg, operation="listOrganizationInstallations", subject=handle.address)

    async def create(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:  # noqa: ARG002
        """Installs it; the request takes the organization alone."""
        name = handle.address.key
        reply = await client.call(
            "installIntegration", {"integrationName": name}, {"organization": handle.organization}
        )
        return replies.installation(reply.data, name)

    async def write(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH."""
        name = handle.address.key
        params = {"integrationName": name, "installationId": handle.id}
        reply = await client.call("updateIntegrationInstallation", params, body)
        return replies.installation(reply.data, name)

    async def delete(self, client: Client, handle: Handle) -> bool:
        """Uninstalls it, with its bindings."""
        params = {"integrationName": handle.address.key, "installationId": handle.id}
        reply = await client.call("uninstallIntegration", params)
        return _was_there(reply)

    async def keys(self, client: Client, organization: str) -> Mapping[str, str]:
        """The integrations that the organization can install, with titles."""
        return await IntegrationCalls().keys(client, organization)


@dataclass(frozen=True, slots=True)
class BindingCalls:
    """An installation on spaces or sites, by their ids."""

    word: str
    """`space` or `site`."""
    body_key: str
    """The field of the POST that takes the id."""
    declared_in_unread_file: frozenset[str]
    """Targets of an integration that has no binding of this kind: its list is not asked for."""
    every: str
    """The operation that lists all of the organization's spaces or sites."""
    titles: bool = False
    """Whether the list shows spaces and sites whole, with their titles: replies are much larger."""

    def works_under(self, parent: Resource) -> bool:
        """Whether the integration's target has bindings of this kind."""
        return parent.facts.extra.get("target") not in self.declared_in_unread_file

    def _operation(self, verb: str) -> str:
        return f"{verb}Integration{self.word.capitalize()}Installation"

    def _params(self, handle: Handle, *, own: bool = True) -> dict[str, str]:
        parent = handle.address.parent
        params = {"integrationName": parent.key if parent else "", "installationId": handle.parent_id}
        return {**params, f"{self.word}Id": handle.address.key} if own else params

    def _resource(self, data: Any, handle: Handle) -> Resource:
        parent = handle.address.parent
        assert parent is not None, "a binding stands under its installation"  # noqa: S101
        return replies.binding(data, parent, self.word)

    async def list(
        self,
        client: Client,
        organization: str,  # noqa: ARG002 - its parent is in one
        parent: Resource | None,
    ) -> AsyncIterator[Resource]:
        """Every binding of one installation; none where its integration's target has none."""
        if parent is None or not self.works_under(parent):
            return
        params: dict[str, Any] = {"integrationName": parent.address.key, "installationId": parent.facts.id}
        if self.titles:
            params["extended"] = True
        operation = f"listIntegrationInstallation{self.word.capitalize()}s"
        async for item in client.items(operation, params):
            yield replies.binding(item, parent.address, self.word)

    async def read(self, client: Client, handle: Handle) -> Resource | None:
        """The binding by the id of its space or site."""
        try:
            reply = await client.call(self._operation("get"), self._params(handle))
        except NotFound:
            return None
        return self._resource(reply.data, handle)

    async def create(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The POST; where there is no such route, the PATCH makes it, if nobody else has.

        Raises `AlreadyExists` when it is there, `TryAgain` when that PATCH was not made.
        """
        operation = f"installIntegrationOn{self.word.capitalize()}"
        params = self._params(handle, own=False)
        try:
            reply = await client.call(operation, params, {self.body_key: handle.address.key})
        except ApiError as error:
            if not isinstance(error, NotFound) and error.status != _METHOD_NOT_ALLOWED:
                raise
            if await self.read(client, handle) is not None:
                msg = "it exists already"
                raise AlreadyExists(msg, operation=operation, subject=handle.address) from None
            return await self.write(client, handle, body or {"configuration": {}})
        return self._resource(reply.data, handle)

    async def write(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH."""
        reply = await client.call(self._operation("update"), self._params(handle), body)
        return self._resource(reply.data, handle)

    async def delete(self, client: Client, handle: Handle) -> bool:
        """Takes the integration off the space or site."""
        operation = f"uninstallIntegrationFrom{self.word.capitalize()}"
        reply = await client.call(operation, self._params(handle))
        return _was_there(reply)

    async def keys(self, client: Client, organization: str) -> Mapping[str, str]:
        """The organization's spaces or sites, with titles."""
        found = client.items(self.every, {"organizationId": organization})
        return {str(item.get("id")): str(item.get("title") or "") async for item in found}
