"""Reads and lists that lag behind our own writes, and what was deleted a moment ago, are no failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.sandbox import Fault, Faults
from tests.planning import plan_text, world
from tests.virtual import run

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.apply.report import Report
    from tests.planning import World

FILES = """
installations:
  googleanalytics: {site_selection: selected, sites: {site_p4Xo1: {configuration: {tracking_id: G-1}}}}
  slack: {configuration: {default_channel: C1}}
"""


def applied(folder: Path, behaviour: dict[str, Any], faults: Faults | None = None) -> tuple[World, Report]:
    async def story() -> tuple[World, Report]:
        made = world(folder, {"files": FILES, "lock": {}, "with": {"behaviour": behaviour}})
        made.sandbox.faults = faults or Faults()
        return made, await made.apply()

    return run(story())


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_a_404_on_what_this_run_has_made_is_asked_for_again(tmp_path: Path, lag: int) -> None:
    made, report = applied(tmp_path, {"read_lag": lag})
    commits = [(entry.operation, entry.subject) for entry in made.sandbox.commits]

    assert report.complete, [result.message for result in report.results]
    assert len(set(commits)) == len(commits)


def test_a_list_that_does_not_show_yet_what_a_lost_reply_made_is_asked_again(tmp_path: Path) -> None:
    lost = Faults(rates={Fault.RESET_AFTER: 1.0}, operations=frozenset({"installIntegration"}))
    made, report = applied(tmp_path, {"list_lag": 6}, lost)

    assert report.complete, [result.message for result in report.results]
    assert len(made.sandbox.store.installations) == 2


def test_a_list_that_still_shows_what_is_gone_is_no_failure(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"slack": {}, "googleanalytics": {"sites": {"site_p4Xo1": {}}}}}
    files = "installations: {slack: {}, googleanalytics: {absent: true}}"

    async def story() -> str:
        made = world(tmp_path, {"files": files, "live": live, "lock": {}})
        store = made.sandbox.store
        gone = store.installations_of(integration="googleanalytics")[0]

        def between(number: int) -> None:
            if number == 2 and gone.id in store.installations:
                store.drop_installation(gone)

        made.sandbox.between = between
        return plan_text((await made.plan()).plan)

    assert run(story()) == ""
