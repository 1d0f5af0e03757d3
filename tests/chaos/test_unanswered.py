"""A write that got no answer is looked at again: its step says what happened, not what was hoped."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options, load
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Fault, Faults, Sandbox
from tests import virtual

ENDPOINT = "http://sandbox.localhost"
BOUND = {"googleanalytics": {"sites": {"site_w8Yn5": {"configuration": {"tracking_id": "G-NEW"}}}}}
MARKED = {"googleanalytics": {"externalIds": ["ours"]}}
GONE = {"googleanalytics": {"absent": True}}


def outcomes(installations: dict[str, Any], faults: Faults) -> tuple[list[Outcome], set[str]]:
    """How the steps ended, and which operations changed something."""
    file = {"version": 1, "organization": ORGANIZATION, "installations": installations}
    config = load(["-"], table=KINDS, options=Options(stdin=io.StringIO(json.dumps(file))))
    sandbox = Sandbox(faults=faults, clock=virtual.VirtualClock())
    lock_store = SandboxLockStore(sandbox, "", ENDPOINT, ORGANIZATION)

    async def run() -> list[Outcome]:
        token = Secret(sandbox.token)
        clock, transport = virtual.VirtualClock(), sandbox.transport()
        async with Client(endpoint=ENDPOINT, token=token, transport=transport, clock=clock) as client:
            planned = await reconcile.plan(
                config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path()
            )
            report = await reconcile.apply(planned, client, lock_store, table=KINDS).work()
        return [result.outcome for result in report.results if result.step.sends]

    return virtual.run(run()), {entry.operation for entry in sandbox.commits}


def always(fault: Fault, operation: str) -> Faults:
    return Faults(rates={fault: 1.0}, operations=frozenset({operation}))


CASES = [
    (BOUND, "updateIntegrationSiteInstallation"),
    (MARKED, "updateIntegrationInstallation"),
    (GONE, "uninstallIntegration"),
]


@pytest.mark.parametrize("fault", [Fault.GATEWAY_AFTER, Fault.RESET_AFTER, Fault.TRUNCATED, Fault.HTML_AFTER])
@pytest.mark.parametrize(("installations", "operation"), CASES)
def test_what_was_made_without_an_answer_is_done(
    installations: dict[str, Any], operation: str, fault: Fault
) -> None:
    assert outcomes(installations, always(fault, operation)) == ([Outcome.DONE], {operation})


@pytest.mark.parametrize("fault", [Fault.GATEWAY, Fault.RESET, Fault.REFUSED, Fault.HANG])
@pytest.mark.parametrize(("installations", "operation"), CASES)
def test_what_was_never_made_has_failed(installations: dict[str, Any], operation: str, fault: Fault) -> None:
    assert outcomes(installations, always(fault, operation)) == ([Outcome.FAILED], set())


@pytest.mark.parametrize(("installations", "operation"), CASES)
def test_what_the_rate_limit_never_lets_through_is_skipped(
    installations: dict[str, Any], operation: str
) -> None:
    assert outcomes(installations, always(Fault.LIMIT_SECONDS, operation)) == ([Outcome.SKIPPED], set())
