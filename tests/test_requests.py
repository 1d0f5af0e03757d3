"""How many requests a plan and an apply send: no more than it takes, and as many as the plan said."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.organization import INTEGRATIONS, declaring
from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options, load
from reconciler.gitbook.client.client import Client
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


def event(text: str, store: Store, behaviour: Behaviour | None = None) -> StepEvent:
    behaviour = behaviour or Behaviour(latency=LATENCY)
    sandbox = Sandbox(store, behaviour=behaviour, clock=virtual.VirtualClock())
    config = load(["-"], table=KINDS, options=Options(stdin=io.StringIO(text)))
    lock_store = SandboxLockStore(sandbox, "", ENDPOINT, ORGANIZATION)

    async def run() -> StepEvent:
        client = Client(
            endpoint=ENDPOINT,
            token=Secret(sandbox.token),
            transport=sandbox.transport(),
            clock=virtual.VirtualClock(),
        )
        async with client:
            planned = await reconcile.plan(
                config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path()
            )
            seen = len(sandbox.log)
            report = await reconcile.apply(planned, client, lock_store, table=KINDS).work()
        operations = [entry.operation for entry in sandbox.log]
        return StepEvent(planned, report, Counter(operations[:seen]), Counter(operations[seen:]))

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
    assert report.requests == plan.requests == sum(found.applied.values())


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
    assert found.report.requests <= found.planned.plan.requests * 1.3


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
