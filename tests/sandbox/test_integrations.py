"""Integrations: publishing replaces, what is write-only stays hidden, and not everything is for everybody."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from reconciler.sandbox import Behaviour, Sandbox, world
from reconciler.sandbox.world import GITBOOK
from tests.sandbox.api import ANALYTICS, ORG, Api, error

PNG = base64.b64encode(b"\x89PNG").decode()
FULL: dict[str, Any] = {
    "summary": "# Banner",
    "icon": PNG,
    "previewImages": [PNG, PNG],
    "visibility": "public",
    "target": "site",
    "scopes": ["site:script:inject"],
    "categories": ["marketing"],
    "blocks": [{"id": "banner", "title": "Banner", "urlUnfurl": ["https://banner.example/**"]}],
    "contentSources": [{"id": "texts", "title": "Texts", "configuration": {"componentId": "texts"}}],
    "externalLinks": [{"label": "Docs", "url": "https://banner.example/docs"}],
    "configurations": {"site": {"properties": {"text": {"type": "string"}}}},
    "contentSecurityPolicy": {"script-src": "banner.example;"},
    "runtime": "v2",
    "secrets": {"CLIENT_SECRET": "very secret"},
}
HIDDEN = {"script", "secrets", "icon", "runtime", "organization"}


async def test_what_is_readable_comes_back_as_published() -> None:
    api = Api()
    shown = (await api.publish(**FULL)).json()

    assert {key: shown[key] for key in FULL if key not in HIDDEN | {"previewImages"}} == {
        key: value for key, value in FULL.items() if key not in HIDDEN | {"previewImages"}
    }
    assert await api.get("/integrations/banner") == shown


async def test_what_is_write_only_never_comes_back() -> None:
    reply = await Api().publish(**FULL)

    assert not HIDDEN & reply.json().keys()
    assert "very secret" not in reply.text
    assert PNG not in reply.text


async def test_images_come_back_as_urls() -> None:
    shown = (await Api().publish(**FULL)).json()

    assert shown["urls"]["icon"].startswith("https://")
    assert len(shown["previewImages"]) == 2
    assert all(url.startswith("https://") for url in shown["previewImages"])


async def test_publishing_replaces_the_whole_document_and_raises_the_version() -> None:
    api = Api()
    first = (await api.publish(**FULL)).json()
    second = (await api.publish(title="Other")).json()

    assert (first["version"], second["version"]) == (1, 2)
    assert not {"summary", "blocks", "configurations", "contentSecurityPolicy"} & second.keys()
    assert (second["visibility"], second["target"], second["previewImages"]) == ("private", "all", [])
    assert "icon" not in second["urls"]
    assert "secrets" not in api.sandbox.store.integrations["banner"].document


async def test_the_publisher_may_be_named_by_id_or_subdomain() -> None:
    api = Api()
    shown = [
        (await api.publish(organization=name)).json()["owner"]["id"] for name in ("acme", world.ORGANIZATION)
    ]

    assert shown == [world.ORGANIZATION] * 2


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("banner", {"organization": "nobody"}, 404),
        ("banner", {"organization": "gitbook"}, 403),
        ("slack", {}, 403),
        ("banner", {"title": "B"}, 400),
        ("banner", {"scopes": ["everything"]}, 400),
        ("b:nner", {}, 400),
        ("banner", {"description": "x" * 101}, 400),
    ],
)
async def test_what_may_not_be_published_is_refused(name: str, fields: dict[str, Any], code: int) -> None:
    api = Api()
    reply = await api.publish(name, **fields)

    assert error(reply)[0] == code
    assert not api.sandbox.commits


async def test_the_limit_of_descriptions_may_be_lower_than_the_reference_says() -> None:
    reply = await Api(Sandbox(behaviour=Behaviour(description_limit=10))).publish(description="x" * 11)

    assert error(reply) == (400, "description must have at most 10 characters")


async def test_unpublishing_takes_it_from_everybody() -> None:
    api = Api()
    await api.publish()
    path = await api.install()
    gone = await api("DELETE /integrations/banner")
    again = await api("DELETE /integrations/banner")

    assert (gone.status_code, again.status_code) == (205, 204)
    assert not gone.content
    assert (await api(f"GET {path}")).status_code == 404
    assert (await api("GET /integrations/banner")).status_code == 404
    assert [entry.operation for entry in api.sandbox.commits][-1] == "unpublishIntegration"
    assert len(api.sandbox.commits) == 3


async def test_another_organizations_integration_cannot_be_unpublished() -> None:
    assert (await Api()("DELETE /integrations/slack")).status_code == 403


async def test_lists_show_what_is_public_and_an_organization_its_own_too() -> None:
    api = Api()
    await api.publish("private-banner")
    everywhere, ours = await api.names("/integrations"), await api.names(f"{ORG}/integrations")

    assert "slack" in everywhere
    assert "github" not in everywhere, "an unlisted one"
    assert set(ours) - set(everywhere) == {"private-banner"}
    assert (await api.get("/integrations/github"))["visibility"] == "unlisted"


async def test_a_private_integration_is_unknown_to_others() -> None:
    sandbox = Sandbox()
    await Api(sandbox).publish()
    api = Api(sandbox, token="gb_int_slack")

    assert (await api("GET /integrations/banner")).status_code == 404
    assert (await Api(sandbox, token="gb_int_banner").get("/integrations/banner"))["name"] == "banner"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"search": "plau"}, ["plausible"]),
        ({"search": "google analytics"}, ["googleanalytics"]),
        ({"category": "collaboration"}, ["slack"]),
        ({"scope": "site:visitor:auth"}, ["VA-Okta"]),
        ({"target": "all"}, ["webhook"]),
        ({"blocks": "true"}, ["sentry", "mermaid"]),
        ({"contentSources": "true"}, []),
        ({"blockDomain": "sentry.io"}, ["sentry"]),
        ({"owner": "acme"}, []),
        ({"owner": GITBOOK, "target": "all"}, ["webhook"]),
        ({"owner": "gitbook"}, []),
    ],
)
async def test_searches_filter(query: dict[str, str], names: list[str]) -> None:
    assert await Api().names("/integrations", **query) == names


async def test_a_site_knows_its_integrations_and_their_scripts() -> None:
    api = Api()
    path = f"{ORG}/sites/site_w8Yn5"
    scripts = await api.get(f"{path}/integration-scripts")

    assert await api.names(f"{path}/integrations") == ["googleanalytics"]
    assert await api.names(f"{path}/integrations", search="slack") == []
    assert await api.names(f"{ORG}/sites/site_p4Xo1/integrations") == []
    assert (scripts[0]["cookies"], scripts[0]["contentSecurityPolicy"]) == (
        True,
        "script-src https://www.google-analytics.com",
    )
    assert ANALYTICS in scripts[0]["script"]
    assert (await api(f"GET {ORG}/sites/site_nope/integrations")).status_code == 404


async def test_only_scripts_that_are_injected_are_scripts_of_a_site() -> None:
    api = Api()
    webhook, plausible = await api.install("webhook"), await api.install("plausible")
    for path in (webhook, plausible):
        await api(f"POST {path}/sites", {"siteId": "site_p4Xo1"})
    pending = await api.get(f"{ORG}/sites/site_p4Xo1/integration-scripts")
    await api(f"PATCH {plausible}/sites/site_p4Xo1", {"configuration": {"scriptKey": "pa-1"}})
    scripts = await api.get(f"{ORG}/sites/site_p4Xo1/integration-scripts")

    assert pending == []
    assert [script.keys() for script in scripts] == [{"script", "cookies"}]
    assert plausible in scripts[0]["script"]


async def test_a_site_that_is_not_published_has_no_scripts() -> None:
    api = Api()
    site = api.sandbox.store.sites["site_w8Yn5"]
    api.sandbox.store.sites[site.id] = replace(site, published=False)

    assert error(await api(f"GET {ORG}/sites/{site.id}/integration-scripts")) == (
        400,
        "site site_w8Yn5 is not published",
    )


async def test_texts_may_come_back_normalized() -> None:
    api = Api(Sandbox(behaviour=Behaviour(text="normal")))
    sent = {"scopes": ["site:views:read", "openapi:read"], "contentSecurityPolicy": " script-src a; \n"}
    shown = (await api.publish(**sent)).json()

    assert shown["scopes"] == ["openapi:read", "site:views:read"]
    assert shown["contentSecurityPolicy"] == "script-src a"
    assert "contentSecurityPolicy" not in (await api.publish()).json()


def tunnel_of(api: Api) -> Any:
    return api.sandbox.store.integrations["banner"].tunnel


async def test_development_mode_is_set_and_ended_by_the_owner_alone() -> None:
    api = Api()
    await api.publish()
    tunnel = {"tunnelUrl": "https://dev.example"}

    assert (await api("PUT /integrations/banner/dev", tunnel)).status_code == 204
    assert tunnel_of(api) == {**tunnel, "all": False}
    assert (await api("DELETE /integrations/banner/dev")).status_code == 205
    assert tunnel_of(api) is None
    assert (await api("PUT /integrations/slack/dev", tunnel)).status_code == 403
    assert (await api("PUT /integrations/nothing/dev", tunnel)).status_code == 404
