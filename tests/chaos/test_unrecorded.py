"""A lock that cannot be written stops a run, and never costs the memory of a publish."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome, Report
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options, load
from reconciler.errors import LockError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Sandbox
from tests import virtual

if TYPE_CHECKING:
    from reconciler.lock.document import Base

ENDPOINT = "http://sandbox.localhost"
NAMES = ("acme-one", "acme-two", "acme-three")
FILE = {
    "version": 1,
    "organization": ORGANIZATION,
    "integrations": {
        name: {"title": "One of ours", "script": f"// {name}", "scopes": [], "secrets": {"KEY": "text"}}
        for name in NAMES
    },
    "installations": {"slack": {"configuration": {"default_channel": "C1"}}},
}


class Disk:
    """Room for so many more saves."""

    def __init__(self, room: float) -> None:
        self.room = room


class FullKeeper(SandboxLockStore):
    """A keeper on a disk that fills up."""

    disk: Disk

    def save(self, base: Base) -> None:
        self.disk.room -= 1
        if self.disk.room < 0:
            msg = "gbsync.lock: cannot be written: No space left on device; make room"
            raise LockError(msg)
        super().save(base)


def applied(sandbox: Sandbox, room: float) -> Report | None:
    """One run; `None` where it ended before anything was sent."""
    lock_store = FullKeeper(sandbox, "", ENDPOINT, ORGANIZATION)
    lock_store.disk = Disk(room)
    config = load(["-"], table=KINDS, options=Options(stdin=io.StringIO(json.dumps(FILE))))

    async def run() -> Report | None:
        token, clock = Secret(sandbox.token), virtual.VirtualClock()
        client = Client(endpoint=ENDPOINT, token=token, transport=sandbox.transport(), clock=clock)
        async with client:
            planned = await reconcile.plan(
                config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path()
            )
            try:
                return await reconcile.apply(planned, client, lock_store, table=KINDS).work()
            except LockError:
                return None

    return virtual.run(run())


@pytest.mark.parametrize("room", range(9))
def test_a_publish_is_remembered_wherever_the_disk_fills_up(room: int) -> None:
    sandbox = Sandbox(clock=virtual.VirtualClock())
    first = applied(sandbox, room)
    published = {entry.subject for entry in sandbox.commits if entry.operation == "publishIntegration"}

    second, third = applied(sandbox, float("inf")), applied(sandbox, float("inf"))

    assert first is not None or not published
    assert second is not None
    assert second.complete
    assert third is not None
    assert third.results == ()
    assert [sandbox.store.integrations[name].version for name in NAMES] == [1, 1, 1]


def test_a_run_that_cannot_record_says_so_and_sends_nothing_more() -> None:
    sandbox = Sandbox(clock=virtual.VirtualClock())
    report = applied(sandbox, 2)

    assert report is not None
    assert "No space left on device" in report.unrecorded
    assert not report.complete
    assert Outcome.SKIPPED in {result.outcome for result in report.results} or len(sandbox.commits) <= len(
        NAMES
    )
