"""What GitBook's own clients ask beside integrations: the user, organizations, sites and spaces."""

from __future__ import annotations

import pytest

from reconciler.sandbox import Behaviour, Sandbox
from tests.sandbox.api import ORG, SPACE, Api, error

MERMAID = "/integrations/mermaid/installations/mE3rTy9Ui5Op1As7Df2G"


async def test_the_user_and_their_organizations_are_served() -> None:
    api = Api()

    assert (await api.get("/user"))["displayName"] == "Sandbox User"
    assert await api.names("/orgs") == [ORG.removeprefix("/orgs/")]
    assert (await api.get(ORG))["title"] == "Acme Docs"
    assert (await api.get(f"{ORG}/sites/site_p4Xo1"))["title"] == "Handbook"
    assert (await api.get(f"/spaces/{SPACE}"))["title"] == "Release Notes"


@pytest.mark.parametrize(
    ("path", "code"), [("/orgs/nowhere", 404), (f"{ORG}/sites/nowhere", 404), ("/spaces/nowhere", 404)]
)
async def test_what_is_not_there_is_not_found(path: str, code: int) -> None:
    assert error(await Api()(f"GET {path}"))[0] == code


async def test_an_integration_is_no_user_and_sees_the_spaces_of_those_that_installed_it() -> None:
    sandbox = Sandbox()
    slack, webhook = Api(sandbox, token="gb_int_slack"), Api(sandbox, token="gb_int_webhook")

    assert error(await slack("GET /user"))[0] == 403
    assert (await slack.get(f"/spaces/{SPACE}"))["id"] == SPACE
    assert error(await webhook(f"GET /spaces/{SPACE}"))[0] == 403


async def test_a_space_lists_its_integrations_and_their_blocks() -> None:
    api = Api()
    await api(f"POST {MERMAID}/spaces", {"space": SPACE})

    assert await api.names(f"/spaces/{SPACE}/integrations") == ["mermaid"]
    assert [item["name"] for item in await api.get(f"/spaces/{SPACE}/integration-blocks")] == ["mermaid"]


@pytest.mark.parametrize("unpaged", ["whole", "cut"])
async def test_a_list_without_page_parameters_comes_whole_or_says_that_there_is_more(unpaged: str) -> None:
    api = Api(Sandbox(behaviour=Behaviour.parse([f"unpaged={unpaged}", "page_size=1"])))
    for path in (MERMAID, "/integrations/slack/installations/sL8kWq2Zx7Vb4Nm1Cd6R"):
        await api(f"POST {path}/spaces", {"space": SPACE})

    listed = await api.get(f"/spaces/{SPACE}/integrations")

    assert (len(listed["items"]), "next" in listed) == ((2, False) if unpaged == "whole" else (1, True))
