"""The operations on integrations: find, publish, unpublish, and run from a developer's machine."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import views
from reconciler.sandbox.call import (
    DONE,
    WAS_NOT_THERE,
    WAS_THERE,
    SandboxReply,
    bad_request,
    conflict,
    forbidden,
    not_found,
)
from reconciler.sandbox.paging import page
from reconciler.sandbox.records import Integration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call


def _list(backend: Backend, call: Call) -> SandboxReply:
    """All public integrations."""
    visible = (
        item
        for item in backend.store.integrations.values()
        if item.published and item.document.get("visibility") == "public"
    )
    return listing(backend, call, visible)


def _list_of_organization(backend: Backend, call: Call) -> SandboxReply:
    """What an organization can install: public ones, its own, and those it has installed."""
    organization = backend.organization(call)
    installed = {item.integration for item in backend.store.installations_of(organization=organization.id)}
    installable = (
        item
        for item in backend.store.integrations.values()
        if item.published
        and (
            item.document.get("visibility") == "public"
            or item.organization == organization.id
            or item.name in installed
        )
    )
    return listing(backend, call, installable)


def listing(backend: Backend, call: Call, integrations: Iterable[Integration]) -> SandboxReply:
    """One page of the integrations that match the call's filters."""
    items = [item for item in integrations if _matches(backend, item, call.query)]
    return page(
        backend.listed(items, lambda item: ("integration", item.name)),
        call,
        backend.behaviour,
        key=lambda item: item.name,
        view=lambda item: show(backend, item),
    )


def show(backend: Backend, item: Integration) -> dict[str, Any]:
    """An integration as the API shows it."""
    return views.integration(item, backend.store.organizations[item.organization], backend.behaviour)


def _owner(_backend: Backend, item: Integration, wanted: str) -> bool:
    return wanted == item.organization


_FILTERS: Mapping[str, Callable[[Backend, Integration, Any], bool]] = MappingProxyType({
    "search": lambda _, item, text: text.lower() in f"{item.name} {item.document['title']}".lower(),
    "category": lambda _, item, category: category in (item.document.get("categories") or ()),
    "scope": lambda _, item, scope: scope in (item.document.get("scopes") or ()),
    "target": lambda _, item, target: target == (item.document.get("target") or "all"),
    "blocks": lambda _, item, wanted: bool(item.document.get("blocks")) is wanted,
    "contentSources": lambda _, item, wanted: bool(item.document.get("contentSources")) is wanted,
    "blockDomain": lambda _, item, domain: any(
        domain in url for block in item.document.get("blocks") or () for url in block.get("urlUnfurl") or ()
    ),
    "owner": _owner,
})  # fmt: skip


def _matches(backend: Backend, item: Integration, query: Mapping[str, Any]) -> bool:
    return all(test(backend, item, query[name]) for name, test in _FILTERS.items() if name in query)


def _get(backend: Backend, call: Call) -> SandboxReply:
    return SandboxReply(body=show(backend, backend.integration(call)))


def _publish(backend: Backend, call: Call) -> SandboxReply:
    """Publish: replace the whole document, and raise the version."""
    document = dict(call.body)
    organization = backend.store.organization(document.pop("organization"))
    if organization is None:
        raise not_found(what="organization", name=str(call.body["organization"]))
    if not organization.member:
        msg = f"no permission to publish integrations of organization {organization.hostname}"
        raise forbidden(msg)
    if len(document["description"]) > backend.behaviour.description_limit:
        msg = f"description must have at most {backend.behaviour.description_limit} characters"
        raise bad_request(msg)
    old = backend.store.integrations.get(call.name)
    if old is not None and not backend.store.organizations[old.organization].member:
        msg = f"the name {call.name} is taken by another organization"
        raise forbidden(msg)
    if old is None:
        backend.note_created("integration", call.name)
        new = Integration(call.name, organization.id, document)
    else:
        version = old.version + 1
        new = replace(old, organization=organization.id, document=document, version=version, published=True)
    backend.store.integrations[call.name] = new
    return SandboxReply(body=show(backend, new))


def _unpublish(backend: Backend, call: Call) -> SandboxReply:
    """Unpublish: remove the integration from every organization that installed it, or as the switch says."""
    stored = backend.store.integrations.get(call.name)
    if stored is None or not stored.published:
        return WAS_NOT_THERE
    integration, how = backend.own_integration(call), backend.behaviour.unpublish
    is_installed = bool(backend.store.installations_of(integration=call.name))
    if is_installed and how == "refused":
        msg = f"integration {call.name} is installed; uninstall it first"
        raise conflict(msg)
    if is_installed and how == "orphans":
        backend.store.integrations[call.name] = replace(integration, published=False)
    else:
        backend.store.drop_integration(integration)
    return WAS_THERE


def _set_development(backend: Backend, call: Call) -> SandboxReply:
    integration = backend.own_integration(call)
    tunnel = {"tunnelUrl": call.body["tunnelUrl"], "all": call.body.get("all", False)}
    backend.store.integrations[integration.name] = replace(integration, tunnel=tunnel)
    return DONE


def _end_development(backend: Backend, call: Call) -> SandboxReply:
    integration = backend.own_integration(call)
    backend.store.integrations[integration.name] = replace(integration, tunnel=None)
    return WAS_THERE


HANDLERS: Mapping[str, Callable[[Backend, Call], SandboxReply]] = MappingProxyType({
    "listIntegrations": _list,
    "listOrganizationIntegrations": _list_of_organization,
    "getIntegrationByName": _get,
    "publishIntegration": _publish,
    "unpublishIntegration": _unpublish,
    "setIntegrationDevelopmentMode": _set_development,
    "disableIntegrationDevelopmentMode": _end_development,
})  # fmt: skip
