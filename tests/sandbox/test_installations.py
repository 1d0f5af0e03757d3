"""Installations: made from the organization alone, configured by a PATCH, gone with all under them."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox
from reconciler.sandbox.world import GITBOOK
from tests.sandbox.api import ANALYTICS, ORG, SLACK, SPACE, Api, error

FORM = {
    "account": {
        "properties": {
            "login": {"type": "button", "callback_url": "/oauth", "button_text": "Log in"},
            "channel": {"type": "string"},
            "level": {"type": "string", "enum": ["low", "high"], "default": "low"},
            "often": {"type": "number"},
            "loud": {"type": "boolean"},
        },
        "required": ["login", "channel"],
    }
}


async def banner(behaviour: Behaviour | None = None) -> tuple[Api, str]:
    """A banner of our own with a form, installed."""
    api = Api(Sandbox(behaviour=behaviour))
    await api.publish(configurations=FORM, visibility="public")
    return api, await api.install()


async def configure(api: Api, path: str, configuration: dict[str, Any]) -> Any:
    reply = await api(f"PATCH {path}", {"configuration": configuration})

    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_installing_takes_the_organization_alone() -> None:
    api = Api()
    body = {"organization": ORGANIZATION, "configuration": {"default_channel": "C1"}}
    reply = await api("POST /integrations/sentry/installations", body)

    assert reply.status_code == 201
    assert reply.headers["Location"] == reply.json()["urls"]["location"]
    assert (reply.json()["configuration"], reply.json()["status"]) == ({}, "pending")
    assert reply.json()["target"] == {"organization": ORGANIZATION}


async def test_an_installation_does_not_carry_its_integrations_name_but_the_list_has_the_pairs() -> None:
    pairs = (await Api().get(f"{ORG}/installations"))["items"]

    assert [pair["integration"]["name"] for pair in pairs] == ["slack", "mermaid", "googleanalytics"]
    assert not {"integration", "name"} & pairs[0]["installation"].keys()


async def test_the_connection_of_slack_is_there() -> None:
    slack = await Api().get(SLACK)

    assert slack["configuration"]["oauth_credentials"]["access_token"]
    assert (slack["status"], slack["configuration"]["default_channel"]) == ("active", "C0000")
    assert slack["urls"]["app"].endswith("/integrations/slack/configure")


async def test_a_patch_replaces_the_configuration() -> None:
    api = Api()
    shown = await configure(api, SLACK, {"default_channel": "C1"})

    assert shown["configuration"] == {"default_channel": "C1"}
    assert shown["status"] == "pending", "the connection is gone"


async def test_a_patch_may_merge_instead() -> None:
    api = Api(Sandbox(behaviour=Behaviour(patch="merges")))
    shown = await configure(api, SLACK, {"default_channel": "C1"})

    assert shown["configuration"].keys() == {"oauth_credentials", "default_channel"}
    assert shown["status"] == "active"


@pytest.mark.parametrize(
    ("behaviour", "left"),
    [
        (Behaviour(), {"often": 1}),
        (Behaviour(patch="merges"), {"often": 1}),
        (Behaviour(nulls="kept"), {"often": 1, "channel": None}),
        (Behaviour(nulls="kept", patch="merges"), {"often": 1, "channel": None}),
    ],
)
async def test_a_null_removes_its_key_or_stays_a_null(behaviour: Behaviour, left: dict[str, Any]) -> None:
    api, path = await banner(behaviour)
    await configure(api, path, {"channel": "C1"})
    shown = await configure(api, path, {"channel": None, "often": 1})

    assert shown["configuration"] == left
    assert shown["status"] == "pending"


async def test_it_is_pending_until_every_required_key_is_there_buttons_too() -> None:
    api, path = await banner()
    half = await configure(api, path, {"channel": "C1"})
    whole = await configure(api, path, {"channel": "C1", "login": {"token": "t"}})

    assert (half["status"], whole["status"]) == ("pending", "active")


async def test_defaults_may_be_filled_in() -> None:
    api, path = await banner(Behaviour(defaults="filled"))
    made = await api.get(path)
    shown = await configure(api, path, {"channel": "C1"})

    assert made["configuration"] == {"level": "low"}
    assert shown["configuration"] == {"level": "low", "channel": "C1"}


async def test_what_a_patch_does_not_name_stays() -> None:
    api = Api()
    first = (await api(f"PATCH {SLACK}", {"externalIds": ["T0ACME"]})).json()
    second = (await api(f"PATCH {SLACK}", {"space_selection": "selected"})).json()

    assert first["configuration"] == second["configuration"] != {}
    assert second["externalIds"] == ["T0ACME"]


@pytest.mark.parametrize(
    "body",
    [
        {"externalIds": list("abcdef")},
        {"configuration": None},
        {"configuration": []},
        {"space_selection": "some"},
        {"externalIds": [1]},
        [],
    ],
)
async def test_a_patch_outside_the_references_limits_is_refused(body: Any) -> None:
    api = Api()
    reply = await api(f"PATCH {SLACK}", body)

    assert error(reply)[0] == 400
    assert not api.sandbox.store.runs


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"channel": 1}, "configuration.channel must be a string"),
        ({"level": "middle"}, "configuration.level must be one of low, high"),
        ({"often": True}, "configuration.often must be a number"),
        ({"loud": 1}, "configuration.loud must be a boolean"),
    ],
)
async def test_a_configuration_may_be_checked(configuration: dict[str, Any], message: str) -> None:
    api, path = await banner(Behaviour(configuration="checked"))
    reply = await api(f"PATCH {path}", {"configuration": configuration})

    assert error(reply) == (400, message)
    assert await configure(api, path, {"channel": "C1", "level": "high", "often": 1.5, "loud": True})


async def test_a_configuration_is_free_unless_it_is_checked() -> None:
    api, path = await banner()

    assert (await configure(api, path, {"channel": 1, "else": [None]}))["configuration"] == {
        "channel": 1,
        "else": [None],
    }


async def test_every_patch_runs_the_integrations_code() -> None:
    api, path = await banner()
    await configure(api, path, {})
    await configure(api, path, {})

    assert api.sandbox.store.runs == {"banner": 2}


async def test_the_code_may_write_keys_of_its_own_after_the_reply() -> None:
    api, path = await banner(Behaviour(own_keys="once"))
    reply = await configure(api, path, {"channel": "C1"})
    later = (await api.get(path))["configuration"]
    await configure(api, path, later)

    assert reply["configuration"] == {"channel": "C1"}
    assert later.keys() == {"channel", "webhookId"}
    assert (await api.get(path))["configuration"] == later


async def test_the_code_may_write_each_time() -> None:
    api, path = await banner(Behaviour(own_keys="always"))
    await configure(api, path, {})

    assert "lastSyncAttemptAt" in (await api.get(path))["configuration"]


@pytest.mark.parametrize(
    ("second", "status", "number"), [("conflict", 409, 1), ("same", 201, 1), ("second", 201, 2)]
)
async def test_a_second_installation_is_one_of_three_things(second: Any, status: int, number: int) -> None:
    api, path = await banner(Behaviour(second_install=second))
    reply = await api("POST /integrations/banner/installations", {"organization": ORG.removeprefix("/orgs/")})
    found = api.sandbox.store.installations_of(integration="banner")

    assert (reply.status_code, len(found)) == (status, number)
    assert (reply.json().get("id") == path.rsplit("/", 1)[1]) is (second == "same")
    assert len([entry for entry in api.sandbox.commits if entry.operation == "installIntegration"]) == number


@pytest.mark.parametrize(("organization", "code"), [("nobody", 404), ("acme", 404), (GITBOOK, 403)])
async def test_one_installs_at_home_alone(organization: str, code: int) -> None:
    reply = await Api()("POST /integrations/sentry/installations", {"organization": organization})

    assert error(reply)[0] == code


async def test_uninstalling_takes_the_bindings_too() -> None:
    api = Api()
    gone, again = await api(f"DELETE {ANALYTICS}"), await api(f"DELETE {ANALYTICS}")

    assert (gone.status_code, again.status_code) == (205, 204)
    assert (await api(f"GET {ANALYTICS}/sites/site_w8Yn5")).status_code == 404
    assert not api.sandbox.store.document().bindings


async def test_an_installation_is_found_under_its_own_integration_alone() -> None:
    api = Api()
    path = SLACK.replace("slack", "sentry")

    assert (await api(f"GET {path}")).status_code == 404
    assert (await api(f"DELETE {path}")).status_code == 204
    assert (await api.get(SLACK))["id"]


async def test_statuses_are_told_for_the_organization_and_each_level() -> None:
    api = Api()
    installed = await api.get(f"{ORG}/integrations/installations-status")
    on_sites = await api.get(f"{ORG}/integrations/installations-status", target="site")

    assert [item["status"] for item in installed["items"]] == ["active"] * 3
    assert [item["integration"]["name"] for item in on_sites["items"]] == ["googleanalytics"]
    assert (await api.get(f"{ORG}/integrations/slack/installation_status")) == {"status": "active"}
    assert (await api(f"GET {ORG}/integrations/sentry/installation_status")).status_code == 404


async def test_the_organizations_installations_can_be_searched() -> None:
    found = await Api().get(f"{ORG}/installations", search="google")

    assert [item["integration"]["name"] for item in found["items"]] == ["googleanalytics"]


async def test_selecting_everything_binds_everything_until_it_is_unselected() -> None:
    api = Api()
    await api(f"POST {SLACK}/spaces", {"space": SPACE})
    everything = (await api(f"PATCH {SLACK}", {"space_selection": "all"})).json()
    touched = api.sandbox.store.spaces.keys() - {SPACE}
    kept = min(touched)
    await api(f"PATCH {SLACK}/spaces/{kept}", {"configuration": {"channel": "C9"}})
    selected = (await api(f"PATCH {SLACK}", {"space_selection": "selected"})).json()

    assert (everything["spaces"], selected["spaces"]) == (4, 2)
    assert set(await api.names(f"{SLACK}/spaces")) == {SPACE, kept}


async def test_selecting_everything_may_bind_nothing() -> None:
    api = Api(Sandbox(behaviour=Behaviour(everywhere="unbound")))
    shown = (await api(f"PATCH {SLACK}", {"space_selection": "all", "site_selection": "all"})).json()

    assert (shown["space_selection"], shown["site_selection"], shown["spaces"]) == ("all", "all", 0)


async def test_selecting_everything_binds_nothing_that_the_target_does_not_admit() -> None:
    api = Api()
    await api(f"PATCH {SLACK}", {"site_selection": "all"})

    assert await api.names(f"{SLACK}/sites") == []


async def test_an_integration_lists_its_installations_by_external_id() -> None:
    sandbox = Sandbox()
    await Api(sandbox)(f"PATCH {SLACK}", {"externalIds": ["T0ACME"]})
    api = Api(sandbox, token="gb_int_slack")

    assert len(await api.names("/integrations/slack/installations")) == 1
    assert len(await api.names("/integrations/slack/installations", externalId="T0ACME")) == 1
    assert await api.names("/integrations/slack/installations", externalId="other") == []
