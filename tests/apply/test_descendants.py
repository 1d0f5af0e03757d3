"""A deletion takes nothing that its plan did not show: children are listed just before, keys compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.report import Outcome
from reconciler.sandbox import ORGANIZATION
from reconciler.sandbox.records import Binding, Installation
from tests.planning import World, world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.apply.report import Report, Result

PARENT, CHILD = "installation/googleanalytics", "installation/googleanalytics/site/site_p4Xo1"
PROTECTED = f"{PARENT}/site/site_94PRV"
GONE = f"protect: [{PROTECTED}]\ninstallations: {{googleanalytics: {{absent: true}}}}"
BOUND = "installations: {googleanalytics: {sites: {site_p4Xo1: {absent: true}}}}"
LIVE: dict[str, Any] = {
    "installations": {"googleanalytics": {"id": "inst_ga", "sites": {"site_p4Xo1": {}}}},
}


def bind(made: World, site: str, **keys: Any) -> None:
    """A colleague binds a site, or sets keys there."""
    store = made.sandbox.store
    there = store.bindings("inst_ga", "site").get(site) or Binding("inst_ga", "site", site)
    store.put_binding(replace(there, configuration={**there.configuration, **keys}))


async def after(made: World, deed: Callable[[World], object]) -> dict[str, Result]:
    """How each step ended where the deed was done between the plan and the apply."""
    planned = await made.plan()
    deed(made)
    report = await made.apply(planned)
    return by_address(report)


def by_address(report: Report) -> dict[str, Result]:
    return {str(result.step.address): result for result in report.results}


async def test_a_binding_that_joined_after_the_plan_stops_the_uninstall(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": GONE, "live": LIVE})
    results = await after(made, lambda made: bind(made, "site_k2Lm9"))

    assert results[PARENT].outcome is Outcome.FAILED
    assert results[PARENT].message == (
        f"{PARENT}/site/site_k2Lm9 is new: it would be deleted too; plan again"
    )
    assert "inst_ga" in made.sandbox.store.installations


async def test_a_protected_binding_that_joined_is_named_as_protected(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": GONE, "live": LIVE})
    results = await after(made, lambda made: bind(made, "site_94PRV"))

    assert results[PARENT].message == (
        f"{PROTECTED} is protected ({PROTECTED}): it would be deleted too; plan again"
    )
    assert made.sandbox.commits == ()


async def test_a_binding_that_is_protected_stays_even_where_it_exists_by_itself(tmp_path: Path) -> None:
    live = {"installations": {"googleanalytics": {"id": "inst_ga", "site_selection": "all"}}}
    made = world(tmp_path, {"files": GONE, "live": live})
    results = await after(made, lambda made: bind(made, "site_94PRV"))

    assert results[PARENT].outcome is Outcome.FAILED


async def test_what_exists_by_itself_without_a_configuration_is_not_new(tmp_path: Path) -> None:
    live = {"installations": {"googleanalytics": {"id": "inst_ga", "site_selection": "all"}}}
    made = world(tmp_path, {"files": GONE, "live": live})
    results = await after(made, lambda made: bind(made, "site_k2Lm9"))

    assert results[PARENT].outcome is Outcome.DONE


async def test_what_exists_by_itself_and_was_configured_is_new(tmp_path: Path) -> None:
    live = {"installations": {"googleanalytics": {"id": "inst_ga", "site_selection": "all"}}}
    made = world(tmp_path, {"files": GONE, "live": live})
    results = await after(made, lambda made: bind(made, "site_k2Lm9", tracking_id="G-1"))

    assert results[PARENT].message.startswith(f"{PARENT}/site/site_k2Lm9 is new")


async def test_a_child_that_was_configured_since_the_plan_stops_the_uninstall(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": GONE, "live": LIVE})
    results = await after(made, lambda made: bind(made, "site_p4Xo1", tracking_id="G-1"))

    assert results[PARENT].message == (
        f"{CHILD} has changed (configuration.tracking_id): it would be deleted too; plan again"
    )


async def test_an_installation_that_joined_after_the_plan_stops_the_unpublish(tmp_path: Path) -> None:
    files = "integrations: {acme-banner: {absent: true}}"
    made = world(tmp_path, {"files": files, "live": {"integrations": {"acme-banner": {}}}})

    def install(made: World) -> None:
        made.sandbox.store.put_installation(Installation("inst_new", "acme-banner", ORGANIZATION, {}))

    results = await after(made, install)

    assert results["integration/acme-banner"].message == (
        "installation/acme-banner is new: it would be deleted too; plan again"
    )
    assert "acme-banner" in made.sandbox.store.integrations


async def test_a_binding_of_an_unpublished_integration_that_joined_is_new_too(tmp_path: Path) -> None:
    files = "integrations: {acme-banner: {absent: true}}"
    live = {
        "integrations": {"acme-banner": {"target": "site"}},
        "installations": {"acme-banner": {"id": "inst_ga"}},
    }
    made = world(tmp_path, {"files": files, "live": live})
    results = await after(made, lambda made: bind(made, "site_k2Lm9"))

    assert "installation/acme-banner/site/site_k2Lm9 is new" in results["installation/acme-banner"].message
    assert results["integration/acme-banner"].outcome is Outcome.SKIPPED
    assert made.sandbox.commits == ()
    assert "acme-banner" in made.sandbox.store.integrations


# what a deletion decides on


@pytest.mark.parametrize(
    ("deed", "name"),
    [
        ({"tracking_id": "G-1"}, "configuration.tracking_id"),
        ({"oauth_credentials": {"t": 1}}, "configuration.oauth_credentials"),
        ({"webhookId": "w"}, "configuration.webhookId"),
    ],
    ids=["a key of the schema", "a connection", "a key of the integration's own"],
)
async def test_a_key_that_was_set_since_the_plan_stops_the_deletion(
    tmp_path: Path, deed: dict[str, Any], name: str
) -> None:
    made = world(tmp_path, {"files": BOUND, "live": LIVE})
    results = await after(made, lambda made: bind(made, "site_p4Xo1", **deed))

    assert results[CHILD].outcome is Outcome.FAILED
    assert [item.name for item in results[CHILD].conflicts] == [name]
    assert made.sandbox.commits == ()


async def test_a_key_that_the_lock_names_and_was_not_set_is_decided_on_too(tmp_path: Path) -> None:
    lock = {CHILD: {"fields": {"configuration.own": 1}}}
    made = world(tmp_path, {"files": BOUND, "live": LIVE, "lock": lock})
    planned = await made.plan()

    assert "configuration.own" in planned.plan.steps[0].expected.fields


async def test_what_an_integration_writes_into_a_key_that_was_there_stops_nothing(tmp_path: Path) -> None:
    live = {
        "installations": {
            "googleanalytics": {"id": "inst_ga", "sites": {"site_p4Xo1": {"configuration": {"own": 1}}}}
        }
    }
    made = world(tmp_path, {"files": BOUND, "live": live})
    results = await after(made, lambda made: bind(made, "site_p4Xo1", own=2))

    assert results[CHILD].outcome is Outcome.DONE


async def test_a_null_of_a_binding_that_goes_is_a_key_that_is_not_there(tmp_path: Path) -> None:
    live = {
        "installations": {
            "googleanalytics": {
                "id": "inst_ga",
                "sites": {"site_p4Xo1": {"configuration": {"tracking_id": None, "own": None}}},
            }
        }
    }
    made = world(tmp_path, {"files": BOUND, "live": live})
    results = await after(made, lambda _made: None)

    assert results[CHILD].outcome is Outcome.DONE
