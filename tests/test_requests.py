"""How many requests a plan and an apply send: no more than it takes, and as many as the plan said."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from benchmarks.organization import INTEGRATIONS, declaring
from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome
from reconciler.apply.scheduler import Options as How
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options, load
from reconciler.gitbook.client.client import CONCURRENCY, Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox, Store, world
from tests import virtual

if TYPE_CHECKING:
    from reconciler.apply.report import Report
    from reconciler.pipeline import Planned

ENDPOINT = "http://sandbox.localhost"
LATENCY = 0.02


@dataclass(frozen=True)
class StepEvent:
    """A plan, what became of it, and which operations each of the two asked for."""

    planned: Planned
    report: Report
    reads: Counter[str]
    applied: Counter[str]
    under_way: int
    """How many requests of the apply were under way at the same time, at most."""


class Watched(httpx.AsyncBaseTransport):
    """A sandbox that counts what is under way."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = sandbox.transport()
        self._now = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            return await self._inner.handle_async_request(request)
        finally:
            self._now -= 1


def event(text: str, store: Store, behaviour: Behaviour | None = None, *, parallelism: int = 10) -> StepEvent:
    behaviour = behaviour or Behaviour(latency=LATENCY)
    sandbox = Sandbox(store, behaviour=behaviour, clock=virtual.VirtualClock())
    config = load(["-"], table=KINDS, options=Options(stdin=io.StringIO(text)))
    lock_store = SandboxLockStore(sandbox, "", ENDPOINT, ORGANIZATION)

    async def run() -> StepEvent:
        transport, token = Watched(sandbox), Secret(sandbox.token)
        concurrency = max(parallelism + 1, CONCURRENCY)  # as the command line has it
        client = Client(
            endpoint=ENDPOINT,
            token=token,
            transport=transport,
            clock=virtual.VirtualClock(),
            concurrency=concurrency,
        )
        async with client:
            planned = await reconcile.plan(
                config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path()
            )
            seen, transport.most = len(sandbox.log), 0
            how = How(parallelism=parallelism)
            report = await reconcile.apply(planned, client, lock_store, table=KINDS, options=how).work()
        operations = [entry.operation for entry in sandbox.log]
        reads, applied = Counter(operations[:seen]), Counter(operations[seen:])
        return StepEvent(planned, report, reads, applied, transport.most)

    return virtual.run(run())


@pytest.mark.parametrize("page", [1000, 100])
def test_a_plan_of_5000_bindings_asks_for_the_pages_that_there_are_and_nothing_else(page: int) -> None:
    each = 5000 // INTEGRATIONS
    pages = -(-each // page)
    found = event(
        declaring(5000), world.large(integrations=INTEGRATIONS, bindings=5000), Behaviour(page_cap=page)
    )

    assert found.planned.plan.steps == ()
    assert found.reads == {
        "listOrganizationInstallations": 1,
        "listIntegrationInstallationSites": pages * INTEGRATIONS / 2,
        "listIntegrationInstallationSpaces": pages * INTEGRATIONS / 2,
    }
    assert found.planned.plan.reads == sum(found.reads.values())
    assert not found.applied


def test_what_is_neither_declared_nor_remembered_nor_pruned_is_only_counted_a_thousand_at_a_time() -> None:
    head = f"version: 1\norganization: {ORGANIZATION}\n"
    one, none = (
        event(f"{head}{text}\n", world.large(integrations=4, bindings=10_000))
        for text in ("installations: {integration-0: {}}", "integrations: {}")
    )

    # Of the declared installation, the 2500 sites are three pages; nothing is read by itself.
    assert one.reads == {"listOrganizationInstallations": 1, "listIntegrationInstallationSites": 3}
    assert len(one.planned.plan.unmanaged) == 3 + 2500
    # What stands under installations that no file names is not even counted.
    assert none.reads == {"listOrganizationInstallations": 1}
    assert len(none.planned.plan.unmanaged) == 4
    assert not one.applied + none.applied


def test_each_declared_integration_that_no_list_serves_is_one_request_more_and_no_other_is() -> None:
    store = world.large(integrations=INTEGRATIONS, bindings=5000)
    installed = store.integrations["integration-0"]
    store.integrations["integration-0"] = replace(installed, organization=ORGANIZATION)
    ours = "".join(
        f"  {name}: {{title: Ours, script: //, scopes: []}}\n" for name in ("acme-one", "acme-two")
    )
    listed = "  integration-0: {title: Integration 0}\n"
    found = event(f"{declaring(5000)}integrations:\n{ours}{listed}  acme-three: {{absent: true}}\n", store)

    assert [step.address for step in found.planned.plan.steps] == [
        "integration/acme-one",
        "integration/acme-two",
    ]
    assert found.reads == {
        "listOrganizationInstallations": 1,
        "listIntegrationInstallationSites": INTEGRATIONS / 2,
        "listIntegrationInstallationSpaces": INTEGRATIONS / 2,
        "getIntegrationByName": 3,
    }


@pytest.mark.slow
def test_a_thousand_updates_take_little_more_than_a_thousand_requests() -> None:
    found = event(
        declaring(1000, changed=1, integrations=10),
        world.large(integrations=10, bindings=1000, own_keys=False),
    )

    assert found.report.count(Outcome.DONE) == 1000
    assert found.planned.plan.requests == 1100
    assert sum(found.reads.values()) + sum(found.applied.values()) <= 1130
    assert found.report.seconds < 1.1 * 1000 * LATENCY / 10


def test_ten_updates_of_five_thousand_are_read_one_by_one() -> None:
    found = event(
        declaring(5000, changed=25), world.large(integrations=INTEGRATIONS, bindings=5000, own_keys=False)
    )
    few = event(
        declaring(5000, changed=500, integrations=1),
        world.large(integrations=1, bindings=5000, own_keys=False),
    )

    assert len(few.planned.plan.steps) == 10
    assert few.report.requests == few.planned.plan.requests == 20
    assert len(found.planned.plan.steps) == 200
    assert found.report.requests <= found.planned.plan.requests < 400


@pytest.mark.parametrize("parallelism", [1, 2, 10, 100])
def test_as_many_requests_are_under_way_as_parallelism_says_and_one_page_beside(parallelism: int) -> None:
    found = event(
        declaring(200, changed=1, integrations=2),
        world.large(integrations=2, bindings=200, own_keys=False),
        Behaviour(latency=LATENCY, rate_limit=5000),
        parallelism=parallelism,
    )

    assert found.report.count(Outcome.DONE) == 200
    assert parallelism <= found.under_way <= parallelism + (parallelism > 1)


@pytest.mark.parametrize(
    ("start", "changed"), [(0, 0), (100, 1)], ids=["a hundred creates", "a hundred updates"]
)
def test_as_many_requests_are_sent_as_the_plan_said(start: int, changed: int) -> None:
    store = world.large(integrations=INTEGRATIONS, bindings=100)
    if not start:
        for installation in tuple(store.installations.values()):
            for level in ("site", "space"):
                for binding in tuple(store.bindings(installation.id, level).values()):
                    store.drop_binding(binding)
    found = event(declaring(100, changed=changed), store)
    plan, report = found.planned.plan, found.report

    assert len(plan.steps) == report.count(Outcome.DONE) == 100
    assert report.requests == plan.requests == sum(found.applied.values()) == 200


@pytest.mark.parametrize(
    ("bindings", "limit", "period"),
    [(300, 50, 1), (500, 200, 60)],
    ids=["windows of a second", "windows of a minute"],
)
def test_an_apply_takes_as_long_as_the_rate_limit_seen_lets_the_plan_expect(
    bindings: int, limit: int, period: int
) -> None:
    store = world.large(integrations=INTEGRATIONS, bindings=bindings)
    behaviour = Behaviour(latency=LATENCY, rate_limit=limit, rate_period=period)
    found = event(declaring(bindings, changed=1), store, behaviour)
    plan, report = found.planned.plan, found.report

    assert plan.rate == limit / period
    assert report.seconds == pytest.approx(plan.requests / plan.rate, abs=period)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(latency=LATENCY, rate_limit=5, rate_burst=5),
        Behaviour(latency=LATENCY, rate_limit=20, rate_burst=5, rate_told="nothing"),
        Behaviour(latency=LATENCY, rate_limit=20, rate_burst=5, rate_told="retry-after"),
        Behaviour(latency=LATENCY, rate_limit=20, rate_burst=5, rate_told="nothing", rate_status="503"),
        Behaviour(latency=LATENCY, rate_limit=2, rate_burst=1, rate_told="nothing"),
        Behaviour(latency=LATENCY, rate_at_once=3, rate_told="nothing"),
    ],
    ids=["announced", "not", "half", "503", "one at a time", "three at once"],
)
def test_an_apply_gets_through_a_limit_that_is_smaller_than_its_work_in_flight(behaviour: Behaviour) -> None:
    store = world.large(integrations=INTEGRATIONS, bindings=100)
    found = event(declaring(100, changed=1), store, behaviour)

    assert found.report.complete
    assert found.report.count(Outcome.DONE) == 100
    assert found.report.requests <= found.planned.plan.requests * 1.4


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(latency=LATENCY, rate_limit=5),
        Behaviour(latency=LATENCY, rate_limit=5, rate_burst=5),
        Behaviour(latency=LATENCY, rate_limit=10, rate_burst=10),
    ],
    ids=["a window", "a small bucket", "a bucket"],
)
def test_the_forecast_of_a_plan_is_right_within_a_quarter(behaviour: Behaviour) -> None:
    store = world.large(integrations=INTEGRATIONS, bindings=100)
    found = event(declaring(100, changed=1), store, behaviour)
    plan, report = found.planned.plan, found.report

    assert plan.rate
    assert 0.75 <= plan.requests / plan.rate / report.seconds <= 1.25


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(latency=LATENCY, rate_limit=5),
        Behaviour(latency=LATENCY, rate_limit=10, rate_burst=10),
        Behaviour(latency=LATENCY, rate_limit=50, rate_burst=20),
    ],
    ids=["a window", "a bucket", "a quick bucket"],
)
def test_pages_save_requests_at_an_announced_limit_too(behaviour: Behaviour) -> None:
    store = world.large(integrations=2, bindings=150, own_keys=False)
    found = event(declaring(150, changed=1, integrations=2), store, behaviour)
    plan, report = found.planned.plan, found.report
    writes = sum(count for name, count in found.applied.items() if name.startswith("update"))

    assert report.complete
    assert writes <= 150 * 1.01, "at most one in a hundred is refused"
    assert report.requests <= 150 * 1.3 + 10, "a bucket is known to be one after a few single reads"
    assert report.requests / (report.seconds * behaviour.rate_limit) >= 0.95
    assert plan.rate
    assert 0.75 <= plan.requests / plan.rate / report.seconds <= 1.25 or behaviour.rate_burst > 10
