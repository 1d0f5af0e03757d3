"""What GitBook's own clients ask beside integrations: who somebody is, organizations, sites and spaces."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.sandbox import views
from reconciler.sandbox.call import SandboxReply, forbidden, not_found
from reconciler.sandbox.integrations import listing
from reconciler.sandbox.paging import page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call
    from reconciler.sandbox.records import Integration, Space


def _user(_backend: Backend, _call: Call) -> SandboxReply:
    return SandboxReply(body=views.user())


def _organizations(backend: Backend, call: Call) -> SandboxReply:
    """The organizations that the user belongs to."""
    items = [item for item in backend.store.organizations.values() if item.member]
    return page(items, call, backend.behaviour, key=lambda item: item.id, view=views.organization)


def _organization(backend: Backend, call: Call) -> SandboxReply:
    return SandboxReply(body=views.organization(backend.organization(call)))


def _site(backend: Backend, call: Call) -> SandboxReply:
    return SandboxReply(body=views.site(backend.site(call)))


def _the_space(backend: Backend, call: Call) -> Space:
    space = backend.store.spaces.get(call.path["spaceId"])
    if space is None:
        raise not_found(what="space", name=call.path["spaceId"])
    if not backend.belongs(call.caller, space.organization):
        msg = f"no access to space {space.id}"
        raise forbidden(msg)
    return space


def _space(backend: Backend, call: Call) -> SandboxReply:
    return SandboxReply(body=views.space(_the_space(backend, call)))


def _on_space(backend: Backend, call: Call) -> list[Integration]:
    space = _the_space(backend, call)
    return [
        backend.store.integrations[item.integration]
        for item in backend.store.installations_of(organization=space.organization)
        if space.id in backend.store.bindings(item.id, "space")
    ]


def _space_integrations(backend: Backend, call: Call) -> SandboxReply:
    return listing(backend, call, _on_space(backend, call))


def _space_blocks(backend: Backend, call: Call) -> SandboxReply:
    """The blocks that a space's integrations define: an array, not a page of items."""
    return SandboxReply(body=[
        {"name": item.name, "blocks": item.document["blocks"]}
        for item in _on_space(backend, call)
        if item.document.get("blocks")
    ])  # fmt: skip


HANDLERS: Mapping[str, Callable[[Backend, Call], SandboxReply]] = MappingProxyType({
    "getAuthenticatedUser": _user,
    "listOrganizationsForAuthenticatedUser": _organizations,
    "getOrganizationById": _organization,
    "getSiteById": _site,
    "getSpaceById": _space,
    "listSpaceIntegrations": _space_integrations,
    "listSpaceIntegrationsBlocks": _space_blocks,
})  # fmt: skip
