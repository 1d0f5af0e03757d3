"""The operations on bindings: an installation on one space or site. Both levels share every rule."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import rules, views
from reconciler.sandbox.call import (
    WAS_NOT_THERE,
    WAS_THERE,
    SandboxReply,
    bad_request,
    conflict,
    no_operation,
    not_found,
)
from reconciler.sandbox.paging import page
from reconciler.sandbox.records import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call
    from reconciler.sandbox.records import Installation, Level


def _list(level: Level, backend: Backend, call: Call) -> SandboxReply:
    installation = backend.installation(call)

    def was(item: Any) -> bool:
        return isinstance(item, Binding) and (item.installation, item.level) == (installation.id, level)

    items = backend.with_deleted(backend.store.bindings(installation.id, level).values(), was)
    return _page(level, backend, call, items)


def _list_of_integration(level: Level, backend: Backend, call: Call) -> SandboxReply:
    """The bindings of all installations of an integration, in any organization."""
    backend.integration(call)
    backend.refuse_others(call)
    wanted = call.query.get("externalId")
    return _page(level, backend, call, (
        item
        for installation in backend.store.installations_of(integration=call.name)
        for item in backend.store.bindings(installation.id, level).values()
        if wanted is None or wanted in item.external_ids
    ))  # fmt: skip


def _page(level: Level, backend: Backend, call: Call, items: Iterable[Binding]) -> SandboxReply:
    return page(
        backend.listed(items, lambda item: (item.installation, level, item.id)),
        call,
        backend.behaviour,
        key=lambda item: f"{item.installation}/{item.id}",
        view=lambda item: backend.view(item, call),
    )


def _find(level: Level, backend: Backend, call: Call) -> tuple[Installation, Binding | None]:
    installation, target = backend.installation(call), call.path[f"{level}Id"]
    is_readable = backend.readable(installation.id, level, target)
    return installation, backend.store.bindings(installation.id, level).get(target) if is_readable else None


def _get(level: Level, backend: Backend, call: Call) -> SandboxReply:
    _, binding = _find(level, backend, call)
    if binding is None:
        raise not_found(what=f"installation on {level}", name=call.path[f"{level}Id"])
    return SandboxReply(body=backend.view(binding, call))


def _bind(level: Level, backend: Backend, call: Call) -> SandboxReply:
    """Create a binding. The request takes the space or site alone; a PATCH sets the configuration."""
    if level == "space" and backend.behaviour.space_binding != "post":
        raise no_operation(int(backend.behaviour.space_binding[-3:]), "GET")
    installation = backend.installation(call)
    target = call.body["siteId" if level == "site" else "space"]
    _check_target(backend, installation, level, target)
    existing = backend.store.bindings(installation.id, level).get(target)
    if existing is not None and backend.behaviour.second_binding == "conflict":
        msg = f"integration {installation.integration} is already installed on {level} {target}"
        raise conflict(msg)
    view = backend.view(existing or _new_binding(backend, installation, level, target), call)
    location = {"Location": view["urls"]["location"]}
    return SandboxReply(HTTPStatus.CREATED, view, location, changed=existing is None)


def _new_binding(backend: Backend, installation: Installation, level: Level, target: str) -> Binding:
    binding = backend.bind(installation, level, target)
    status = views.binding(binding, backend.store, extended=False)["status"]
    previous = {"status": "pending"}
    payload = {f"{level}Id": target, "status": status, "previous": previous}
    backend.send_event(installation, f"{level}_installation_setup", **payload)
    return binding


def _check_target(backend: Backend, installation: Installation, level: Level, target: str) -> None:
    known = backend.store.spaces if level == "space" else backend.store.sites
    record = known.get(target)
    if record is None or record.organization != installation.organization:
        raise not_found(what=level, name=target)
    if not rules.allows(backend.store.integrations[installation.integration], level):
        msg = f"integration {installation.integration} cannot be installed on a {level}"
        raise bad_request(msg)


def _update(level: Level, backend: Backend, call: Call) -> SandboxReply:
    """Replace each field that the PATCH names, and run the integration's code."""
    installation, old = _find(level, backend, call)
    target = call.path[f"{level}Id"]
    if old is None:
        if level == "site" or backend.behaviour.space_binding == "post":
            raise not_found(what=f"installation on {level}", name=target)
        _check_target(backend, installation, level, target)
        old = _new_binding(backend, installation, level, target)
    before = views.binding(old, backend.store, extended=False)["status"]
    new = backend.store.put_binding(replace(backend.written(old, call.body), implied=False))
    view = backend.view(new, call)
    if backend.behaviour.status == "later":
        view["status"] = before
    previous = {"status": before, "configuration": old.configuration}
    payload = {f"{level}Id": target, "status": view["status"], "previous": previous}
    backend.send_event(installation, f"{level}_installation_setup", **payload)
    backend.store.put_binding(backend.run(new))
    return SandboxReply(body=view)


def _unbind(level: Level, backend: Backend, call: Call) -> SandboxReply:
    # By the reference nothing is missing where something shall be gone, not even what it stood under.
    is_lenient = backend.behaviour.missing_parent == "204"
    if is_lenient and call.path["installationId"] not in backend.store.installations:
        return WAS_NOT_THERE
    installation, binding = _find(level, backend, call)
    if binding is None:
        return WAS_NOT_THERE
    backend.store.drop_binding(binding)
    backend.note_deleted(binding)
    payload = {f"{level}Id": binding.id, "previous": {"configuration": binding.configuration}}
    backend.send_event(installation, f"{level}_installation_deleted", **payload)
    return WAS_THERE


HANDLERS: Mapping[str, Callable[[Backend, Call], SandboxReply]] = MappingProxyType({
    "listIntegrationInstallationSpaces": partial(_list, "space"),
    "listIntegrationInstallationSites": partial(_list, "site"),
    "listIntegrationSpaceInstallations": partial(_list_of_integration, "space"),
    "listIntegrationSiteInstallations": partial(_list_of_integration, "site"),
    "getIntegrationSpaceInstallation": partial(_get, "space"),
    "getIntegrationSiteInstallation": partial(_get, "site"),
    "installIntegrationOnSpace": partial(_bind, "space"),
    "installIntegrationOnSite": partial(_bind, "site"),
    "updateIntegrationSpaceInstallation": partial(_update, "space"),
    "updateIntegrationSiteInstallation": partial(_update, "site"),
    "uninstallIntegrationFromSpace": partial(_unbind, "space"),
    "uninstallIntegrationFromSite": partial(_unbind, "site"),
})  # fmt: skip
