"""What surrounds running integrations: events, tasks, temporary tokens, screens, sites and spaces."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from lzstring import compress_to_encoded_uri_component

from reconciler.sandbox import Sandbox, world
from tests.sandbox.api import ANALYTICS, ORG, SLACK, SPACE, Api, error

SCREEN = {
    "componentId": "config",
    "props": {"deep": {"list": [1, True, "x"]}},
    "context": {"theme": "dark", "type": "configuration_site", "siteId": "site_p4Xo1"},
}


async def events(api: Api, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"/integrations/{name}/events"))["items"]
    return found


async def test_an_integration_is_told_what_happens_to_its_installations() -> None:
    api = Api()
    path = await api.install("webhook")
    await api(f"PATCH {path}", {"configuration": {"url": "https://x.example"}})
    await api(f"POST {path}/spaces", {"space": SPACE})
    await api(f"PATCH {path}/spaces/{SPACE}", {"configuration": {}})
    await api(f"POST {path}/sites", {"siteId": "site_p4Xo1"})
    await api(f"DELETE {path}/sites/site_p4Xo1")
    await api(f"DELETE {path}")
    told = [event["payload"]["type"] for event in reversed(await events(api, "webhook"))]

    assert told == [
        "installation_setup",
        "installation_setup",
        "space_installation_setup",
        "space_installation_setup",
        "site_installation_setup",
        "site_installation_deleted",
        "installation_deleted",
    ]


async def test_an_event_has_a_trace() -> None:
    api = Api()
    await api(f"PATCH {SLACK}", {"externalIds": []})
    event = (await events(api, "slack"))[0]
    found = await api.get(f"/integrations/slack/events/{event['id']}")

    assert found["event"] == event
    assert found["event"]["payload"]["previous"]["status"] == "active"
    assert found["trace"]["logs"][0]["message"]
    assert (await api("GET /integrations/slack/events/nothing")).status_code == 404


async def test_an_integration_queues_a_task_for_itself() -> None:
    sandbox = Sandbox()
    api = Api(sandbox, token="gb_int_slack")
    body = {"task": {"type": "sync"}, "schedule": 60}

    assert (await api("POST /integrations/slack/tasks", body)).status_code == 204
    assert (sandbox.store.tasks[0].task, sandbox.store.tasks[0].schedule) == ({"type": "sync"}, 60)
    assert (await events(api, "slack"))[0]["payload"]["type"] == "task"
    assert error(await api("POST /integrations/slack/tasks", {**body, "schedule": 86401}))[0] == 400


async def test_a_temporary_token_speaks_for_one_installation() -> None:
    sandbox = Sandbox()
    made = await Api(sandbox, token="gb_int_slack")(f"POST {SLACK}/tokens")
    api = Api(sandbox, token=made.json()["token"])

    slack = sandbox.store.integrations["slack"]
    sandbox.store.integrations["slack"] = replace(slack, document={**slack.document, "visibility": "private"})

    assert (await api.get("/integrations/slack"))["visibility"] == "private"
    assert await api.names(f"{SLACK}/spaces") == []
    assert (await api(f"GET {ANALYTICS}/sites")).status_code == 403
    assert await api.names(f"{ORG}/spaces") == [space.id for space in sandbox.store.spaces.values()]
    assert (await api("GET /orgs/gB00kInc000000000000/spaces")).status_code == 403
    assert (await api(f"GET {SLACK}")).status_code == 403


async def test_a_temporary_token_dies_with_its_installation() -> None:
    sandbox = Sandbox()
    made = await Api(sandbox, token="gb_int_slack")(f"POST {SLACK}/tokens")
    await Api(sandbox)(f"DELETE {SLACK}")

    assert (await Api(sandbox, token=made.json()["token"])("GET /integrations")).status_code == 401


async def test_a_screen_is_rendered_either_way() -> None:
    api = Api()
    sent = compress_to_encoded_uri_component(json.dumps(SCREEN))
    posted = await api("POST /integrations/webhook/render", SCREEN)
    got = await api("GET /integrations/webhook/render", request=sent)

    assert posted.json() == got.json()
    assert posted.json()["props"] == SCREEN["props"]
    assert posted.headers["Cache-Control"]
    assert not api.sandbox.commits


@pytest.mark.parametrize("text", ["", "nonsense", compress_to_encoded_uri_component("[]")])
async def test_a_compressed_request_that_is_none_is_refused(text: str) -> None:
    assert error(await Api()("GET /integrations/webhook/render", request=text))[0] == 400


async def test_the_organizations_sites_can_be_searched() -> None:
    api = Api()

    assert await api.names(f"{ORG}/sites", title="DOCS") == ["site_k2Lm9"]
    assert await api.names(f"{ORG}/sites", space=SPACE) == ["site_w8Yn5"]
    assert await api.names(f"{ORG}/sites", published="false") == []
    assert await api.names(f"{ORG}/sites", type=["basic", "premium"]) == list(api.sandbox.store.sites)
    assert await api.names(f"{ORG}/sites", type=["basic"]) == []


@pytest.mark.parametrize("route", ["sites", "spaces", "installations", "integrations"])
async def test_an_organization_is_for_its_members(route: str) -> None:
    api = Api()

    assert (await api(f"GET /orgs/{world.GITBOOK}/{route}")).status_code == 403
    assert (await api(f"GET /orgs/nothing/{route}")).status_code == 404


async def test_an_integration_sees_the_organizations_that_installed_it() -> None:
    sandbox = Sandbox()

    assert await Api(sandbox, token="gb_int_slack").names(f"{ORG}/integrations")
    assert (await Api(sandbox, token="gb_int_sentry")(f"GET {ORG}/integrations")).status_code == 403
