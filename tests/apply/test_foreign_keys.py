"""Somebody writes a key at every moment of an apply: it survives, but between a read and its PATCH."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.scheduler import Options
from reconciler.gitbook.client.client import Client
from reconciler.resources.values import Secret
from reconciler.sandbox import Behaviour, Fault
from reconciler.sandbox.faults import Faults
from tests.organizations import turned
from tests.planning import ENDPOINT, World, world
from tests.virtual import VirtualClock, run

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.gitbook.client.events import RequestEvent as Wired
    from reconciler.sandbox.wire import LogEntry

FILE = """
installations:
  slack: {configuration: {default_channel: C2}}
  plausible:
    sites:
      site_p4Xo1: {configuration: {scriptKey: b, selfHostedUrl: null}}
      site_k2Lm9: {configuration: {scriptKey: c}}
  github:
    spaces:
      7fQm2WvA91bXcR0tYk3L: {configuration: {branch: main}}
"""
LIVE: dict[str, Any] = {
    "installations": {
        "slack": {"configuration": {"default_channel": "C1", "oauth_credentials": {"t": 1}}},
        "plausible": {"sites": {"site_p4Xo1": {"configuration": {"scriptKey": "a", "selfHostedUrl": "u"}}}},
    }
}
READS = (
    "getIntegrationInstallationById",
    "getIntegrationSiteInstallation",
    "getIntegrationSpaceInstallation",
    "installIntegration",
    "installIntegrationOnSite",
    "installIntegrationOnSpace",
)
"""What shows an object as it is: a POST's reply is a read too."""
WRITES = (
    "updateIntegrationInstallation",
    "updateIntegrationSiteInstallation",
    "updateIntegrationSpaceInstallation",
)
BEHAVIOURS = [
    Behaviour(),
    Behaviour(patch="merges"),
    Behaviour(nulls="kept"),
    Behaviour(patch="merges", nulls="kept"),
    Behaviour(own_keys="always"),
    Behaviour(space_binding="patch-404"),
]


def meddle(made: World, moment: str) -> set[str]:
    """Writes a key into every configuration, as an integration's code does; the objects that got it."""
    store, touched = made.sandbox.store, set()
    for item in tuple(store.installations.values()):
        store.put_installation(replace(item, configuration={**item.configuration, f"own{moment}": moment}))
        touched.add(item.id)
        for level in ("space", "site"):
            for target, binding in tuple(store.bindings(item.id, level).items()):
                laid = {**binding.configuration, f"own{moment}": moment}
                store.put_binding(replace(binding, configuration=laid))
                touched.add(f"{item.id}/{level}/{target}")
    return touched


def held(made: World) -> dict[str, dict[str, Any]]:
    """Every configuration."""
    store = made.sandbox.store
    found = {item.id: item.configuration for item in store.installations.values()}
    for item in store.installations.values():
        for level in ("space", "site"):
            for target, binding in store.bindings(item.id, level).items():
                found[f"{item.id}/{level}/{target}"] = binding.configuration
    return found


def between_read_and_write(log: list[LogEntry], number: int) -> bool:
    """Whether the request of this number is the PATCH right after its own read."""
    request = next((entry for entry in log if entry.number == number), None)
    before = next((entry for entry in log if entry.number == number - 1), None)
    if request is None or before is None or request.operation not in WRITES:
        return False
    return before.operation in READS and before.subject == request.subject


async def applied(folder: Path, behaviour: Behaviour, at: int | None) -> tuple[World, set[str], int]:
    """An apply in which somebody writes before one request; what they wrote to, and where it begins."""
    made = world(folder, {"files": FILE, "live": LIVE, "lock": {}})
    made.sandbox.behaviour = behaviour
    made.sandbox.backend.behaviour = behaviour
    planned = await made.plan()
    first, touched = made.sandbox.backend.requests, set[str]()

    def between(number: int) -> None:
        if at is not None and number == first + at:
            touched.update(meddle(made, str(at)))

    made.sandbox.between = between
    report = await made.apply(planned, Options(parallelism=1))

    assert report.complete, [item.message for item in report.results]
    return made, touched, first


@pytest.mark.parametrize(
    "behaviour",
    BEHAVIOURS,
    ids=turned,
)
def test_a_key_that_somebody_writes_at_any_moment_survives(tmp_path: Path, behaviour: Behaviour) -> None:
    made, _, first = run(applied(tmp_path, behaviour, None))
    last, unprotected = made.sandbox.backend.requests, 0
    for number in range(first + 1, last + 1):
        at = number - first
        made, touched, first = run(applied(tmp_path, behaviour, at))
        lost = [name for name in touched if f"own{at}" not in held(made)[name]]
        if between_read_and_write(made.sandbox.log, number):
            unprotected += 1
            assert len(lost) <= 1
        else:
            assert lost == []

    assert unprotected == sum(entry.operation in WRITES for entry in made.sandbox.commits)


def test_no_other_request_lies_between_a_read_and_its_patch(tmp_path: Path) -> None:
    made, _, first = run(applied(tmp_path, Behaviour(), None))
    log = [entry for entry in made.sandbox.log if entry.number > first]
    patches = [index for index, entry in enumerate(log) if entry.operation in WRITES]

    assert len(patches) == 4
    for index in patches:
        assert log[index - 1].operation in READS
        assert log[index - 1].subject == log[index].subject


@pytest.mark.parametrize("limit", [0, 2, 3])
@pytest.mark.parametrize("parallelism", [1, 10])
def test_no_wait_lies_between_a_read_and_its_patch(tmp_path: Path, limit: int, parallelism: int) -> None:
    """Whatever the rate limit leaves, both are granted together; one request a period could not do that."""
    heard: list[Wired] = []

    async def work() -> None:
        made = world(tmp_path, {"files": FILE, "live": LIVE, "lock": {}})
        planned = await made.plan()
        made.sandbox.behaviour = Behaviour(rate_limit=limit, rate_period=5)
        made.sandbox._limit = type(made.sandbox._limit)(made.sandbox.behaviour)
        token, transport = Secret(made.sandbox.token), made.sandbox.transport()
        client = Client(
            endpoint=ENDPOINT,
            token=token,
            transport=transport,
            clock=VirtualClock(),
            observe=heard.append,
            timeout=600,
        )
        async with client:
            report = await made.run(planned, client, Options(parallelism=parallelism)).work()

        assert report.complete, [item.message for item in report.results]

    run(work())
    for index, event in enumerate(heard):
        if event.operation in WRITES and event.status == 200:
            assert read_before(heard[:index], event.subject) == []


def read_before(heard: list[Wired], subject: str) -> list[Wired]:
    """What was heard of this object, and the waits of everybody, since its last read."""
    since: list[Wired] = []
    for event in reversed(heard):
        if event.subject == subject and event.operation in READS and not event.wait:
            return [item for item in since if item.subject == subject]
        since.append(event)
    return since


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET,
        Fault.RESET_AFTER,
        Fault.GATEWAY,
        Fault.GATEWAY_AFTER,
        Fault.LIMIT_SECONDS,
        Fault.TRUNCATED,
    ],
)
def test_a_patch_that_failed_is_built_again_from_a_fresh_read(tmp_path: Path, fault: Fault) -> None:
    async def work() -> World:
        made = world(
            tmp_path,
            {"files": "installations: {slack: {configuration: {default_channel: C2}}}", "live": LIVE},
        )
        planned, first = await made.plan(), made.sandbox.backend.requests
        made.sandbox.faults = Faults(script={first + 2: fault})

        def between(number: int) -> None:
            if number == first + 3:
                meddle(made, "x")

        made.sandbox.between = between
        report = await made.apply(planned)

        assert report.complete, [item.message for item in report.results]
        return made

    made = run(work())
    slack = made.live("installation/slack")["configuration"]

    assert slack == {"default_channel": "C2", "oauth_credentials": {"t": 1}, "ownx": "x"}
