"""The law of approval: whatever became of files and live state since, only what is approved is done."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.yaml.files import read_document
from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.approval.approved import unapproved
from reconciler.plan.approval.document import load_approval
from reconciler.plan.approval.restrict import restricted
from reconciler.render.plan.approval import approval_text
from reconciler.sandbox import ORGANIZATION, Sandbox, Store
from reconciler.sandbox.records import Binding, Site
from reconciler.sandbox.world import default
from tests.planning import ENDPOINT, InMemoryLockStore, World
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from reconciler.apply.report import Report
    from reconciler.pipeline import Planned
    from reconciler.plan.step import Plan

NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))
SITES = tuple(f"site_{number}" for number in range(8))
VALUES = ("G-A", "G-B")
Tags = dict[str, str | None]
"""By site what stands there: a tracking id, or `None` for no binding."""

LIVE = st.fixed_dictionaries({site: st.sampled_from([None, *VALUES]) for site in SITES})
FILE = st.fixed_dictionaries({site: st.sampled_from([None, "undeclared", *VALUES]) for site in SITES})


def store_with(live: Tags) -> Store:
    """Google Analytics on these sites, and nowhere else."""
    sites = tuple(Site(site, ORGANIZATION, site.title()) for site in SITES)
    store = Store(replace(default().document(), sites=sites, bindings=()))
    put(store, live)
    return store


def put(store: Store, live: Tags) -> None:
    analytics = store.installations_of(integration="googleanalytics")[0].id
    for site, value in live.items():
        if old := store.bindings(analytics, "site").get(site):
            store.drop_binding(old)
        if value is not None:
            store.put_binding(Binding(analytics, "site", site, {"tracking_id": value}))


def tags(store: Store) -> Tags:
    analytics = store.installations_of(integration="googleanalytics")[0].id
    bindings = store.bindings(analytics, "site")
    return {site: bindings[site].configuration["tracking_id"] if site in bindings else None for site in SITES}


def file_of(wanted: Tags) -> str:
    bodies = {
        site: {"absent": True} if value is None else {"configuration": {"tracking_id": value}}
        for site, value in wanted.items()
        if value != "undeclared"
    }
    sites: dict[str, Any] = {"sites": bodies} if bodies else {}
    return yaml.safe_dump({"installations": {"googleanalytics": sites}})


def world_of(folder: Path, live: Tags, wanted: Tags) -> World:
    made = World(Sandbox(store_with(live), clock=VirtualClock()), InMemoryLockStore(), folder)
    made.write("gbsync.yaml", file_of(wanted))
    return made


async def approved(world: World) -> Path:
    """The file that approves everything that a plan shows now."""
    path = world.folder / "approved.yaml"
    path.write_text(approval_text((await world.plan()).plan, commit="", table=KINDS), "utf-8")
    return path


def narrowed(planned: Planned, path: Path, **other: str) -> Planned:
    document, problems = read_document(str(path))
    where = {"endpoint": ENDPOINT, "organization": ORGANIZATION, **other}
    approval = load_approval(document, name=str(path), **where)

    assert not problems
    return replace(
        planned, plan=restricted(planned.plan, unapproved(planned.plan, approval, table=KINDS), table=KINDS)
    )


async def apply(world: World, path: Path) -> tuple[Plan, Report]:
    planned = narrowed(await world.plan(), path)
    return planned.plan, await world.apply(planned)


def transitions(before: Tags, after: Tags) -> Counter[tuple[str | None, str | None]]:
    return Counter((before[site], after[site]) for site in SITES if before[site] != after[site])


def becomes(live: Tags, wanted: Tags) -> Tags:
    """What is live once the file is applied."""
    return {site: live[site] if wanted[site] == "undeclared" else wanted[site] for site in SITES}


@settings(max_examples=200 if NIGHTLY else 25, deadline=None)
@given(LIVE, FILE, LIVE, FILE, st.sets(st.sampled_from(SITES)))
def test_whatever_became_of_files_and_live_state_only_what_is_approved_is_done(
    live: Tags, wanted: Tags, live_now: Tags, wanted_now: Tags, moved: set[str]
) -> None:
    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = world_of(Path(folder), live, wanted)
            path = await approved(world)
            now = {site: live_now[site] if site in moved else live[site] for site in SITES}
            put(world.sandbox.store, now)
            world.write("gbsync.yaml", file_of({s: (wanted_now if s in moved else wanted)[s] for s in SITES}))

            plan, report = await apply(world, path)

            after, planned = tags(world.sandbox.store), becomes(live, wanted)
            allowed = transitions(live, planned)
            done = transitions(now, after)
            assert report.complete
            assert done <= allowed
            # A deletion is approved at its address.
            assert all(planned[s] is None and now[s] == live[s] for s in SITES if now[s] and after[s] is None)
            # What was left out is all that still differs.
            left = {str(item.step.address).rsplit("/", 1)[-1] for item in plan.left_out}
            again = (await world.plan()).plan
            assert {str(step.address).rsplit("/", 1)[-1] for step in again.steps} == left

    asyncio.run(check())


@settings(max_examples=50 if NIGHTLY else 8, deadline=None)
@given(LIVE, FILE)
def test_where_nothing_became_of_it_everything_is_done(live: Tags, wanted: Tags) -> None:
    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            world = world_of(Path(folder), live, wanted)

            plan, report = await apply(world, await approved(world))

            assert report.complete
            assert not plan.left_out
            assert not (await world.plan()).plan.steps

    asyncio.run(check())


ALL_A: Tags = dict.fromkeys(SITES, "G-A")
ALL_B: Tags = dict.fromkeys(SITES, "G-B")


async def test_an_entry_that_is_approved_for_three_does_not_do_a_fourth(tmp_path: Path) -> None:
    three = {**ALL_B, **dict.fromkeys(SITES[:3], "G-A")}
    world = world_of(tmp_path, three, ALL_B)
    path = await approved(world)
    put(world.sandbox.store, {**three, SITES[5]: "G-A"})

    plan, _ = await apply(world, path)

    assert "max: 3" in path.read_text("utf-8")
    assert [step.address.key for step in plan.steps] == list(SITES[:3])
    assert [(item.step.address.key, item.why) for item in plan.left_out] == [
        (SITES[5], "its class is approved for 3 and not for more")
    ]


async def test_of_many_deviants_none_is_applied(tmp_path: Path) -> None:
    world = world_of(tmp_path, ALL_A, ALL_B)
    path = await approved(world)
    deviants: Tags = {site: f"G-HAND{site}" for site in SITES[2:]}
    put(world.sandbox.store, deviants)

    plan, _ = await apply(world, path)

    assert [step.address.key for step in plan.steps] == list(SITES[:2])
    assert {site: tags(world.sandbox.store)[site] for site in SITES[2:]} == deviants


async def test_a_deletion_is_approved_at_its_address_alone(tmp_path: Path) -> None:
    world = world_of(tmp_path, ALL_A, {**ALL_A, **dict.fromkeys(SITES[:3])})
    path = await approved(world)
    world.write("gbsync.yaml", file_of({**ALL_A, **dict.fromkeys(SITES[1:4])}))

    plan, _ = await apply(world, path)

    assert [step.address.key for step in plan.steps] == list(SITES[1:3])
    assert [item.step.address.key for item in plan.left_out] == [SITES[3]]


async def test_what_moves_between_the_plan_and_the_write_is_not_overwritten(tmp_path: Path) -> None:
    world = world_of(tmp_path, ALL_A, ALL_B)
    planned = narrowed(await world.plan(), await approved(world))
    put(world.sandbox.store, {SITES[0]: "G-HAND"})

    report = await world.apply(planned)

    assert tags(world.sandbox.store) == {**ALL_B, SITES[0]: "G-HAND"}
    assert not report.complete


async def test_the_lock_keeps_what_it_said_of_what_was_left_out(tmp_path: Path) -> None:
    """Otherwise the next drift report would take the value in the file for the one that was applied last."""
    world = world_of(tmp_path, ALL_A, ALL_A)
    await world.apply()
    before = dict(world.lock_store.base.entries)
    world.write("gbsync.yaml", file_of(ALL_B))
    path = await approved(world)
    world.write("gbsync.yaml", file_of({**ALL_B, SITES[0]: "G-NEW"}))

    await apply(world, path)

    after = world.lock_store.base.entries
    changed = {address.key for address in after if before[address] != after[address]}
    assert changed == set(SITES[1:])


async def test_children_wait_for_a_parent_that_decides_on_them_alone(tmp_path: Path) -> None:
    world = World(Sandbox(store_with(ALL_A), clock=VirtualClock()), InMemoryLockStore(), tmp_path)
    bound = {site: {"configuration": {"tracking_id": "G-B"}} for site in SITES}

    async def plan_with(**fields: Any) -> Planned:
        world.write(
            "gbsync.yaml", yaml.safe_dump({"installations": {"googleanalytics": {**fields, "sites": bound}}})
        )
        return await world.plan()

    await plan_with()
    path = await approved(world)
    harmless = narrowed(await plan_with(externalIds=["x"]), path).plan
    deciding = narrowed(await plan_with(site_selection="all"), path).plan

    assert len(harmless.steps) == len(SITES)
    assert not deciding.steps
    assert {item.why for item in deciding.left_out} == {
        "nobody has approved it",
        "depends on installation/googleanalytics, which is left out",
    }


async def test_a_parent_is_only_deleted_where_everything_with_it_may_go(tmp_path: Path) -> None:
    gone = yaml.safe_dump({"installations": {"googleanalytics": {"absent": True}}})
    world = world_of(tmp_path, {**dict.fromkeys(SITES), SITES[0]: "G-A"}, ALL_A)
    world.write("gbsync.yaml", gone)
    path = await approved(world)
    put(world.sandbox.store, {SITES[1]: "G-NEW"})

    plan, _ = await apply(world, path)

    assert not plan.steps
    assert "would delete installation/googleanalytics/site/site_1 with it, which is left out" in {
        item.why for item in plan.left_out
    }


async def test_a_file_for_staging_is_refused_on_production(tmp_path: Path) -> None:
    world = world_of(tmp_path, ALL_A, ALL_B)
    path, planned = await approved(world), await world.plan()

    with pytest.raises(
        UsageError, match=r"approves changes at http://sandbox\.localhost, not at https://api"
    ):
        narrowed(planned, path, endpoint="https://api.gitbook.com")
    with pytest.raises(UsageError, match=f"approves changes of {ORGANIZATION}, not of another"):
        narrowed(planned, path, organization="another")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("max: 8", "max: -1", r"`classes\[0\]\.max` is less than zero"),
        ("max: 8", 'max: "8"', r"`classes\[0\]\.max` is of another type"),
        ("max: 8", "most: 8", "does not know"),
        ("approval: 1", "approval: 2", "`approval` has a value that this program does not know"),
        ("classes:", "klasses:", "is missing"),
        ("    max: 8", "    max: 8\n    steps: [{address: a, fingerprint: b}]", "either a `fingerprint` or"),
    ],
)
async def test_a_damaged_file_approves_nothing(tmp_path: Path, old: str, new: str, why: str) -> None:
    world = world_of(tmp_path, ALL_A, ALL_B)
    path = await approved(world)
    text = path.read_text("utf-8")
    path.write_text(text.replace(old, new), "utf-8")

    assert old in text
    with pytest.raises(UsageError, match=why):
        narrowed(await world.plan(), path)


async def test_an_entry_that_stands_twice_is_refused(tmp_path: Path) -> None:
    world = world_of(tmp_path, ALL_A, ALL_B)
    path = await approved(world)
    text = path.read_text("utf-8")
    path.write_text(text + text[text.index("  - change:") :], "utf-8")

    with pytest.raises(UsageError, match="two entries approve the same"):
        narrowed(await world.plan(), path)
