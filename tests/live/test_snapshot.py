"""A recorded state: files plan from it as they do from what is live, and nothing secret is in it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from reconciler import pipeline as reconcile
from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.live.snapshot import Snapshot, dump, load, pinned
from reconciler.resources.digest import checksum
from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox, Store
from reconciler.sandbox.records import Binding, Installation
from reconciler.sandbox.world import default
from tests.config.format.test_export import ENDPOINT, LIVE, client, exported, loaded, redacted, world
from tests.organizations import behaviours, stores
from tests.program import gbsync
from tests.toy import InMemoryLockStore

if TYPE_CHECKING:
    from reconciler.config import Config
    from reconciler.plan.step import Plan

HEAD = f"version: 1\norganization: {ORGANIZATION}\ninstallations:\n"


async def recorded(sandbox: Sandbox, config: Config | None = None) -> str:
    """The text of a snapshot."""
    declared = config.resources if config else {}
    async with client(sandbox) as opened:
        live = await fetch_all(opened, declared, table=KINDS, organization=ORGANIZATION, keys=True)
    snapshot = Snapshot(live, ENDPOINT, ORGANIZATION)
    return json.dumps(dump(snapshot, declared, table=KINDS, redactor=redacted(live, config)))


async def planned(config: Config, text: str) -> Plan:
    """The plan from a snapshot; there is no client that could ask anything."""
    live = pinned(load(text, name="live.json", table=KINDS).live, config.resources)
    made = await reconcile.plan(
        config, None, InMemoryLockStore(), table=KINDS, endpoint=ENDPOINT, folder=config.folder, live=live
    )
    return made.plan


def names(plan: Plan) -> set[str]:
    return {".".join(notice.path) for notice in plan.uncompared}


@given(stores(), behaviours)
async def test_an_export_plans_empty_from_a_snapshot_too(store: Store, behaviour: Behaviour) -> None:
    sandbox = Sandbox(store, behaviour=behaviour)
    with tempfile.TemporaryDirectory() as folder:
        config = loaded(await exported(sandbox, references=True), Path(folder))
        made = await planned(config, await recorded(sandbox, config))

    assert made.steps == ()
    assert made.snapshot


@given(stores())
async def test_recording_what_was_read_gives_the_same(store: Store) -> None:
    first = await recorded(Sandbox(store))
    read = load(first, name="live.json", table=KINDS)
    second = json.dumps(dump(read, {}, table=KINDS, redactor=redacted(read.live)))

    assert json.loads(second) == json.loads(first)


async def test_no_secret_no_foreign_key_and_nothing_free_form_is_in_it(tmp_path: Path) -> None:
    form = {"componentId": "config"}
    config = loaded(HEAD + '  crm: {configuration: {region: "${{ secret.WHERE }}"}}\n', tmp_path)

    text = await recorded(Sandbox(world({**LIVE, "region": "far away"})), config)
    free = await recorded(Sandbox(world({"repository": "acme/docs"}, schema=form)))

    assert not [word for word in ("shh", "access_token", "wh_1", "webhookId", "far away") if word in text]
    assert not [word for word in ("repository", "acme/docs") if word in free]
    assert '"limit": 3' in text


async def test_what_is_a_secret_on_one_site_is_one_on_all(tmp_path: Path) -> None:
    store = default()
    analytics = store.installations_of(integration="googleanalytics")[0].id
    store.put_binding(Binding(analytics, "site", "site_p4Xo1", {"tracking_id": "G-HUSH"}))
    site = '{sites: {site_w8Yn5: {configuration: {tracking_id: "${{ secret.GA }}"}}}}'

    text = await recorded(Sandbox(store), loaded(f"{HEAD}  googleanalytics: {site}\n", tmp_path))

    assert "G-HUSH" not in text


async def test_what_is_masked_or_not_set_is_not_compared(tmp_path: Path) -> None:
    config = loaded(
        HEAD + '  crm: {configuration: {auth_token: other, region: "${{ secret.WHERE }}", limit: 4}}\n',
        tmp_path,
    )

    plan = await planned(config, await recorded(Sandbox(world(LIVE))))

    assert names(plan) == {"configuration.auth_token", "configuration.region"}
    assert [change.name for step in plan.steps for change in step.changes] == ["configuration.limit"]


async def test_of_a_free_form_nothing_is_compared(tmp_path: Path) -> None:
    sandbox = Sandbox(world({"repository": "acme/docs"}, schema={"componentId": "config"}))
    config = loaded(
        HEAD + "  crm: {configuration: {repository: other, branch: main, gone: null}}\n", tmp_path
    )

    plan = await planned(config, await recorded(sandbox))

    assert names(plan) == {"configuration.repository", "configuration.branch", "configuration.gone"}
    assert plan.steps == ()


async def test_a_declared_key_outside_the_schema_is_not_compared(tmp_path: Path) -> None:
    config = loaded(HEAD + "  crm: {configuration: {webhookId: wh_2}}\n", tmp_path)

    plan = await planned(config, await recorded(Sandbox(world(LIVE)), config))

    assert names(plan) == {"configuration.webhookId"}


async def test_ids_of_what_is_to_be_made_are_checked_against_the_record(tmp_path: Path) -> None:
    text = await recorded(Sandbox())
    site = "  googleanalytics:\n    sites: {site_%s: {configuration: {tracking_id: G-1}}}\n"

    plan = await planned(loaded(HEAD + site % "p4Xo1", tmp_path), text)

    assert [step.address for step in plan.steps] == ["installation/googleanalytics/site/site_p4Xo1"]
    with pytest.raises(ConfigError, match="site_gone"):
        await planned(loaded(HEAD + site % "gone", tmp_path), text)


async def test_an_integration_that_the_record_does_not_hold_is_a_warning(tmp_path: Path) -> None:
    config = loaded(HEAD + "  github: {}\n", tmp_path)

    plan = await planned(config, await recorded(Sandbox()))

    assert [step.address for step in plan.steps] == ["installation/github"]
    assert "nobody published" in plan.problems[0].message


def two() -> Store:
    store = world({"region": "EU"})
    store.put_installation(Installation("inst0", "crm", ORGANIZATION, {"region": "US"}))
    return store


async def test_two_installations_are_an_error_until_one_is_pinned(tmp_path: Path) -> None:
    text = await recorded(Sandbox(two()))

    plan = await planned(loaded(HEAD + "  crm: {id: inst0, configuration: {region: US}}\n", tmp_path), text)

    assert plan.steps == ()
    with pytest.raises(ConfigError, match="inst0, inst1"):
        await planned(loaded(HEAD + "  crm: {configuration: {region: US}}\n", tmp_path), text)


async def test_a_pin_on_what_was_not_recorded_says_so(tmp_path: Path) -> None:
    text = await recorded(Sandbox(two()))

    with pytest.raises(UsageError, match=r"holds another one than inst1; record it again"):
        await planned(loaded(HEAD + "  crm: {id: inst1}\n", tmp_path), text)


async def test_a_pin_on_what_is_not_there_is_an_error_as_it_is_live(tmp_path: Path) -> None:
    text = await recorded(Sandbox(world({})))

    with pytest.raises(ConfigError, match="inst7"):
        await planned(loaded(HEAD + "  crm: {id: inst7}\n", tmp_path), text)


def spoiled(**changes: Any) -> str:
    document: dict[str, Any] = {
        "format": 1,
        "endpoint": ENDPOINT,
        "organization": ORGANIZATION,
        "resources": [],
        "keys": {},
        "duplicates": {},
        "notes": [],
    }
    return signed({**document, **changes})


def signed(document: dict[str, Any]) -> str:
    """The snapshot with the checksum that fits it."""
    body = {key: value for key, value in document.items() if key != "checksum"}
    return json.dumps({**body, "checksum": checksum(body)})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "{" * 50, spoiled(format=2), spoiled(resources=[{"address": "x"}]), spoiled(more=1)],
    ids=range(7),
)
def test_what_is_no_snapshot_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"^live.json: is no snapshot of this program( \(.+\))?; record"):
        load(text, name="live.json", table=KINDS)


@pytest.mark.parametrize(
    "change", [("Tracking ID", "Other"), ('"id": "gA6', '"id": "xA6'), ('"label"', '"lable"')]
)
async def test_an_accident_is_told_by_its_checksum(change: tuple[str, str]) -> None:
    whole = await recorded(Sandbox())
    text = whole.replace(*change)

    assert load(whole, name="live.json", table=KINDS).organization == ORGANIZATION
    assert text != whole
    with pytest.raises(UsageError, match=r"^live.json: (was changed since|is no snapshot)"):
        load(text, name="live.json", table=KINDS)


def test_what_is_wrong_with_a_snapshot_is_named() -> None:
    with pytest.raises(
        UsageError, match=r"of this program \(`resources\[0\]\.attributes` is missing\); record it"
    ):
        load(spoiled(resources=[{"address": "x"}]), name="live.json", table=KINDS)


def test_a_label_with_half_of_a_utf_16_pair_is_read_again() -> None:
    facts: dict[str, Any] = {
        "id": "i",
        "status": "",
        "link": "",
        "version": None,
        "hidden": [],
        "label": "\ud83d",
        "extra": {},
    }
    text = spoiled(resources=[{"address": "installation/slack", "attributes": {}, "facts": facts}])

    (resource,) = load(text, name="live.json", table=KINDS).live.state.values()

    assert resource.facts.label == "\ud83d"


async def test_a_kind_that_came_later_is_refused() -> None:
    text = signed(json.loads((await recorded(Sandbox())).replace("/site/", "/page/")))

    with pytest.raises(UsageError, match="which this program does not know; upgrade gbsync"):
        load(text, name="live.json", table=KINDS)


def test_a_fork_plans_without_token_and_network(tmp_path: Path) -> None:
    file, snapshot, plan = (str(tmp_path / name) for name in ("gbsync.yaml", "live.json", "plan.json"))
    gbsync("init", file, "--from-live", "--sandbox")
    store = default()
    first = store.installations_of(integration="slack")[0]
    store.put_installation(replace(first, configuration={**first.configuration, "default_channel": "C0NEW"}))
    store.save(tmp_path / "world.json")

    saved = gbsync("export", file, f"--sandbox={tmp_path / 'world.json'}", "--snapshot", snapshot)
    made = gbsync("plan", file, "--state", snapshot, "--out", plan, "--detailed-exitcode")
    applied = gbsync("apply", plan, f"--sandbox={tmp_path / 'world.json'}")

    assert saved.returncode == 0, saved.stderr
    assert made.returncode == 2, made.stderr
    assert '~ configuration.default_channel  "C0NEW" → "C0000"' in made.stdout
    assert "cannot be applied" in made.stdout
    assert applied.returncode == 1
    assert "made from a snapshot" in applied.stderr


def test_a_snapshot_of_another_endpoint_is_refused(tmp_path: Path) -> None:
    file, snapshot = (str(tmp_path / name) for name in ("gbsync.yaml", "live.json"))
    gbsync("init", file, "--from-live", "--sandbox")
    gbsync("export", "--sandbox", "--snapshot", snapshot)

    made = gbsync("plan", file, "--state", snapshot, "--endpoint", "https://example.com")

    assert made.returncode == 1
    assert "was recorded at http://sandbox.localhost, not at https://example.com" in made.stderr


def test_files_of_another_organization_are_refused(tmp_path: Path) -> None:
    file, snapshot = tmp_path / "gbsync.yaml", str(tmp_path / "live.json")
    file.write_text("version: 1\norganization: Another0rganization0\n", encoding="utf-8")
    gbsync("export", "--sandbox", "--snapshot", snapshot)

    made = gbsync("plan", str(file), "--state", snapshot)

    assert made.returncode == 1
    assert f"is of {ORGANIZATION}, and the files are for Another0rganization0" in made.stderr


def test_a_snapshot_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    made = gbsync("plan", "examples/quickstart", "--state", str(tmp_path / "nowhere.json"))

    assert made.returncode == 1
    assert "gbsync export --snapshot" in made.stderr
