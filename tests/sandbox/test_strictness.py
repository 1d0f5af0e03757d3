"""What the reference does not allow, a caller that may not ask, and the switches for what it leaves open."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from lzstring import compress_to_encoded_uri_component

from reconciler.sandbox import Behaviour, Sandbox
from tests.sandbox.api import ANALYTICS, BANNER, ORG, SLACK, SPACE, Api, error

HEADERS = {"Authorization": f"Bearer {Sandbox().token}"}
RENDER: dict[str, Any] = {
    "componentId": "config",
    "props": {},
    "context": {"type": "configuration_account", "theme": "dark", "organizationId": "o"},
}
SCREEN = {"site": {"properties": {"region": {"type": "string"}}}}


async def sent(sandbox: Sandbox, method: str, path: str, **options: Any) -> httpx.Response:
    """A request as no client of ours would send it."""
    async with httpx.AsyncClient(transport=sandbox.transport(), base_url="https://x.test/v1") as client:
        return await client.request(
            method, path, headers={**HEADERS, **options.pop("headers", {})}, **options
        )


def strict(*switches: str) -> Api:
    return Api(Sandbox(behaviour=Behaviour.parse(switches)))


async def bound(api: Api, screen: Any = SCREEN) -> str:
    """The path of a binding of an integration of our own."""
    await api.publish(configurations=screen)
    installation = await api.install()
    assert (await api(f"POST {installation}/sites", {"siteId": "site_p4Xo1"})).status_code == 201
    return f"{installation}/sites/site_p4Xo1"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/jsonp"])
async def test_a_body_that_is_not_said_to_be_json_is_refused(content_type: str) -> None:
    content, headers = json.dumps(BANNER).encode(), {"Content-Type": content_type}
    reply = await sent(Sandbox(), "POST", "/integrations/banner", content=content, headers=headers)

    assert error(reply)[0] == 415


async def test_a_charset_beside_json_is_json() -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    reply = await sent(
        Sandbox(), "POST", "/integrations/banner", content=json.dumps(BANNER).encode(), headers=headers
    )

    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=1&limit=2", "limit is given 2 times"),
        ("limit=1_0", "limit must be a number"),
        ("limit=%201", "limit must be a number"),
    ],
)
async def test_a_parameter_is_given_once_and_as_json_writes_it(query: str, message: str) -> None:
    assert error(await sent(Sandbox(), "GET", f"/integrations?{query}")) == (400, message)


async def test_a_url_with_a_space_is_none() -> None:
    reply = await Api().publish(externalLinks=[{"label": "Docs", "url": "https://a.example/x y"}])

    assert error(reply) == (400, "externalLinks[0].url must be a URL")


@pytest.mark.parametrize("missing", ["componentId", "props", "context"])
async def test_both_ways_to_render_ask_for_the_same(missing: str) -> None:
    body = {key: value for key, value in RENDER.items() if key != missing}
    posted = await Api()("POST /integrations/webhook/render", body)
    request = compress_to_encoded_uri_component(json.dumps(body))
    asked = await Api()("GET /integrations/webhook/render", request=request)

    assert error(posted) == error(asked) == (400, f"{missing} is required")


@pytest.mark.parametrize("value", [None, [[1]], {"deep": None}, [{"deep": [[]]}]])
async def test_a_plain_object_has_no_null_and_no_list_in_a_list(value: Any) -> None:
    reply = await Api()("POST /integrations/webhook/render", {**RENDER, "props": {"key": value}})

    assert error(reply) == (400, "props must be a plain object")


@pytest.mark.parametrize("parts", ['[1e999,"x"]', "[" * 20_000, "{}", '["a",1,"b",false]', "[0]", "nonsense"])
async def test_what_is_no_cursor_is_refused(parts: str) -> None:
    page = base64.urlsafe_b64encode(parts.encode()).decode()

    assert error(await sent(Sandbox(), "GET", f"/integrations?page={page}"))[0] == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [(f"{ORG}/spaces", {}), ("/integrations", {"target": "site"}), ("/integrations", {"search": "a"})],
)
async def test_a_cursor_holds_for_its_own_list_and_filter(path: str, query: dict[str, str]) -> None:
    api = Api()
    following = (await api.get("/integrations", limit=1))["next"]["page"]

    assert (await api("GET /integrations", page=following, limit=2)).status_code == 200
    assert error(await api(f"GET {path}", page=following, **query))[0] == 400


async def test_every_405_names_what_is_allowed() -> None:
    api = strict("space_binding=patch-405")
    wrong, post = await api(f"PUT {SLACK}"), await api(f"POST {SLACK}/spaces", {"space": SPACE})

    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "DELETE, GET, PATCH")
    assert (post.status_code, post.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    "call",
    [
        "GET /integrations/slack/installations",
        "GET /integrations/slack/spaces",
        "GET /integrations/slack/sites",
        "GET /integrations/slack/events",
        f"GET {SLACK}/spaces",
        f"GET {SLACK}/sites",
        f"POST {SLACK}/tokens",
    ],
)
async def test_the_token_of_another_integration_is_shown_nothing(call: str) -> None:
    assert error(await Api(token="gb_int_googleanalytics")(call))[0] == 403


async def test_an_integration_sees_its_own_installations_of_an_organization_alone() -> None:
    listed = (await Api(token="gb_int_slack").get(f"{ORG}/installations"))["items"]

    assert [item["integration"]["name"] for item in listed] == ["slack"]


def names(reply: httpx.Response) -> set[str]:
    return {*reply.json()["blocks"][0]}


BLOCKS = {"blocks": [{"id": "a", "title": "Aa", "colour": "red"}]}


@pytest.mark.parametrize(
    ("keys", "status", "shown"),
    [("kept", 200, {"id", "title", "colour"}), ("dropped", 200, {"id", "title"}), ("refused", 400, None)],
)
async def test_an_unknown_key_at_any_depth_is_kept_dropped_or_refused(
    keys: str, status: int, shown: Any
) -> None:
    reply = await strict(f"unknown_keys={keys}").publish(**BLOCKS, configurations=SCREEN)

    assert reply.status_code == status
    assert shown is None or names(reply) == shown
    assert shown is not None or error(reply)[1] == "blocks.0.colour is not known"


@pytest.mark.parametrize(("values", "status"), [("refused", 400), ("kept", 200)])
async def test_an_unknown_scope_is_refused_or_kept(values: str, status: int) -> None:
    reply = await sent(
        strict(f"unknown_values={values}").sandbox,
        "POST",
        "/integrations/banner",
        json={**BANNER, "scopes": ["site:tomorrow"]},
    )

    assert reply.status_code == status


@pytest.mark.parametrize(("query", "status"), [("ignored", 200), ("refused", 400)])
async def test_an_unknown_parameter_is_ignored_or_refused(query: str, status: int) -> None:
    reply = await strict(f"unknown_query={query}")("GET /integrations", serch="a")

    assert reply.status_code == status


@pytest.mark.parametrize(
    ("switch", "body", "status"),
    [
        ("nulls=refused", {"region": None}, 400),
        ("nulls=kept", {"region": None}, 200),
        ("outside_schema=refused", {"colour": "red"}, 400),
        ("outside_schema=refused", {"region": "EU"}, 200),
        ("outside_schema=dropped", {"colour": "red"}, 200),
    ],
)
async def test_nulls_and_keys_outside_the_schema_are_the_switchs_matter(
    switch: str, body: dict[str, Any], status: int
) -> None:
    api = strict(switch)
    reply = await api(f"PATCH {await bound(api)}", {"configuration": body})

    assert reply.status_code == status
    if "dropped" in switch:
        assert reply.json()["configuration"] == {}


@pytest.mark.parametrize(("status", "shown"), [("at-once", "active"), ("later", "pending")])
async def test_a_reply_may_show_the_status_before(status: str, shown: str) -> None:
    api = strict(f"status={status}")
    path = await bound(api, {"site": {**SCREEN["site"], "required": ["region"]}})
    reply = await api(f"PATCH {path}", {"configuration": {"region": "EU"}})

    assert reply.json()["status"] == shown
    assert (await api.get(path))["status"] == "active"


@pytest.mark.parametrize(
    ("unpublish", "status", "left"), [("takes-along", 205, 0), ("refused", 409, 1), ("orphans", 205, 1)]
)
async def test_unpublishing_what_is_installed_is_one_of_three_things(
    unpublish: str, status: int, left: int
) -> None:
    api = strict(f"unpublish={unpublish}")
    await bound(api)
    reply = await api("DELETE /integrations/banner")
    listed = (await api.get(f"{ORG}/installations", search="banner"))["items"]

    assert (reply.status_code, len(listed)) == (status, left)
    assert ((await api("GET /integrations/banner")).status_code == 200) is (status == 409)


@pytest.mark.parametrize(("parent", "status"), [("204", 204), ("404", 404)])
async def test_a_binding_under_nothing_is_gone_or_not_found(parent: str, status: int) -> None:
    api = strict(f"missing_parent={parent}")

    assert (await api("DELETE /integrations/slack/installations/none/sites/site_p4Xo1")).status_code == status


@pytest.mark.parametrize(("unselect", "left"), [("dropped", 0), ("kept", 4)])
async def test_selected_again_drops_what_all_has_bound_or_keeps_it(unselect: str, left: int) -> None:
    api = strict(f"unselect={unselect}")
    for selection in ("all", "selected"):
        await api(f"PATCH {ANALYTICS}", {"site_selection": selection})
    api.sandbox.store.drop_binding(
        api.sandbox.store.bindings(ANALYTICS.rsplit("/", 1)[1], "site")["site_w8Yn5"]
    )

    assert len(await api.names(f"{ANALYTICS}/sites")) == max(0, left - 1)


async def test_a_deleted_thing_leaves_the_lists_later() -> None:
    api = strict("delete_lag=2")
    await api(f"DELETE {ANALYTICS}/sites/site_w8Yn5")

    assert (await api(f"GET {ANALYTICS}/sites/site_w8Yn5")).status_code == 404
    assert await api.names(f"{ANALYTICS}/sites") == ["site_w8Yn5"]
    assert await api.names(f"{ANALYTICS}/sites") == []


async def test_pages_may_come_without_a_count_and_with_empty_ones_between() -> None:
    api = strict("count=none", "empty_pages=between", "page_size=1")
    first = await api.get(f"{ORG}/sites")
    second = await api.get(f"{ORG}/sites", page=first["next"]["page"])

    assert "count" not in first
    assert second["items"] == []
    assert await api.names(f"{ORG}/sites") == ["site_p4Xo1", "site_k2Lm9", "site_t7Rb3", "site_w8Yn5"]


async def test_replies_may_have_what_no_client_knows() -> None:
    sandbox = strict("extra=fields", "enums=new", "numbers=floats", "sets=reversed", "absent=null").sandbox
    published = await sent(
        sandbox, "POST", "/integrations/banner", json={**BANNER, "scopes": ["openapi:read", "openapi:write"]}
    )
    sites = await sent(sandbox, "GET", f"{ORG}/sites")

    assert published.json()["newSinceTheReference"]
    assert published.json()["scopes"] == ["openapi:write", "openapi:read"]
    assert published.json()["summary"] is None
    assert '"version":1.0' in published.text
    assert {item["type"] for item in sites.json()["items"]} == {"newSinceTheReference"}


async def test_a_temporary_token_may_expire() -> None:
    sandbox = Sandbox(behaviour=Behaviour(token_life=1))
    made = await Api(sandbox, token="gb_int_slack")(f"POST {SLACK}/tokens")
    api = Api(sandbox, token=made.json()["token"])

    assert (await api("GET /integrations/slack")).status_code == 200
    assert (await api("GET /integrations/slack")).status_code == 401


@pytest.mark.parametrize("order", ["newest-first", "oldest-first"])
async def test_events_come_in_either_order(order: str) -> None:
    api = strict(f"events={order}")
    path = await bound(api)
    await api(f"PATCH {path}", {"configuration": {"region": "EU"}})
    listed = (await api.get("/integrations/banner/events"))["items"]

    expected = ["installation_setup", "site_installation_setup", "site_installation_setup"]
    types = [item["payload"]["type"] for item in listed]
    assert types == (expected if order == "oldest-first" else expected[::-1])
