"""The operations around running integrations: events, tasks, tokens, screens, scripts, sites and spaces."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import checks, views
from reconciler.sandbox.bodies import RENDER
from reconciler.sandbox.call import DONE, SandboxReply, bad_request, not_found
from reconciler.sandbox.integrations import listing
from reconciler.sandbox.paging import page
from reconciler.sandbox.records import Event, Grant, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call
    from reconciler.sandbox.records import Installation, Integration, Site


def _list_events(backend: Backend, call: Call) -> SandboxReply:
    """The events of an integration, in the order of the switch."""
    events = _events(backend, call)
    events = events if backend.behaviour.events == "oldest-first" else events[::-1]
    return page(events, call, backend.behaviour, key=lambda item: item.id, view=views.event)


def _events(backend: Backend, call: Call) -> list[Event]:
    """The events that the caller may see, the oldest first; an installation's token sees its own alone."""
    backend.integration(call)
    backend.refuse_others(call)
    own = call.caller.subject if call.caller.kind == "integration-installation" else None
    return [item for item in backend.store.events.get(call.name, ()) if own in (None, item.installation)]


def _get_event(backend: Backend, call: Call) -> SandboxReply:
    for item in _events(backend, call):
        if item.id == call.path["eventId"]:
            return SandboxReply(body={"event": views.event(item), "trace": views.trace(item)})
    raise not_found(what="event", name=call.path["eventId"])


def _queue(backend: Backend, call: Call) -> SandboxReply:
    integration = backend.integration(call)
    backend.refuse_others(call)
    task = call.body["task"]
    backend.store.tasks.append(Task(integration.name, task, call.body.get("schedule", 0)))
    number = backend.store.new_id()
    payload = {"eventId": number, "type": "task", "task": task}
    backend.store.add_event(Event(number, integration.name, payload, created_at=backend.now()))
    return DONE


def _token(backend: Backend, call: Call) -> SandboxReply:
    """A token that speaks for one installation."""
    installation = backend.installation(call)
    grant = Grant(f"gb_tmp_{backend.store.new_id()}", installation.id)
    backend.store.grants[grant.token] = grant
    backend.note_token(grant.token)
    return SandboxReply(body={"token": grant.token})


def _render_compressed(backend: Backend, call: Call) -> SandboxReply:
    """Render from a query: the request as JSON, LZ-string compressed."""
    from lzstring import decompress_from_encoded_uri_component  # noqa: PLC0415 - for this operation alone

    try:
        body = json.loads(decompress_from_encoded_uri_component(call.query["request"]) or "")
        wrong = list(checks.problems(RENDER, body, ""))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no request
        msg = "request is not an LZ-string compressed render request"
        raise bad_request(msg) from None
    if wrong:
        raise bad_request("; ".join(wrong))
    return _rendered(backend, call, body["componentId"], body["props"])


def _render(backend: Backend, call: Call) -> SandboxReply:
    return _rendered(backend, call, call.body["componentId"], call.body["props"])


def _rendered(backend: Backend, call: Call, component: str, properties: dict[str, Any]) -> SandboxReply:
    backend.integration(call)
    text = {"type": "markdown", "content": f"**{component}** as {call.name} draws it"}
    body = {
        "type": "element",
        "element": {"type": "block", "children": [text]},
        "state": {},
        "props": properties,
    }
    return SandboxReply(body=body, headers={"Cache-Control": "private, max-age=0"}, changed=False)


def _sites(backend: Backend, call: Call) -> SandboxReply:
    organization = backend.organization(call)
    query = call.query

    def wanted(site: Site) -> bool:
        return (
            site.organization == organization.id
            and ("space" not in query or query["space"] in site.spaces)
            and query.get("title", "").lower() in site.title.lower()
            and query.get("published", site.published) is site.published
            and ("type" not in query or site.type in query["type"])
        )

    items = [item for item in backend.store.sites.values() if wanted(item)]
    return page(items, call, backend.behaviour, key=lambda item: item.id, view=views.site)


def _spaces(backend: Backend, call: Call) -> SandboxReply:
    organization = backend.organization(call)
    items = [item for item in backend.store.spaces.values() if item.organization == organization.id]
    return page(items, call, backend.behaviour, key=lambda item: item.id, view=views.space)


def _on_site(backend: Backend, call: Call) -> list[tuple[Installation, Integration]]:
    site = backend.site(call)
    return [
        (item, backend.store.integrations[item.integration])
        for item in backend.store.installations_of(organization=site.organization)
        if site.id in backend.store.bindings(item.id, "site")
    ]


def _site_integrations(backend: Backend, call: Call) -> SandboxReply:
    return listing(backend, call, [integration for _, integration in _on_site(backend, call)])


def _site_scripts(backend: Backend, call: Call) -> SandboxReply:
    """The scripts that the site's published pages load: an array, not a page of items."""
    site = backend.site(call)
    if not site.published:
        msg = f"site {site.id} is not published"
        raise bad_request(msg)
    return SandboxReply(body=[
        _script(item, integration)
        for item, integration in _on_site(backend, call)
        if "site:script:inject" in (integration.document.get("scopes") or ())
        and _status(backend, item, site) == "active"
    ])  # fmt: skip


def _status(backend: Backend, installation: Installation, site: Site) -> str:
    binding = backend.store.bindings(installation.id, "site")[site.id]
    return str(views.binding(binding, backend.store, extended=False)["status"])


def _script(installation: Installation, integration: Integration) -> dict[str, Any]:
    view: dict[str, Any] = {
        "script": f"{views.ENDPOINTS}/{integration.name}/installations/{installation.id}/script.js",
        "cookies": "site:script:cookies" in integration.document["scopes"],
    }
    policy = integration.document.get("contentSecurityPolicy")
    if isinstance(policy, dict):
        policy = "; ".join(f"{name} {' '.join(value.strip('; ').split())}" for name, value in policy.items())
    return view | ({"contentSecurityPolicy": policy} if policy else {})


HANDLERS: Mapping[str, Callable[[Backend, Call], SandboxReply]] = MappingProxyType({
    "listIntegrationEvents": _list_events,
    "getIntegrationEvent": _get_event,
    "queueIntegrationTask": _queue,
    "createIntegrationInstallationToken": _token,
    "renderIntegrationUIWithGet": _render_compressed,
    "renderIntegrationUIWithPost": _render,
    "listSites": _sites,
    "listSpacesInOrganizationById": _spaces,
    "listSiteIntegrations": _site_integrations,
    "listSiteIntegrationScripts": _site_scripts,
})  # fmt: skip
