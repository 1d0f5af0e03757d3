"""In which order a plan is carried out: what comes first is made first, and deletions come last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.events import Phase
from reconciler.apply.report import Outcome
from reconciler.apply.scheduler import Options
from reconciler.gitbook.client.client import Client
from reconciler.resources.resource import Address
from reconciler.resources.values import Secret
from tests.planning import ENDPOINT, world
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.apply.events import StepEvent
    from reconciler.apply.scheduler import Run
    from tests.planning import World

Transport = httpx.AsyncBaseTransport
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


class Held(Transport):
    """Keeps the requests of one path waiting until somebody lets them go."""

    def __init__(self, inner: Transport, path: str) -> None:
        self.inner, self.path, self.gate = inner, path, asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith(self.path):
            await self.gate.wait()
        return await self.inner.handle_async_request(request)


async def test_one_slow_publish_holds_nothing_up_that_does_not_need_it(tmp_path: Path) -> None:
    made = world(tmp_path, CASE)
    planned = await made.plan()
    slow = Held(made.sandbox.transport(), "/integrations/acme-banner")
    apart = {str(step.address) for step in planned.plan.steps if "acme-banner" not in str(step.address)}
    ended: list[str] = []

    def observe(event: StepEvent) -> None:
        if event.phase is Phase.END:
            ended.append(str(event.address))
            if apart <= set(ended):
                slow.gate.set()

    token = Secret(made.sandbox.token)
    async with asyncio.timeout(20), Client(endpoint=ENDPOINT, token=token, transport=slow) as client:
        report = await made.run(planned, client, Options(observe=observe)).work()

    assert report.complete
    assert "installation/intercom" in apart
    assert set(ended[: len(apart)]) == apart


async def test_the_numbers_of_writes_rise_and_each_answer_has_that_of_its_request(tmp_path: Path) -> None:
    made = world(tmp_path, CASE)
    heard: list[StepEvent] = []
    report = await made.apply(options=Options(observe=heard.append))
    sent = [event for event in heard if event.phase is Phase.SEND]
    answered = {event.number: (event.address, event.call) for event in heard if event.phase is Phase.SENT}

    assert report.complete
    assert [event.number for event in sent] == list(range(1, len(made.sandbox.commits) + 1))
    assert answered == {event.number: (event.address, event.call) for event in sent}


class Failing(Transport):
    """Answers each write whose path ends so with a refusal."""

    def __init__(self, inner: Transport, path: str) -> None:
        self.inner, self.path = inner, path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET" and request.url.path.endswith(self.path):
            return httpx.Response(400, json={"error": {"code": 400, "message": "no"}})
        return await self.inner.handle_async_request(request)


@pytest.mark.parametrize("fail_fast", [True, False])
async def test_after_a_failure_only_what_depends_on_it_is_skipped_or_with_fail_fast_all(
    tmp_path: Path, *, fail_fast: bool
) -> None:
    made = world(tmp_path, CASE)
    planned = await made.plan()
    failing = Failing(made.sandbox.transport(), "/integrations/acme-banner")
    token, options = Secret(made.sandbox.token), Options(parallelism=1, fail_fast=fail_fast)
    async with Client(endpoint=ENDPOINT, token=token, transport=failing, clock=VirtualClock()) as client:
        report = await made.run(planned, client, options).work()
    ended = {str(item.step.address): item.outcome for item in report.results}

    assert ended["integration/acme-banner"] is Outcome.FAILED
    assert ended["installation/acme-banner"] is Outcome.SKIPPED
    assert ended["installation/slack"] is (Outcome.SKIPPED if fail_fast else Outcome.DONE)
    assert report.summary.startswith("Apply incomplete! ")
    assert not report.interrupted or fail_fast
    assert Address("installation/acme-banner") not in made.lock_store.base.entries


async def test_an_update_that_failed_leaves_no_entry_where_there_was_none(tmp_path: Path) -> None:
    files = "installations: {slack: {configuration: {default_channel: C1}}}"
    live = {"installations": {"slack": {"configuration": {"default_channel": "C0"}}}}
    made = world(tmp_path, {"files": files, "live": live, "lock": {}})
    planned = await made.plan()
    failing = Failing(made.sandbox.transport(), "inst_slack_0")
    token = Secret(made.sandbox.token)
    async with Client(endpoint=ENDPOINT, token=token, transport=failing, clock=VirtualClock()) as client:
        report = await made.run(planned, client).work()

    assert [item.outcome for item in report.results] == [Outcome.FAILED]
    assert not made.lock_store.base.entries


class Gone(Transport):
    """Loses the answer to a PATCH, and somebody removes the installation at that moment."""

    def __init__(self, made: World) -> None:
        self.made, self.inner = made, made.sandbox.transport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PATCH":
            return await self.inner.handle_async_request(request)
        store = self.made.sandbox.store
        for installation in store.installations_of(integration="slack"):
            store.drop_installation(installation)
        msg = "the connection was closed"
        raise httpx.ReadError(msg, request=request)


async def test_a_write_without_an_answer_to_what_is_gone_since_has_failed(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"slack": {"configuration": {}}}}
    made = world(
        tmp_path, {"files": "installations: {slack: {site_selection: all}}", "live": live, "lock": {}}
    )
    planned = await made.plan()
    token = Secret(made.sandbox.token)
    async with Client(endpoint=ENDPOINT, token=token, transport=Gone(made), clock=VirtualClock()) as client:
        report = await made.run(planned, client).work()

    assert [item.outcome for item in report.results] == [Outcome.FAILED]
