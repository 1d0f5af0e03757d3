"""The seeded worlds: the same each time, and as large as one asks for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from reconciler.sandbox import ORGANIZATION, Sandbox, Store, bodies, checks, world
from tests.conftest import SHARED
from tests.sandbox.api import ANALYTICS, ORG, SLACK, SPACE, Api

NAMES = [
    "slack",
    "github",
    "gitlab",
    "googleanalytics",
    "plausible",
    "intercom",
    "segment",
    "amplitude",
    "sentry",
    "mermaid",
    "webhook",
    "VA-Okta",
]


def test_each_world_is_the_same_every_time() -> None:
    for make in (world.empty, world.default, world.large):
        assert make().document() == make().document()


async def test_the_default_world_is_the_one_of_the_docs() -> None:
    api = Api()
    sites = (await api.get(f"{ORG}/sites"))["items"]
    spaces = (await api.get(f"{ORG}/spaces"))["items"]

    assert {site["id"]: site["title"] for site in sites} == {
        "site_p4Xo1": "Handbook",
        "site_k2Lm9": "API Docs",
        "site_t7Rb3": "Help Center",
        "site_w8Yn5": "Changelog",
    }
    assert {space["id"]: space["title"] for space in spaces} == {
        SPACE: "Release Notes",
        "3hJk8PqZ52nMdS6uVx1B": "Engineering",
        "9cTe4RyU70gHfL2wQa5N": "Product",
        "5vBn6MxK38sDjG1pZo7E": "Support",
    }
    assert sorted(api.sandbox.store.integrations) == sorted(NAMES)


async def test_gitbooks_integrations_belong_to_gitbook() -> None:
    slack = await Api().get("/integrations/slack")

    assert (slack["owner"]["hostname"], slack["verified"], slack["permissions"]) == (
        "gitbook",
        True,
        {"admin": False},
    )


async def test_the_paths_of_the_tests_are_those_of_the_world() -> None:
    api = Api()

    assert (await api.get(SLACK))["target"] == (await api.get(ANALYTICS))["target"]


@pytest.mark.parametrize("name", NAMES)
def test_a_seeded_integration_could_have_been_published(name: str) -> None:
    document = {**world.default().integrations[name].document, "organization": "gitbook"}

    assert not list(checks.problems(bodies.PUBLISH, document, ""))


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared has the real manifests, which are not ours to copy"
)
@pytest.mark.parametrize("name", NAMES)
def test_a_seeded_integration_declares_what_its_real_manifest_does(name: str) -> None:
    path = SHARED / "manifests" / name.lower() / "gitbook-manifest.yaml"
    manifest = yaml.safe_load(path.read_text("utf-8"))
    document = world.default().integrations[name].document

    assert plain(document.get("configurations")) == plain(manifest.get("configurations"))
    for field in ("title", "target", "visibility", "scopes", "categories"):
        assert (document[field] or None) == (manifest.get(field, "public") or None) or field not in manifest
    assert [block["id"] for block in document.get("blocks", [])] == [
        block["id"] for block in manifest.get("blocks", [])
    ]


def plain(configurations: Any) -> Any:
    """Everything but prose, and the names of components."""
    if not isinstance(configurations, dict):
        return configurations
    return {
        key: plain(value)
        for key, value in configurations.items()
        if key not in {"description", "componentId"}
    }


@pytest.mark.parametrize(("integrations", "bindings"), [(1, 1), (3, 10), (20, 5000)])
def test_a_large_world_has_exactly_the_bindings_asked_for(integrations: int, bindings: int) -> None:
    document = world.large(integrations=integrations, bindings=bindings).document()
    per_installation = [
        sum(binding.installation == installation.id for binding in document.bindings)
        for installation in document.installations
    ]

    assert (len(document.installations), len(document.bindings)) == (integrations, bindings)
    assert max(per_installation) - min(per_installation) <= 1
    assert all(
        re.fullmatch(r"G-\d{6}", binding.configuration["tracking_id"]) for binding in document.bindings
    )


async def test_a_large_world_answers_like_any_other() -> None:
    api = Api(Sandbox(world.large(integrations=2, bindings=6)))
    pairs = (await api.get(f"{ORG}/installations"))["items"]

    assert [pair["installation"]["spaces"] for pair in pairs] == [0, 3]
    assert len(await api.names(f"{ORG}/sites")) == len(await api.names(f"{ORG}/spaces")) == 3


async def test_a_new_sandbox_begins_with_the_default_world_and_an_empty_store_stays_empty() -> None:
    assert Sandbox().store.document() == world.default().document()
    assert not Sandbox(Store()).store.organizations
    assert ORGANIZATION in Sandbox(world.empty()).store.organizations


async def test_a_site_that_is_not_published_has_no_address() -> None:
    store = world.default()
    store.sites["site_p4Xo1"] = replace(store.sites["site_p4Xo1"], published=False)
    sites = (await Api(Sandbox(store)).get(f"{ORG}/sites", published="false"))["items"]

    assert [site["id"] for site in sites] == ["site_p4Xo1"]
    assert "published" not in sites[0]["urls"]
