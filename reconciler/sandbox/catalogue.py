"""The integrations of the seeded world: what their real manifests declare, with our own words for prose."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

INJECTED = ("site:script:inject", "site:script:cookies")
COMPONENT = {"componentId": "config"}


def _text(title: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, **more}


def _switch(title: str, *, default: bool) -> dict[str, Any]:
    return {"type": "boolean", "title": title, "default": default}


def _form(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"properties": properties, **({"required": list(required)} if required else {})}


def _document(title: str, description: str, target: str, **fields: Any) -> dict[str, Any]:
    return {
        "title": title,
        "description": description,
        "target": target,
        "visibility": "public",
        "scopes": [],
        "categories": [],
        "script": f"// {title}",
        "runtime": "v2",
        **fields,
    }


def _collected(name: str, title: str, *, default: bool) -> tuple[str, dict[str, Any]]:
    return f"autocapture_{name}", _switch(title, default=default)


_AMPLITUDE = dict((
    _collected("attribution", "Attribution", default=True),
    _collected("page_views", "Page Views", default=True),
    _collected("sessions", "Sessions", default=True),
    _collected("form_interactions", "Form Interactions", default=True),
    _collected("file_downloads", "File Downloads", default=True),
    _collected("element_interactions", "Element Interactions", default=False),
    _collected("frustration_interactions", "Frustration Interactions", default=False),
    _collected("page_url_enrichment", "Page URL Enrichment", default=True),
    _collected("network_tracking", "Network Tracking", default=False),
    _collected("web_vitals", "Web Vitals", default=False),
))  # fmt: skip

_SLACK = {
    "account": _form(
        {
            "oauth_credentials": {
                "type": "button",
                "title": "Connection",
                "button_text": "Authorize",
                "callback_url": "/oauth",
            },
            "default_channel": _text("Default Channel", completion_url="/channels"),
        },
        "oauth_credentials",
        "default_channel",
    ),
    "space": _form({
        "channel": _text("Channel", completion_url="/channels"),
        "notify_content_update": _switch("Notify Content Update", default=True),
        "notify_visibility_update": _switch("Notify Visibility Update", default=True),
    }),
}  # fmt: skip

DOCUMENTS: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "slack": _document(
        "Slack",
        "Answers from your docs and notifications in Slack.",
        "space",
        categories=["collaboration"],
        scopes=["space:content:read", "space:metadata:read"],
        configurations=_SLACK,
        secrets={"CLIENT_ID": "sandbox", "CLIENT_SECRET": "sandbox", "SIGNING_SECRET": "sandbox"},
    ),
    "github": _document(
        "GitHub Sync",
        "Keeps a space and a GitHub repository the same.",
        "space",
        visibility="unlisted",
        scopes=["space:metadata:read", "space:content:read", "space:git:sync"],
        configurations={"space": {"componentId": "configure"}},
    ),
    "gitlab": _document(
        "GitLab Sync",
        "Keeps a space and a GitLab repository the same.",
        "space",
        visibility="unlisted",
        scopes=["space:metadata:read", "space:content:read", "space:git:sync"],
        configurations={"space": {"componentId": "configure"}},
    ),
    "googleanalytics": _document(
        "Google Analytics",
        "Page views of your sites in Google Analytics.",
        "site",
        categories=["analytics"],
        scopes=list(INJECTED),
        configurations={"site": _form({"tracking_id": _text("Tracking ID")}, "tracking_id")},
        contentSecurityPolicy={"script-src": "https://www.google-analytics.com;"},
    ),
    "plausible": _document(
        "Plausible",
        "Page views of your sites in Plausible.",
        "site",
        categories=["analytics"],
        scopes=["site:script:inject"],
        configurations={
            "site": _form(
                {"scriptKey": _text("Script key"), "selfHostedUrl": _text("Self-hosted URL")}, "scriptKey"
            )
        },
    ),
    "intercom": _document(
        "Intercom",
        "The Intercom chat on your sites.",
        "site",
        categories=["analytics"],
        scopes=list(INJECTED),
        configurations={
            "site": _form(
                {
                    "app_id": _text("Application ID"),
                    "region": _text("Region", enum=["US", "EU", "Australia"], default="US"),
                },
                "app_id",
            )
        },
    ),
    "segment": _document(
        "Segment",
        "Page views of your sites in a Segment source.",
        "site",
        categories=["analytics"],
        scopes=["site:views:read"],
        configurations={
            "site": _form(
                {"write_key": _text("Write Key"), "eu_region": _switch("EU Region", default=False)},
                "write_key",
            )
        },
    ),
    "amplitude": _document(
        "Amplitude",
        "Visitors of your sites in Amplitude.",
        "site",
        scopes=list(INJECTED),
        categories=["analytics"],
        configurations={
            "site": _form(
                {
                    "amplitude_api_key": _text("Amplitude API Key"),
                    "server_url": _text("Server URL", default="https://api2.amplitude.com/2/httpapi"),
                    **_AMPLITUDE,
                },
                "amplitude_api_key",
            )
        },
    ),
    "sentry": _document(
        "Sentry",
        "Sentry issues inside your pages.",
        "space",
        blocks=[{"id": "embed", "title": "Sentry", "urlUnfurl": ["https://sentry.io/**"]}],
        configurations={"account": _form({"auth_token": _text("Auth Token")}, "auth_token")},
    ),
    "mermaid": _document(
        "Mermaid",
        "Diagrams written as text.",
        "space",
        blocks=[
            {
                "id": "diagram",
                "title": "Mermaid diagram",
                "markdown": {"codeblock": "mermaid", "body": "content"},
            }
        ],
    ),
    "webhook": _document(
        "Webhook",
        "GitBook's events, sent to your endpoint.",
        "all",
        categories=["other"],
        scopes=["site:views:read", "space:content:read", "page:feedback:read"],
        configurations={"space": COMPONENT, "site": COMPONENT},
    ),
    "VA-Okta": _document(
        "Okta",
        "Okta decides who reads your published docs.",
        "site",
        categories=["visitor-auth"],
        scopes=["site:metadata:read", "site:visitor:auth"],
        configurations={"site": COMPONENT},
    ),
})  # fmt: skip
