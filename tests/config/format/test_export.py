"""What is live, written as a file: planning that file finds nothing to do, and it is always the same file."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from reconciler import pipeline as reconcile
from reconciler.config import Config, Options, load
from reconciler.config.format.export import export
from reconciler.config.format.fmt import formatted
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.binding import with_titles
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.render.yaml import document_text
from reconciler.resources.redaction import Redactor
from reconciler.resources.resource import Address
from reconciler.resources.secret_names import SecretNames
from reconciler.resources.values import Secret, reveal
from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox, Store
from reconciler.sandbox.records import Binding, Installation, Integration, Site
from reconciler.sandbox.world import default, empty
from tests.organizations import behaviours, stores, switches, turned
from tests.toy import InMemoryLockStore

if TYPE_CHECKING:
    from reconciler.pipeline import Planned
    from reconciler.resources.resource import Live

ENDPOINT = "http://sandbox.localhost"
PROPERTIES: dict[str, Any] = {
    "oauth": {"type": "button", "callback_url": "/oauth", "button_text": "Go"},
    "auth_token": {"type": "string"},
    "entry": {"type": "string", "title": "API key"},
    "region": {"type": "string", "enum": ["US", "EU"]},
    "limit": {"type": "number"},
}
LIVE: dict[str, Any] = {
    "oauth": {"access_token": "t"},
    "auth_token": "shh",
    "entry": "shh too",
    "region": "EU",
    "limit": 3,
    "webhookId": "wh_1",
}


def client(sandbox: Sandbox) -> Client:
    return Client(endpoint=ENDPOINT, token=Secret(sandbox.token), transport=sandbox.transport())


async def exported(sandbox: Sandbox, config: Config | None = None, *, references: bool = False) -> str:
    declared = config.resources if config else {}
    async with client(sandbox) as opened:
        live = await fetch_all(opened, declared, table=with_titles(KINDS), organization=ORGANIZATION)
    redactor = redacted(live, config)
    document = export(
        live, declared, table=KINDS, organization=ORGANIZATION, redactor=redactor, references=references
    )
    return document_text(document)


def redacted(live: Live, config: Config | None = None) -> Redactor:
    """What is secret, where there is no lock."""
    declared, names = (config.resources, config.names) if config else ({}, SecretNames())
    return Redactor.of(declared, {}, live.state, table=KINDS, names=names)


def loaded(text: str, folder: Path, environ: dict[str, str] | None = None) -> Config:
    file = folder / "gbsync.yaml"
    file.write_text(text, encoding="utf-8")
    return load([str(file)], table=KINDS, options=Options(environ=environ or {}))


async def planned(config: Config, sandbox: Sandbox) -> Planned:
    async with client(sandbox) as opened:
        return await reconcile.plan(
            config, opened, InMemoryLockStore(), table=KINDS, endpoint=ENDPOINT, folder=config.folder
        )


def world(account: dict[str, Any], *, schema: dict[str, Any] | None = None) -> Store:
    """An organization with one installation of one integration, that has this configuration."""
    store = empty()
    screens = {"account": schema if schema is not None else {"properties": PROPERTIES}}
    document = {"title": "Crm", "target": "all", "visibility": "public", "configurations": screens}
    store.integrations["crm"] = Integration("crm", "gB00kInc000000000000", document)
    store.put_installation(Installation("inst1", "crm", ORGANIZATION, account))
    return store


async def checked(sandbox: Sandbox) -> None:
    """The law: an export plans empty, and a second one is the same."""
    with tempfile.TemporaryDirectory() as folder:
        text = await exported(sandbox)
        config = loaded(text, Path(folder))
        made = await planned(config, sandbox)
        again = await exported(sandbox, config)

    assert made.plan.steps == ()
    assert made.plan.uncompared == ()
    assert again == text


@given(stores(), behaviours)
async def test_planning_an_export_finds_nothing_and_a_second_export_is_the_same(
    store: Store, behaviour: Behaviour
) -> None:
    await checked(Sandbox(store, behaviour=behaviour))


NAMED = re.compile(r'"\$\{\{ secret\.(\w+) \}\}"')


@given(stores(), behaviours)
async def test_with_its_secrets_filled_in_an_export_of_references_plans_empty(
    store: Store, behaviour: Behaviour
) -> None:
    sandbox = Sandbox(store, behaviour=behaviour)
    with tempfile.TemporaryDirectory() as name:
        folder, text = Path(name), await exported(sandbox, references=True)
        dummies = {secret: secret for secret in NAMED.findall(text)}
        config = loaded(text, folder, dummies)
        async with client(sandbox) as opened:
            live = await fetch_all(opened, config.resources, table=KINDS, organization=ORGANIZATION)
        secrets = {
            str(reveal(value)): reveal(live.state[address].attributes["configuration"][key])
            for address, resource in config.resources.items()
            for key, value in (resource.attributes.get("configuration") or {}).items()
            if isinstance(value, Secret)
        }
        made = await planned(loaded(text, folder, secrets), sandbox)

    assert secrets.keys() == dummies.keys()
    assert made.plan.steps == ()


@pytest.mark.parametrize("behaviour", list(switches()), ids=turned)
@given(store=stores())
@settings(max_examples=8)
async def test_it_does_so_at_every_switch(store: Store, behaviour: Behaviour) -> None:
    await checked(Sandbox(store, behaviour=behaviour))
    await checked(Sandbox(default(), behaviour=behaviour))


async def test_it_asks_for_each_list_once() -> None:
    sandbox = Sandbox()

    await exported(sandbox)

    assert sorted(entry.operation for entry in sandbox.log) == [
        "listIntegrationInstallationSites",
        "listIntegrationInstallationSpaces",
        "listIntegrationInstallationSpaces",
        "listOrganizationInstallations",
        "listOrganizationIntegrations",
    ]


async def test_secrets_buttons_and_what_the_schema_does_not_have_are_left_out() -> None:
    text = await exported(Sandbox(world(LIVE)))

    assert text.split("installations:\n")[1] == (
        "  crm:\n"
        "    configuration:\n"
        "      # auth_token: ${{ secret.CRM_AUTH_TOKEN }}\n"
        "      # entry: ${{ secret.CRM_ENTRY }}\n"
        "      region: EU\n"
        "      limit: 3\n"
        "    space_selection: selected\n"
        "    site_selection: selected\n"
    )
    assert "shh" not in text
    assert "webhookId" not in text


async def test_with_references_the_secrets_are_declared_and_the_plan_is_empty(tmp_path: Path) -> None:
    sandbox = Sandbox(world(LIVE))

    text = await exported(sandbox, references=True)
    config = loaded(text, tmp_path, {"CRM_AUTH_TOKEN": "shh", "CRM_ENTRY": "shh too"})
    made = await planned(config, sandbox)

    assert 'auth_token: "${{ secret.CRM_AUTH_TOKEN }}"' in text
    assert made.plan.steps == ()


async def test_what_the_files_take_from_a_secret_is_left_out_whatever_its_name(tmp_path: Path) -> None:
    sandbox = Sandbox(world({"region": "EU", "limit": 3}))
    config = loaded(
        f"version: 1\norganization: {ORGANIZATION}\ninstallations:\n"
        '  crm: {configuration: {region: "${{ secret.WHERE }}"}}\n',
        tmp_path,
    )

    text = await exported(sandbox, config)

    assert "# region: ${{ secret.CRM_REGION }}" in text
    assert "EU" not in text


async def test_what_is_a_secret_on_one_site_is_one_on_all(tmp_path: Path) -> None:
    store = default()
    analytics = store.installations_of(integration="googleanalytics")[0].id
    store.put_binding(Binding(analytics, "site", "site_p4Xo1", {"tracking_id": "G-HUSH"}))
    config = loaded(
        f"version: 1\norganization: {ORGANIZATION}\ninstallations:\n"
        '  googleanalytics: {sites: {site_w8Yn5: {configuration: {tracking_id: "${{ secret.GA }}"}}}}\n',
        tmp_path,
    )

    text = await exported(Sandbox(store), config)

    assert "G-HUSH" not in text
    assert "# tracking_id: ${{ secret.GOOGLEANALYTICS_HANDBOOK_TRACKING_ID }}" in text


async def test_a_form_that_the_integration_draws_itself_is_left_out_with_a_word() -> None:
    text = await exported(Sandbox(world({"repository": "acme/docs"}, schema={"componentId": "config"})))

    assert "# configuration: has no schema; declare the keys that you want to own" in text
    assert "acme/docs" not in text


async def test_a_value_that_a_plan_would_refuse_is_left_out_with_the_reason() -> None:
    text = await exported(Sandbox(world({"region": "Mars", "limit": "three"})))

    assert "# region: left out, region cannot be 'Mars'" in text
    assert "# limit: left out, limit takes a number, not 'three'" in text


async def test_of_two_installations_one_is_pinned_and_the_other_named_in_a_comment() -> None:
    store = world({"region": "EU"})
    store.put_installation(Installation("inst0", "crm", ORGANIZATION, {"region": "US"}))

    text = await exported(Sandbox(store))

    assert "    # there is another one, which this file does not name: inst1\n    id: inst0\n" in text
    assert "region: US" in text


async def test_an_export_keeps_the_installation_that_the_files_pin(tmp_path: Path) -> None:
    store = world({"region": "EU"})
    store.put_installation(Installation("inst0", "crm", ORGANIZATION, {"region": "US"}))
    pinned = f"version: 1\norganization: {ORGANIZATION}\ninstallations:\n  crm: {{id: inst1}}\n"

    text = await exported(Sandbox(store), loaded(pinned, tmp_path))

    assert "id: inst1" in text
    assert "region: EU" in text


async def test_equal_titles_get_their_id_and_no_title_leaves_the_id() -> None:
    store = default()
    for site, title in (("site_p4Xo1", "API Docs"), ("site_t7Rb3", "!")):
        store.sites[site] = Site(site, ORGANIZATION, title)
    analytics = store.installations_of(integration="googleanalytics")[0].id
    for site in ("site_p4Xo1", "site_k2Lm9", "site_t7Rb3"):
        store.put_binding(Binding(analytics, "site", site, {"tracking_id": "G-1"}))

    text = await exported(Sandbox(store))

    assert "  api-docs-site_k2Lm9: {id: site_k2Lm9}\n  api-docs-site_p4Xo1: {id: site_p4Xo1}\n" in text
    assert "      site_t7Rb3: {configuration: {tracking_id: G-1}}\n" in text


async def test_an_id_that_looks_like_a_name_is_in_the_catalogue_too() -> None:
    store = default()
    store.sites["handbok"] = Site("handbok", ORGANIZATION, "!")
    analytics = store.installations_of(integration="googleanalytics")[0].id
    for site in ("handbok", "site_p4Xo1"):
        store.put_binding(Binding(analytics, "site", site, {"tracking_id": "G-1"}))

    text = await exported(Sandbox(store))

    assert "  handbok: {id: handbok}\n  handbook: {id: site_p4Xo1}\n" in text


async def test_bindings_that_exist_by_themselves_are_named_only_with_something_to_say() -> None:
    store = default()
    analytics = store.installations_of(integration="googleanalytics")[0]
    store.put_installation(replace(analytics, site_selection="all"))
    store.put_binding(Binding(analytics.id, "site", "site_p4Xo1", implied=True))

    text = await exported(Sandbox(store))

    assert "site_selection: all" in text
    assert "changelog: {configuration: {tracking_id: G-OLD}}" in text
    assert "handbook" not in text


async def test_only_integrations_of_the_organization_are_published_from_the_file() -> None:
    store = default()
    document = {
        "title": "Banner",
        "description": "",
        "scopes": [],
        "script": "//",
        "icon": "x",
        "visibility": "private",
    }
    store.integrations["acme-banner"] = Integration("acme-banner", ORGANIZATION, document)

    text = await exported(Sandbox(store))

    assert "integrations:\n  acme-banner:\n    title: Banner\n    visibility: private\n" in text
    assert (
        "# icon, script, secrets: cannot be read back; declare them before you change what is above" in text
    )
    assert text.count("    title:") == 1


@given(stores())
async def test_fmt_leaves_an_export_as_it_is(store: Store) -> None:
    sandbox = Sandbox(store)
    texts = [await exported(sandbox, references=references) for references in (False, True)]

    assert [formatted(text, table=KINDS) for text in texts] == texts


async def test_an_id_that_cannot_stand_in_a_file_is_named_in_a_comment() -> None:
    store = default()
    store.sites["a:b"] = Site("a:b", ORGANIZATION, "Odd")
    analytics = store.installations_of(integration="googleanalytics")[0].id
    store.put_binding(Binding(analytics, "site", "a:b", {"tracking_id": "G-1"}))

    text = await exported(Sandbox(store))

    assert "      # a:b: left out, a file cannot name it\n" in text
    assert "  odd:" not in text


async def test_two_secrets_of_one_name_get_two() -> None:
    store = default()
    store.sites["site_t7Rb3"] = Site("site_t7Rb3", ORGANIZATION, "API/Docs")
    store.sites["site_k2Lm9"] = Site("site_k2Lm9", ORGANIZATION, "API  Docs!")
    segment = store.put_installation(Installation("inst1", "segment", ORGANIZATION))
    for site, value in (("site_t7Rb3", "one"), ("site_k2Lm9", "two")):
        store.put_binding(Binding(segment.id, "site", site, {"write_key": value}))
    gitbook = Integration("gitbook", "gB00kInc000000000000", {**store.integrations["sentry"].document})
    document = {
        **gitbook.document,
        "configurations": {"account": {"properties": {"token": {"type": "string"}}}},
    }
    store.integrations["gitbook"] = replace(gitbook, document=document)
    store.put_installation(Installation("inst2", "gitbook", ORGANIZATION, {"token": "shh"}))

    text = await exported(Sandbox(store))

    assert "# write_key: ${{ secret.SEGMENT_API_DOCS_SITE_K2LM9_WRITE_KEY }}" in text
    assert "# write_key: ${{ secret.SEGMENT_API_DOCS_SITE_T7RB3_WRITE_KEY }}" in text
    assert "# token: ${{ secret.GITBOOK_TOKEN_2 }}" in text


async def test_a_secret_of_an_integration_whose_name_begins_with_a_digit_can_be_referred_to() -> None:
    store = world({"auth_token": "shh"})
    store.integrations["0123"] = replace(store.integrations["crm"], name="0123")
    store.put_installation(replace(store.installations["inst1"], id="inst2", integration="0123"))

    text = await exported(Sandbox(store))

    assert "# auth_token: ${{ secret._0123_AUTH_TOKEN }}" in text


async def test_a_binding_where_the_integration_does_not_go_is_left_out() -> None:
    store = default()
    slack = store.installations_of(integration="slack")[0]
    document = {**store.integrations["slack"].document, "target": "all"}
    store.integrations["slack"] = replace(store.integrations["slack"], document=document)
    store.put_binding(Binding(slack.id, "site", "site_p4Xo1"))
    sandbox = Sandbox(store)
    async with client(sandbox) as opened:
        live = await fetch_all(opened, {}, table=with_titles(KINDS), organization=ORGANIZATION)
    app = Address("integration/slack")
    narrow = replace(live.state[app], attributes={**live.state[app].attributes, "target": "space"})
    live = replace(live, state={**live.state, app: narrow})

    document_ = export(live, {}, table=KINDS, organization=ORGANIZATION, redactor=redacted(live))

    assert "    # handbook: left out, " in document_text(document_)
