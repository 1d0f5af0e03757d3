"""In which order a plan is carried out: what comes first is made first, and deletions come last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.events import Phase
from reconciler.apply.report import Outcome
from reconciler.apply.scheduler import Options
from tests.planning import world

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.apply.events import StepEvent
    from reconciler.apply.scheduler import Run

SITE, SPACE = "site_p4Xo1", "7fQm2WvA91bXcR0tYk3L"
CASE = {
    "files": f"""
integrations:
  acme-banner:
    title: Acme Banner
    script: "// new"
    secrets: {{}}
    scopes: []
    configurations:
      account: &form {{properties: {{text: {{type: string}}}}}}
      site: *form
installations:
  acme-banner:
    configuration: {{text: a}}
    sites: {{{SITE}: {{configuration: {{text: b}}}}}}
  slack: {{configuration: {{default_channel: C1}}, spaces: {{{SPACE}: {{absent: true}}}}}}
  intercom: {{absent: true}}
""",
    "live": {
        "installations": {
            "slack": {"configuration": {"default_channel": "C0"}, "spaces": {SPACE: {}}},
            "intercom": {"sites": {SITE: {"configuration": {"app_id": "a"}}}},
        }
    },
    "lock": {},
}


async def test_one_at_a_time_it_goes_from_publish_to_binding_and_deletes_last(tmp_path: Path) -> None:
    made = world(tmp_path, CASE)
    planned = await made.plan()
    report = await made.apply(planned, Options(parallelism=1))

    assert report.complete, [item.message for item in report.results]
    assert [f"{entry.operation} {entry.subject}" for entry in made.sandbox.commits] == [
        "publishIntegration integration/acme-banner",
        "installIntegration installation/acme-banner",
        "updateIntegrationInstallation installation/acme-banner",
        "updateIntegrationInstallation installation/slack",
        f"installIntegrationOnSite installation/acme-banner/site/{SITE}",
        f"updateIntegrationSiteInstallation installation/acme-banner/site/{SITE}",
        f"uninstallIntegrationFromSpace installation/slack/space/{SPACE}",
        "uninstallIntegration installation/intercom",
    ]


async def test_what_goes_with_its_parent_sends_nothing_and_is_done_with_it(tmp_path: Path) -> None:
    made = world(tmp_path, CASE)
    planned = await made.plan()
    report = await made.apply(planned)
    ended = {str(item.step.address): item for item in report.results}
    along = ended[f"installation/intercom/site/{SITE}"]

    assert (along.step.sends, along.step.requests, along.outcome) == (False, 0, Outcome.DONE)
    assert report.requests == planned.plan.requests


@given(st.integers(1, 20))
async def test_however_many_go_at_a_time_nothing_comes_before_what_it_needs(
    tmp_path_factory: pytest.TempPathFactory, parallelism: int
) -> None:
    made = world(tmp_path_factory.mktemp("order"), CASE)
    planned = await made.plan()
    report = await made.apply(planned, Options(parallelism=parallelism))
    first = {entry.subject: entry.number for entry in reversed(made.sandbox.commits)}

    assert report.complete
    for step in planned.plan.steps:
        assert all(first[need] < first[step.address] for need in step.needs if step.sends)


@pytest.mark.parametrize("last", [True, False])
async def test_a_run_is_interrupted_only_where_that_left_something_out(tmp_path: Path, *, last: bool) -> None:
    made = world(tmp_path, CASE)
    planned = await made.plan()
    when = planned.plan.steps[-1 if last else 0].address
    async with made.client() as client:
        runs: list[Run] = []

        def stop(event: StepEvent) -> None:
            if event.phase is Phase.SEND and event.address == when:
                runs[0].stop()

        runs.append(made.run(planned, client, Options(parallelism=1, observe=stop)))
        report = await runs[0].work()

    assert report.complete == last
    assert report.interrupted != last
