"""The operations on installations: find, install, configure, uninstall."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from reconciler.sandbox import rules, views
from reconciler.sandbox.call import WAS_NOT_THERE, WAS_THERE, SandboxReply, conflict, forbidden, not_found
from reconciler.sandbox.integrations import show
from reconciler.sandbox.paging import page
from reconciler.sandbox.records import Installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call
    from reconciler.sandbox.records import Level


def _page(
    backend: Backend, call: Call, items: Iterable[Installation], view: Callable[[Installation], Any]
) -> SandboxReply:
    return page(
        backend.listed(items, lambda item: ("installation", item.id)),
        call,
        backend.behaviour,
        key=lambda item: item.id,
        view=view,
    )


def _list_of_integration(backend: Backend, call: Call) -> SandboxReply:
    backend.integration(call)
    backend.refuse_others(call)
    wanted = call.query.get("externalId")
    candidates = backend.store.installations_of(integration=call.name)
    items = (item for item in candidates if wanted is None or wanted in item.external_ids)
    return _page(backend, call, items, lambda item: views.installation(item, backend.store))


def _list_of_organization(backend: Backend, call: Call) -> SandboxReply:
    """The installations of an organization, each with its integration."""
    wanted = call.query.get("search", "").lower()
    organization = backend.organization(call).id
    integrations = backend.store.integrations

    def was(item: Any) -> bool:
        return isinstance(item, Installation) and item.organization == organization

    candidates = backend.with_deleted(backend.store.installations_of(organization=organization), was)
    items = (
        item
        for item in candidates
        # An integration's token sees its own alone: the others' configurations have secrets in them.
        if (call.caller.kind == "user" or item.integration == backend.speaks_for(call.caller))
        and item.integration in integrations
        and wanted in f"{item.integration} {integrations[item.integration].document['title']}".lower()
    )

    def view(item: Installation) -> dict[str, Any]:
        return {
            "integration": show(backend, integrations[item.integration]),
            "installation": views.installation(item, backend.store),
        }

    return _page(backend, call, items, view)


def _list_status(backend: Backend, call: Call) -> SandboxReply:
    """Which integrations are installed at a target, and whether they work."""
    target = call.query.get("target", "organization")
    candidates = backend.store.installations_of(organization=backend.organization(call).id)
    items = (
        item
        for item in candidates
        if target == "organization" or backend.store.bindings(item.id, cast("Level", target))
    )

    def view(item: Installation) -> dict[str, Any]:
        return {
            "status": views.installation(item, backend.store)["status"],
            "integration": show(backend, backend.store.integrations[item.integration]),
        }

    return _page(backend, call, items, view)


def _get_status(backend: Backend, call: Call) -> SandboxReply:
    organization = backend.organization(call)
    integration = backend.integration(call)
    installed = backend.store.installations_of(integration=integration.name, organization=organization.id)
    if not installed:
        raise not_found(what="installation of", name=integration.name)
    return SandboxReply(body={"status": views.installation(installed[0], backend.store)["status"]})


def _get(backend: Backend, call: Call) -> SandboxReply:
    return SandboxReply(body=views.installation(backend.installation(call), backend.store))


def _install(backend: Backend, call: Call) -> SandboxReply:
    """Install the integration. The request takes the organization alone; a PATCH sets the rest."""
    integration = backend.integration(call)
    organization = backend.store.organizations.get(call.body["organization"])
    if organization is None:
        raise not_found(what="organization", name=call.body["organization"])
    if not organization.member:
        msg = f"no permission to install integrations in organization {organization.id}"
        raise forbidden(msg)
    existing = backend.store.installations_of(integration=integration.name, organization=organization.id)
    if existing and backend.behaviour.second_install == "conflict":
        msg = f"integration {integration.name} is already installed in organization {organization.id}"
        raise conflict(msg)
    if existing and backend.behaviour.second_install == "same":
        return _created(backend, existing[0], changed=False)
    schema = rules.schema(integration, "account")
    now = backend.now()
    installation = Installation(
        backend.store.new_id(),
        integration.name,
        organization.id,
        rules.filled(schema, {}, backend.behaviour),
        space_selection=backend.behaviour.selection,
        site_selection=backend.behaviour.selection,
        created_at=now,
        updated_at=now,
    )
    backend.note_created("installation", installation.id)
    backend.store.put_installation(installation)
    status = rules.status(schema, installation.configuration)
    backend.send_event(installation, "installation_setup", status=status, previous={"status": "pending"})
    return _created(backend, installation, changed=True)


def _created(backend: Backend, item: Installation, *, changed: bool) -> SandboxReply:
    view = views.installation(item, backend.store)
    return SandboxReply(HTTPStatus.CREATED, view, {"Location": view["urls"]["location"]}, changed)


def _update(backend: Backend, call: Call) -> SandboxReply:
    """Replace each field that the PATCH names, and run the integration's code."""
    old = backend.installation(call)
    new = replace(
        backend.written(old, call.body),
        space_selection=call.body.get("space_selection", old.space_selection),
        site_selection=call.body.get("site_selection", old.site_selection),
        updated_at=backend.now(),
    )
    before = views.installation(old, backend.store)["status"]
    backend.store.put_installation(new)
    _select(backend, old, new)
    reply = views.installation(new, backend.store)
    if backend.behaviour.status == "later":
        reply["status"] = before
    previous = {"status": before, "configuration": old.configuration}
    backend.send_event(new, "installation_setup", status=reply["status"], previous=previous)
    backend.store.put_installation(backend.run(new))
    return SandboxReply(body=reply)


def _select(backend: Backend, old: Installation, new: Installation) -> None:
    for level, before, after, targets in (
        ("space", old.space_selection, new.space_selection, backend.store.spaces),
        ("site", old.site_selection, new.site_selection, backend.store.sites),
    ):
        if before != after:
            _everywhere(backend, new, cast("Level", level), [
                item.id for item in targets.values() if item.organization == new.organization
            ] if after == "all" else [])  # fmt: skip


def _everywhere(backend: Backend, installation: Installation, level: Level, targets: list[str]) -> None:
    """Create or delete the bindings that exist only because all spaces or sites are selected."""
    for item in tuple(backend.store.bindings(installation.id, level).values()):
        if item.implied and targets == [] and backend.behaviour.unselect == "kept":
            backend.store.put_binding(replace(item, implied=False))
        elif item.implied:
            backend.store.drop_binding(item)
    allowed = rules.allows(backend.store.integrations[installation.integration], level)
    if backend.behaviour.everywhere == "unbound" or not allowed:
        return
    existing = backend.store.bindings(installation.id, level)
    for target in [target for target in targets if target not in existing]:
        backend.bind(installation, level, target, implied=True)


def _uninstall(backend: Backend, call: Call) -> SandboxReply:
    """Uninstall the integration, with its bindings."""
    installation = backend.store.installations.get(call.path["installationId"])
    if installation is None or installation.integration != call.name:
        return WAS_NOT_THERE
    backend.installation(call)
    backend.store.drop_installation(installation)
    backend.note_deleted(installation)
    backend.send_event(
        installation, "installation_deleted", previous={"configuration": installation.configuration}
    )
    return WAS_THERE


HANDLERS: Mapping[str, Callable[[Backend, Call], SandboxReply]] = MappingProxyType({
    "listIntegrationInstallations": _list_of_integration,
    "listOrganizationInstallations": _list_of_organization,
    "listOrganizationIntegrationsStatus": _list_status,
    "getOrganizationIntegrationStatus": _get_status,
    "getIntegrationInstallationById": _get,
    "installIntegration": _install,
    "updateIntegrationInstallation": _update,
    "uninstallIntegration": _uninstall,
})  # fmt: skip
