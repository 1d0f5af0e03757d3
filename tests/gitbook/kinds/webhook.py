"""A fifth kind, as somebody would add it: this file, and its rows in `webhook_operations.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from reconciler.errors import NotFound
from reconciler.gitbook.kinds.reply import key_in, was_there
from reconciler.gitbook.kinds.spec import Spec
from reconciler.resources.kind import Assumed, FileSyntax, Kind, Mark, Writing
from reconciler.resources.resource import Address, Facts, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.gitbook.client.client import Client
    from reconciler.resources.kind import Handle


class WebhookSpec(Spec):
    """A URL that is told what happens in an installation."""

    url: Annotated[str | None, Field(max_length=2048, description="Where events are sent")] = None
    events: Annotated[
        list[Literal["installed", "uninstalled", "configured"]] | None,
        Mark.UNORDERED,
        Assumed([]),
        Field(description="Which events are sent"),
    ] = None
    signing: Annotated[str | None, Mark.SECRET, Field(description="What requests are signed with")] = None


class WebhookCalls:
    """Webhooks of an installation, by name."""

    async def list(
        self,
        client: Client,
        organization: str,
        parent: Resource | None,
    ) -> AsyncIterator[Resource]:
        """Every webhook of one installation."""
        assert parent is not None
        params = {"integrationName": parent.address.key, "installationId": parent.facts.id}
        async for item in client.items("listWebhooks", params):
            yield _webhook_of(item, parent.address)

    async def read(self, client: Client, handle: Handle) -> Resource | None:
        """One webhook."""
        try:
            reply = await client.call("getWebhook", _params(handle))
        except NotFound:
            return None
        return _webhook_of(reply.data, _parent(handle))

    async def create(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The POST takes everything but the secret, so a PATCH follows."""
        sent = {"name": handle.address.key} | {key: body[key] for key in ("url", "events") if key in body}
        params = {key: value for key, value in _params(handle).items() if key != "webhookName"}
        reply = await client.call("createWebhook", params, sent)
        return _webhook_of(reply.data, _parent(handle))

    async def write(self, client: Client, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH."""
        reply = await client.call("updateWebhook", _params(handle), body)
        return _webhook_of(reply.data, _parent(handle))

    async def delete(self, client: Client, handle: Handle) -> bool:
        """Remove it."""
        return was_there(await client.call("deleteWebhook", _params(handle)))

    async def keys(self, client: Client, organization: str) -> Mapping[str, str]:
        """No catalogue names webhooks."""
        return {}


def _parent(handle: Handle) -> Address:
    assert handle.address.parent is not None
    return handle.address.parent


def _params(handle: Handle) -> dict[str, str]:
    return {
        "integrationName": _parent(handle).key,
        "installationId": handle.parent_id,
        "webhookName": handle.address.key,
    }


def _webhook_of(data: Mapping[str, Any], parent: Address) -> Resource:
    name = key_in(data.get("name"), "a webhook", "name")
    attributes = {key: data[key] for key in ("url", "events", "signing") if data.get(key) is not None}
    return Resource(Address.of("webhook", name, parent), attributes, Facts(id=name))


WEBHOOK = Kind(
    "installation_webhook",
    WebhookSpec,
    WebhookCalls(),
    FileSyntax("webhooks"),
    parent="installation",
    writing=Writing(requires=frozenset({"url"}), write_requests=1),
)
