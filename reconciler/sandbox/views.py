"""Records as the API shows them: without write-only fields, and with URLs in place of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.sandbox import rules
from reconciler.sandbox.records import START

if TYPE_CHECKING:
    from reconciler.sandbox.behaviour import Behaviour
    from reconciler.sandbox.records import (
        Binding,
        Event,
        Installation,
        Integration,
        Organization,
        Site,
        Space,
    )
    from reconciler.sandbox.store import Store

API = "https://api.gitbook.com/v1"
APP = "https://app.gitbook.com"
ASSETS = "https://integrations.gitbook.com/assets"
ENDPOINTS = "https://integrations.gitbook.com/v1/integrations"
READABLE = (
    "description",
    "summary",
    "blocks",
    "contentSources",
    "configurations",
    "contentSecurityPolicy",
)


def organization(item: Organization) -> dict[str, Any]:
    """An organization with all that the reference requires of one."""
    return {
        "object": "organization",
        "id": item.id,
        "title": item.title,
        "createdAt": START,
        "emailDomains": [],
        "hostname": item.hostname,
        "type": "business",
        "inviteLinks": False,
        "plan": "pro_2024",
        "mergeRules": {"type": "none"},
        "urls": {"location": f"{API}/orgs/{item.id}", "app": f"{APP}/o/{item.id}"},
        "trial": {"status": "notapplicable", "count": 0},
        "permissions": dict.fromkeys(_ORGANIZATION_PERMISSIONS, item.member),
    }


_ORGANIZATION_PERMISSIONS = (
    "view",
    "access",
    "admin",
    "ownTeam",
    "createContent",
    "createOpenAPISpec",
    "ingestConversations",
    "viewBilling",
    "listMembers",
    "listTeams",
    "listIntegrations",
    "listInstallations",
    "installIntegration",
)


USER_ID = "uS3rOfTh3S4ndb0xAcm1"


def user() -> dict[str, Any]:
    """The person whose token the sandbox's own token is."""
    return {
        "object": "user",
        "id": USER_ID,
        "displayName": "Sandbox User",
        "email": "user@sandbox.example",
        "urls": {"location": f"{API}/users/{USER_ID}"},
    }


def integration(item: Integration, owner: Organization, behaviour: Behaviour) -> dict[str, Any]:
    """An integration: its readable fields, and URLs in place of its images."""
    document = item.document
    readable = {key: document[key] for key in READABLE if document.get(key) is not None}
    urls = {
        "location": f"{API}/integrations/{item.name}",
        "app": f"{APP}/o/{owner.id}/integrations/{item.name}",
        "assets": f"{ASSETS}/{item.name}/{item.version}",
        "publicEndpoint": f"{ENDPOINTS}/{item.name}/integration",
    }
    if document.get("icon"):
        urls["icon"] = f"{urls['assets']}/icon.png"
    previews = range(len(document.get("previewImages") or ()))
    return _normal(behaviour, {
        "object": "integration",
        "name": item.name,
        "version": item.version,
        "title": document["title"],
        **readable,
        "scopes": document.get("scopes") or [],
        "categories": document.get("categories") or [],
        "visibility": document.get("visibility") or "private",
        "target": document.get("target") or "all",
        "verified": item.verified,
        "previewImages": [f"{urls['assets']}/preview-{number}.png" for number in previews],
        "externalLinks": document.get("externalLinks") or [],
        "owner": organization(owner),
        "permissions": {"admin": owner.member},
        "urls": urls,
    })  # fmt: skip


def _normal(behaviour: Behaviour, view: dict[str, Any]) -> dict[str, Any]:
    if behaviour.text == "kept":
        return view
    policy = view.get("contentSecurityPolicy")
    if isinstance(policy, str):
        view["contentSecurityPolicy"] = policy.strip("; \n\t")
    return view | {key: sorted(view[key]) for key in ("scopes", "categories")}


def installation(item: Installation, store: Store) -> dict[str, Any]:
    """An installation. It does not carry its integration's name."""
    wanted = rules.schema(store.integrations[item.integration], "account")
    return {
        "id": item.id,
        "status": "paused" if item.paused else rules.status(wanted, item.configuration),
        "space_selection": item.space_selection,
        "site_selection": item.site_selection,
        "spaces": len(store.bindings(item.id, "space")),
        "configuration": item.configuration,
        "urls": {
            "location": f"{API}/integrations/{item.integration}/installations/{item.id}",
            "app": f"{APP}/o/{item.organization}/integrations/{item.integration}/configure",
            "publicEndpoint": f"{ENDPOINTS}/{item.integration}/installations/{item.id}",
        },
        "externalIds": list(item.external_ids),
        "target": {"organization": item.organization},
        "createdAt": item.created_at,
        "updatedAt": item.updated_at,
    }


def binding(item: Binding, store: Store, *, extended: bool) -> dict[str, Any]:
    """A binding; `extended` gives its space or site as an object."""
    above = store.installations[item.installation]
    path = f"{above.integration}/installations/{above.id}/{item.level}s/{item.id}"
    return {
        "integration": above.integration,
        "installation": above.id,
        item.level: _target(item, store) if extended else item.id,
        "status": rules.status(
            rules.schema(store.integrations[above.integration], item.level), item.configuration
        ),
        "configuration": item.configuration,
        "externalIds": list(item.external_ids),
        "urls": {"location": f"{API}/integrations/{path}", "publicEndpoint": f"{ENDPOINTS}/{path}"},
    }


def _target(item: Binding, store: Store) -> dict[str, Any]:
    return space(store.spaces[item.id]) if item.level == "space" else site(store.sites[item.id])


def site(item: Site) -> dict[str, Any]:
    """A site with all that the reference requires of one."""
    urls = {"location": f"{API}/orgs/{item.organization}/sites/{item.id}"}
    urls["app"] = f"{APP}/o/{item.organization}/sites/{item.id}"
    if item.published:
        urls["published"] = f"https://{item.id.replace('_', '-').lower()}.gitbook.io/docs"
    return {
        "object": "site",
        "id": item.id,
        "type": item.type,
        "appliedType": item.type,
        "title": item.title,
        "visibility": "public",
        "published": item.published,
        "createdAt": START,
        "siteSpaces": len(item.spaces),
        "features": [],
        "agentsContext": "included",
        "urls": urls,
    }


def space(item: Space) -> dict[str, Any]:
    """A space with all that the reference requires of one."""
    return {
        "object": "space",
        "id": item.id,
        "title": item.title,
        "emoji": "1f4d8",
        "organization": item.organization,
        "visibility": "public",
        "revision": f"rev{item.id}"[:20],
        "createdAt": START,
        "updatedAt": START,
        "comments": 0,
        "changeRequests": 0,
        "changeRequestsOpen": 0,
        "changeRequestsDraft": 0,
        "mergeRules": {"type": "inherit"},
        "urls": {"location": f"{API}/spaces/{item.id}", "app": f"{APP}/o/{item.organization}/s/{item.id}"},
        "defaultLevel": "inherit",
        "permissions": dict.fromkeys(_SPACE_PERMISSIONS, True),
    }


_SPACE_PERMISSIONS = (
    "view",
    "access",
    "admin",
    "viewInviteLinks",
    "edit",
    "triggerGitSync",
    "comment",
    "merge",
    "review",
    "installIntegration",
)


def event(item: Event) -> dict[str, Any]:
    """An event as its list shows it, without the trace."""
    view = {
        "id": item.id,
        "integrationId": item.integration,
        "createdAt": item.created_at,
        "payload": item.payload,
        "status": item.status,
    }
    return view | ({"installationId": item.installation} if item.installation else {})


def trace(item: Event) -> dict[str, Any]:
    """What the integration's code logged while it handled the event."""
    return {
        "logs": [{"timestamp": item.created_at, "level": "info", "message": line} for line in item.logs],
    }
