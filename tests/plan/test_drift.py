"""Who moved: told from what the lock remembers, field by field, and never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import pipeline as reconcile
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import merged, parse
from reconciler.pipeline import Choice
from reconciler.plan.drift import Drift, Item, What, Who, drift
from reconciler.resources.resource import Address
from reconciler.sandbox.records import Binding, Installation
from tests.planning import HEADER, NAME, World, world

if TYPE_CHECKING:
    from pathlib import Path

SITE = "installation/googleanalytics/site/site_p4Xo1"
FILE = (
    "installations:\n  googleanalytics:\n    sites:\n      site_p4Xo1: {configuration: {tracking_id: %s}}\n"
)
SLACK = "installations:\n  slack: {configuration: {default_channel: C1, team: T1}}\n"
BANNER = (
    "integrations:\n  acme-banner:\n    title: %s\n    description: ''\n    scopes: []\n"
    "    script: %s\n    secrets: {A: one}\n"
)


async def applied(folder: Path, files: str, **case: Any) -> World:
    """A world as files say, with the lock of the apply that made it so."""
    made = world(folder, {"files": files, **case})
    report = await made.apply()

    assert report.complete
    return made


async def drifted(made: World, files: str | None = None) -> Drift:
    if files is not None:
        made.write(NAME, HEADER + files)
    made.choice = replace(made.choice, read_only=True)
    planned = await made.plan()
    return drift(planned.plan, made.config().resources, planned.base, table=KINDS)


def fields(found: Drift) -> dict[str, str]:
    return {move.name: move.who.value for item in found.items for move in item.moves}


def fates(found: Drift) -> dict[str, str]:
    return {str(item.address): f"{item.what} {item.who}" for item in found.items}


def by_hand(made: World, name: str, **keys: Any) -> None:
    """Somebody changes an installation's configuration in the app; `None` removes a key."""
    store = made.sandbox.store
    installation = store.installations_of(integration=name)[0]
    laid = {**installation.configuration, **keys}
    configuration = {key: value for key, value in laid.items() if value is not None}
    store.put_installation(replace(installation, configuration=configuration))


def bind_by_hand(made: World, name: str, site: str, **configuration: Any) -> None:
    installation = made.sandbox.store.installations_of(integration=name)[0]
    made.sandbox.store.put_binding(Binding(installation.id, "site", site, configuration))


async def test_right_after_an_apply_nothing_has_moved(tmp_path: Path) -> None:
    found = await drifted(await applied(tmp_path, FILE % "G-1"))

    assert found.items == ()
    assert found.remembered


SIDES = st.sampled_from(["a", "b", "c"])


@given(then=SIDES, file=SIDES, live=SIDES)
async def test_of_three_values_the_side_that_differs_from_the_last_apply_has_moved(
    tmp_path_factory: pytest.TempPathFactory, then: str, file: str, live: str
) -> None:
    made = await applied(tmp_path_factory.mktemp("world"), FILE % then)
    bind_by_hand(made, "googleanalytics", "site_p4Xo1", tracking_id=live)

    found = await drifted(made, FILE % file)

    expected = Who.BOTH if then not in (file, live) else Who.LIVE if file == then else Who.FILE
    assert fields(found) == ({} if file == live else {"configuration.tracking_id": expected.value})
    assert fates(found) == ({} if file == live else {SITE: f"changed {expected}"})


@dataclass(frozen=True)
class Case:
    """What was applied, what the file says now, what somebody did by hand, and what drift says of fields."""

    then: str
    now: str
    hand: dict[str, Any]
    found: dict[str, str]


def slack(configuration: str) -> str:
    return f"installations:\n  slack: {{configuration: {configuration}}}\n"


HUSH = slack('{team: "${{ secret.TEAM }}"}')


CASES = {
    "a key that somebody removed": Case(SLACK, SLACK, {"team": None}, {"configuration.team": "live"}),
    "a key that is new in the file": Case(
        slack("{team: T1}"), SLACK, {"default_channel": "C0"}, {"configuration.default_channel": "file"}
    ),
    "a null that was applied and is set again": Case(
        slack("{team: null}"), slack("{team: null}"), {"team": "T9"}, {"configuration.team": "live"}
    ),
    "a null that is new in the file": Case(
        slack("{default_channel: C1}"),
        slack("{default_channel: C1, team: null}"),
        {"team": "T9"},
        {"configuration.team": "file"},
    ),
    "a value that became null in the file": Case(
        SLACK, slack("{default_channel: C1, team: null}"), {}, {"configuration.team": "file"}
    ),
    "the same, and somebody changed it": Case(
        SLACK, slack("{default_channel: C1, team: null}"), {"team": "T9"}, {"configuration.team": "both"}
    ),
    "a line that is gone under prune": Case(
        "prune: managed\n" + SLACK,
        "prune: managed\n" + slack("{default_channel: C1}"),
        {},
        {"configuration.team": "file"},
    ),
    "one and 1.0 are one value": Case(
        slack("{team: 1}"), slack("{team: 2}"), {"team": 1.0}, {"configuration.team": "file"}
    ),
    "a secret that somebody changed": Case(
        HUSH,
        HUSH,
        {"team": "other"},
        {"configuration.team": "live"},
    ),
    "a secret that changed at its source": Case(
        HUSH,
        slack('{team: "${{ secret.NEW }}"}'),
        {},
        {"configuration.team": "file"},
    ),
    "a value that became a secret, and changed by hand": Case(
        slack("{team: hush}"),
        HUSH,
        {"team": "other"},
        {"configuration.team": "live"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_field_is_judged_by_what_was_applied(case: Case, tmp_path: Path) -> None:
    live = {"installations": {"slack": {"configuration": {"default_channel": "C0"}}}}
    environ = {"TEAM": "hush", "NEW": "new hush"}
    made = await applied(tmp_path, case.then, live=live, **{"with": {"env": environ}})
    by_hand(made, "slack", **case.hand)

    assert fields(await drifted(made, case.now)) == case.found


async def test_a_key_that_ownership_exact_claims_was_set_on_the_live_side(tmp_path: Path) -> None:
    site = "{configuration: {app_id: a1}, ownership: exact}"
    made = await applied(tmp_path, f"installations:\n  intercom: {{sites: {{site_p4Xo1: {site}}}}}\n")
    bind_by_hand(made, "intercom", "site_p4Xo1", app_id="a1", region="EU")

    assert fields(await drifted(made)) == {"configuration.region": "live"}


async def test_what_vanished_was_applied(tmp_path: Path) -> None:
    made = await applied(tmp_path, FILE % "G-1")
    installation = made.sandbox.store.installations_of(integration="googleanalytics")[0]
    made.sandbox.store.drop_installation(installation)

    assert fates(await drifted(made)) == {
        "installation/googleanalytics": "vanished live",
        SITE: "vanished live",
    }


async def test_what_is_new_in_the_file_was_never_applied(tmp_path: Path) -> None:
    made = await applied(tmp_path, "installations:\n  googleanalytics: {}\n")

    assert fates(await drifted(made, FILE % "G-1")) == {SITE: "declared file"}


async def test_a_create_that_failed_was_never_applied(tmp_path: Path) -> None:
    made = await applied(tmp_path, FILE % "G-1")
    entry = made.lock_store.base.entries[Address(SITE)]
    made.lock_store.base = replace(
        made.lock_store.base,
        entries={**made.lock_store.base.entries, Address(SITE): replace(entry, fields={})},
    )
    installation = made.sandbox.store.installations_of(integration="googleanalytics")[0]
    made.sandbox.store.drop_binding(made.sandbox.store.bindings(installation.id, "site")["site_p4Xo1"])

    assert fates(await drifted(made)) == {SITE: "declared file"}


async def test_what_appeared_was_not_there_after_the_last_apply(tmp_path: Path) -> None:
    there: dict[str, Any] = {"sites": {"site_k2Lm9": {}}}
    live: dict[str, Any] = {"installations": {"googleanalytics": there, "mermaid": {}}}
    made = await applied(tmp_path, FILE % "G-1", live=live)
    bind_by_hand(made, "googleanalytics", "site_t7Rb3", tracking_id="G-9")
    made.sandbox.store.put_installation(Installation("inst9", "intercom", made.config().organization))

    found = await drifted(made)

    assert fates(found) == {
        "installation/googleanalytics/site/site_t7Rb3": "appeared live",
        "installation/intercom": "appeared live",
    }
    assert found.unmanaged == 2


async def test_under_prune_all_a_stranger_has_appeared(tmp_path: Path) -> None:
    made = await applied(tmp_path, "prune: all\n" + FILE % "G-1")
    bind_by_hand(made, "googleanalytics", "site_t7Rb3", tracking_id="G-9")

    assert fates(await drifted(made)) == {"installation/googleanalytics/site/site_t7Rb3": "appeared live"}


async def test_what_was_removed_and_is_back_has_appeared(tmp_path: Path) -> None:
    absent = "installations:\n  googleanalytics: {sites: {site_p4Xo1: {absent: true}}}\n"
    made = await applied(tmp_path, absent)
    bind_by_hand(made, "googleanalytics", "site_p4Xo1", tracking_id="G-9")

    assert fates(await drifted(made)) == {SITE: "appeared live"}


async def test_what_the_file_no_longer_wants_is_dropped(tmp_path: Path) -> None:
    made = await applied(tmp_path, FILE % "G-1")

    found = await drifted(made, "prune: managed\ninstallations:\n  googleanalytics: {}\n")

    assert fates(found) == {SITE: "dropped file"}


async def test_what_was_unmanaged_and_is_now_declared_absent_is_dropped_by_the_file(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"googleanalytics": {"sites": {"site_p4Xo1": {}}}}}
    made = await applied(tmp_path, "installations:\n  googleanalytics: {}\n", live=live)

    found = await drifted(made, "installations:\n  googleanalytics: {sites: {site_p4Xo1: {absent: true}}}\n")

    assert fates(found) == {SITE: "dropped file"}


async def test_without_a_lock_nobody_knows_who_moved(tmp_path: Path) -> None:
    live = {"installations": {"slack": {"configuration": {"default_channel": "C0"}}, "mermaid": {}}}
    made = world(tmp_path, {"files": SLACK + "  googleanalytics: {}\n", "live": live})

    found = await drifted(made)

    assert set(fields(found).values()) == {"unknown"}
    assert fates(found) == {
        "installation/googleanalytics": "declared unknown",
        "installation/slack": "changed unknown",
    }
    assert found.unmanaged == 1
    assert not found.remembered


async def test_without_a_lock_what_is_declared_absent_is_live_whoever_made_it(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"slack": {}}}
    made = world(tmp_path, {"files": "installations:\n  slack: {absent: true}\n", "live": live})

    assert fates(await drifted(made)) == {"installation/slack": "appeared unknown"}


def republished(made: World, **document: Any) -> None:
    """A colleague publishes the integration from their machine."""
    old = made.sandbox.store.integrations["acme-banner"]
    made.sandbox.store.integrations["acme-banner"] = replace(
        old, version=old.version + 1, document={**old.document, **document}
    )


@pytest.mark.parametrize(
    ("hand", "file", "expected"),
    [
        (None, BANNER % ("Banner", "// new"), {"script": "file"}),
        (None, BANNER % ("Banner 2", "// old"), {"title": "file"}),
        (
            {"title": "Hotfix"},
            BANNER % ("Banner", "// old"),
            {"title": "live", "script": "live", "secrets": "live", "runtime": "live"},
        ),
        (
            {"title": "Hotfix"},
            BANNER % ("Banner 2", "// new"),
            {"title": "both", "script": "both", "secrets": "live", "runtime": "live"},
        ),
    ],
    ids=["a new script", "a new title", "published by somebody else", "both at once"],
)
async def test_of_a_published_integration_the_version_says_who_moved(
    hand: dict[str, Any] | None, file: str, expected: dict[str, str], tmp_path: Path
) -> None:
    made = await applied(tmp_path, BANNER % ("Banner", "// old"))
    if hand is not None:
        republished(made, **hand)

    assert fields(await drifted(made, file)) == expected


async def test_what_was_never_applied_is_the_files_move(tmp_path: Path) -> None:
    live = {"integrations": {"acme-banner": {"title": "Banner", "secrets": {"A": "one"}}}}
    made = await applied(tmp_path, "installations:\n  mermaid: {}\n", live=live)

    found = await drifted(made, "installations:\n  mermaid: {}\n" + BANNER % ("Banner", "// old"))

    assert set(fields(found).values()) == {"file"}


async def test_a_fingerprint_that_was_never_recorded_leaves_who_moved_open(tmp_path: Path) -> None:
    made = await applied(tmp_path, BANNER % ("Banner", "// old"))
    address = Address("integration/acme-banner")
    entry = replace(made.lock_store.base.entries[address], fingerprints={})
    made.lock_store.base = replace(made.lock_store.base, entries={address: entry})

    assert set(fields(await drifted(made)).values()) == {"unknown"}


async def test_what_stands_against_applying_does_not_stop_a_look(tmp_path: Path) -> None:
    title = "integrations:\n  acme-banner: {title: %s}\n"
    live = {"integrations": {"acme-banner": {"title": "Banner", "script": "// old"}}}
    made = await applied(tmp_path, title % "Banner", live=live)

    found = await drifted(made, title % "New")

    assert fields(found) == {"title": "file"}


async def test_the_lock_keeps_what_nobody_declares_through_a_partial_run(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"mermaid": {}, "slack": {}}}
    made = await applied(tmp_path, FILE % "G-1", live=live)
    made.choice = Choice(targets=("installation/googleanalytics",))
    await made.apply()
    made.choice = Choice()

    again = parse(merged(None, "here", made.lock_store.base), "here", "gbsync.lock")

    assert (await drifted(made)).items == ()
    assert again.unmanaged == {"installation/mermaid", "installation/slack"}


async def test_adopting_remembers_what_nobody_declares(tmp_path: Path) -> None:
    live = {
        "installations": {"mermaid": {}, "slack": {"configuration": {"default_channel": "C1", "team": "T1"}}}
    }
    made = world(tmp_path, {"files": SLACK, "live": live})
    reconcile.adopt(await made.plan(), made.lock_store)
    made.sandbox.store.put_installation(Installation("inst9", "intercom", made.config().organization))

    assert fates(await drifted(made)) == {"installation/intercom": "appeared live"}


@pytest.mark.parametrize("what", What)
def test_every_fate_but_a_change_has_its_sentence(what: What) -> None:
    assert bool(Item(Address("a/b"), what, Who.LIVE).sentence) is (what is not What.CHANGED)
