"""Bindings: what holds for spaces holds for sites."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox import Behaviour, Sandbox
from tests.sandbox.api import ANALYTICS, SLACK, SPACE, Api, error

WAYS = [
    (SLACK, "space", {"space": SPACE}, SPACE),
    (ANALYTICS, "site", {"siteId": "site_p4Xo1"}, "site_p4Xo1"),
]
both = pytest.mark.parametrize(("path", "level", "body", "target"), WAYS, ids=["space", "site"])


@both
async def test_binding_takes_the_target_alone_and_configuring_is_a_patch(
    path: str, level: str, body: dict[str, str], target: str
) -> None:
    api = Api()
    made = await api(f"POST {path}/{level}s", body)
    patched = await api(f"PATCH {path}/{level}s/{target}", {"configuration": {"tracking_id": "G-1"}})

    assert made.status_code == 201
    assert (made.json()[level], made.json()["configuration"]) == (target, {})
    assert made.headers["Location"] == made.json()["urls"]["location"]
    assert patched.json()["configuration"] == {"tracking_id": "G-1"}
    assert await api.get(f"{path}/{level}s/{target}") == patched.json()


@both
async def test_unbinding_answers_205_and_then_204(
    path: str, level: str, body: dict[str, str], target: str
) -> None:
    api = Api()
    await api(f"POST {path}/{level}s", body)
    statuses = [(await api(f"DELETE {path}/{level}s/{target}")).status_code for _ in range(2)]

    assert statuses == [205, 204]
    assert (await api(f"GET {path}/{level}s/{target}")).status_code == 404


@both
@pytest.mark.parametrize(("second", "status"), [("conflict", 409), ("same", 201)])
async def test_a_second_binding_is_a_conflict_or_the_same(
    path: str, level: str, body: dict[str, str], target: str, second: Any, status: int
) -> None:
    api = Api(Sandbox(behaviour=Behaviour(second_binding=second)))
    await api(f"POST {path}/{level}s", body)
    await api(f"PATCH {path}/{level}s/{target}", {"configuration": {"own": 1}})
    reply = await api(f"POST {path}/{level}s", body)

    assert reply.status_code == status
    assert (await api.get(f"{path}/{level}s/{target}"))["configuration"] == {"own": 1}


@both
async def test_what_does_not_exist_cannot_be_bound(
    path: str, level: str, body: dict[str, str], target: str
) -> None:
    reply = await Api()(f"POST {path}/{level}s", dict.fromkeys(body, "nowhere"))

    assert error(reply) == (404, f"{level} nowhere could not be found")


@both
async def test_a_patch_of_no_binding_finds_none(
    path: str, level: str, body: dict[str, str], target: str
) -> None:
    assert (await Api()(f"PATCH {path}/{level}s/{target}", {})).status_code == 404


@both
async def test_a_target_comes_as_an_id_or_as_an_object(
    path: str, level: str, body: dict[str, str], target: str
) -> None:
    plain, rich = Api(), Api(Sandbox(behaviour=Behaviour(targets="object")))
    for api in (plain, rich):
        await api(f"POST {path}/{level}s", body)
    one = f"{path}/{level}s/{target}"

    assert (await plain.get(one))[level] == target
    assert (await plain.get(one, extended="true"))[level]["id"] == target
    assert (await rich.get(one))[level]["object"] == level
    assert (await rich.get(one, extended="false"))[level] == target


@pytest.mark.parametrize(
    ("path", "route", "body"),
    [(SLACK, "sites", {"siteId": "site_p4Xo1"}), (ANALYTICS, "spaces", {"space": SPACE})],
)
async def test_an_integration_is_bound_to_its_target_alone(
    path: str, route: str, body: dict[str, str]
) -> None:
    reply = await Api()(f"POST {path}/{route}", body)

    assert error(reply)[0] == 400


async def test_an_integration_for_all_is_bound_to_both() -> None:
    api = Api()
    path = await api.install("webhook")
    made = [
        await api(f"POST {path}/spaces", {"space": SPACE}),
        await api(f"POST {path}/sites", {"siteId": "site_p4Xo1"}),
    ]

    assert [reply.status_code for reply in made] == [201, 201]
    assert (await api.get(path))["spaces"] == 1


@pytest.mark.parametrize("status", [404, 405])
async def test_spaces_may_be_bound_by_patch_alone(status: int) -> None:
    behaviour: Any = f"patch-{status}"
    api = Api(Sandbox(behaviour=Behaviour(space_binding=behaviour)))
    refused = await api(f"POST {SLACK}/spaces", {"space": SPACE})
    made = await api(f"PATCH {SLACK}/spaces/{SPACE}", {"configuration": {"channel": "C1"}})
    nowhere = await api(f"PATCH {SLACK}/spaces/nowhere", {})

    assert (refused.status_code, made.status_code, nowhere.status_code) == (status, 200, 404)
    assert made.json()["configuration"] == {"channel": "C1"}


async def test_sites_are_bound_by_post_whatever_spaces_are() -> None:
    api = Api(Sandbox(behaviour=Behaviour(space_binding="patch-404")))

    assert (await api(f"PATCH {ANALYTICS}/sites/site_p4Xo1", {})).status_code == 404
    assert (await api(f"POST {ANALYTICS}/sites", {"siteId": "site_p4Xo1"})).status_code == 201


async def test_a_binding_is_pending_until_its_required_keys_are_there() -> None:
    api = Api()
    made = await api(f"POST {ANALYTICS}/sites", {"siteId": "site_p4Xo1"})
    patched = await api(f"PATCH {ANALYTICS}/sites/site_p4Xo1", {"configuration": {"tracking_id": "G-1"}})

    assert (made.json()["status"], patched.json()["status"]) == ("pending", "active")


async def test_the_old_binding_has_a_key_that_the_integration_wrote() -> None:
    found = await Api().get(f"{ANALYTICS}/sites/site_w8Yn5")

    assert found["configuration"]["tracking_id"] == "G-OLD"
    assert "lastCheckedAt" in found["configuration"]


async def test_defaults_are_filled_in_where_a_schema_has_them() -> None:
    api = Api(Sandbox(behaviour=Behaviour(defaults="filled")))
    made = await api(f"POST {SLACK}/spaces", {"space": SPACE})

    assert made.json()["configuration"] == {"notify_content_update": True, "notify_visibility_update": True}


async def test_every_patch_runs_the_code_which_may_write_its_own_keys() -> None:
    api = Api(Sandbox(behaviour=Behaviour(own_keys="once")))
    reply = await api(f"PATCH {ANALYTICS}/sites/site_w8Yn5", {"configuration": {}, "externalIds": ["a"]})

    assert (reply.json()["configuration"], reply.json()["externalIds"]) == ({}, ["a"])
    assert (await api.get(f"{ANALYTICS}/sites/site_w8Yn5"))["configuration"].keys() == {"webhookId"}
    assert api.sandbox.store.runs == {"googleanalytics": 1}


@pytest.mark.parametrize(("name", "path", "body"), [("slack", SLACK, {"space": SPACE})])
async def test_an_integration_lists_its_bindings_everywhere(
    name: str, path: str, body: dict[str, str]
) -> None:
    sandbox = Sandbox()
    await Api(sandbox)(f"POST {path}/spaces", body)
    await Api(sandbox)(f"PATCH {path}/spaces/{SPACE}", {"externalIds": ["C1"]})
    api = Api(sandbox, token=f"gb_int_{name}")

    assert await api.names(f"/integrations/{name}/spaces", externalId="C1") == [SPACE]
    assert await api.names(f"/integrations/{name}/spaces", externalId="C2") == []
    assert await api.names(f"/integrations/{name}/sites") == []
