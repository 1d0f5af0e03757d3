"""Whatever ends the probe, what it made is removed: by itself, or by the next one."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import pytest

from reconciler.gitbook.probe.answer import Unclear
from reconciler.gitbook.probe.calls import Calls
from reconciler.gitbook.probe.names import is_ours
from reconciler.gitbook.probe.own import Leftovers, leftovers, remove
from reconciler.sandbox import ORGANIZATION, Behaviour, Faults, Sandbox, world
from reconciler.sandbox.behaviour import NAMES
from reconciler.sandbox.records import Installation, Integration
from tests.conftest import NIGHTLY
from tests.gitbook.probe.probing import Laboratory, others, small
from tests.virtual import run

pytestmark = pytest.mark.lawless

HARD = {"unpublish": "orphans", "list_lag": "3", "read_lag": "3", "selection": "all", "unselect": "kept"}
"""Switches that make it hard to find what there is, as far as the sandbox has them."""
STEP = 1 if NIGHTLY else 8
"""From one request that is interrupted to the next one that is."""


@cache
def requests() -> int:
    """As many as a run has that nobody interrupts."""
    return laboratory().probe().requests


def laboratory(**more: Any) -> Laboratory:
    chosen = [f"{name}={value}" for name, value in HARD.items() if name in NAMES]
    return Laboratory(Behaviour.parse(chosen), small(), burst=0, **more)


class Killed(BaseException):
    """The process is gone: nothing that it wanted to do is done."""


def test_an_interrupted_probe_removes_what_it_made() -> None:
    for moment in range(1, requests(), STEP):
        _interrupt_at(moment)


def _interrupt_at(moment: int) -> None:
    def interrupt(number: int, task: asyncio.Task[Any]) -> None:
        if number == moment:
            task.cancel()

    there = laboratory(between=interrupt)
    findings = there.probe()

    assert findings.interrupted, moment
    assert not findings.left
    assert not there.ours, moment
    assert others(there.store.document()) == there.before


def test_the_next_probe_removes_what_a_killed_one_left() -> None:
    for moment in range(1, requests(), STEP):
        _kill_at(moment)


def _kill_at(moment: int) -> None:
    def kill(number: int, _: asyncio.Task[Any]) -> None:
        if number >= moment:
            raise Killed

    there = laboratory(between=kill)
    with pytest.raises(Killed):
        there.probe()
    there.between = None
    left = run(_removed(there))

    assert not left
    assert not there.ours, moment
    assert others(there.store.document()) == there.before


async def _removed(there: Laboratory) -> tuple[str, ...]:
    async with there.client() as client:
        calls = Calls(client, there.clock, max_wait=60)
        await there.clock.sleep(1)
        # Lists lag behind by requests here: a few pass before the next probe is started.
        for _ in range(5):
            await leftovers(calls, ORGANIZATION)
        return await remove(calls, await leftovers(calls, ORGANIZATION), ORGANIZATION)


def test_a_second_interrupt_ends_the_clean_up() -> None:
    def interrupt(number: int, task: asyncio.Task[Any]) -> None:
        if number >= 60:
            task.cancel()

    there = laboratory(between=interrupt)
    with pytest.raises(asyncio.CancelledError):
        there.probe()

    assert there.ours


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("gbsync-probe-0123abcd", True),
        ("gbsync-probe-0123abcd-e", True),
        ("gbsync-probe", False),
        ("gbsync-probe-", False),
        ("gbsync-probe-rates", False),
        ("gbsync-probe-0123abcd-mine", False),
        ("my-gbsync-probe-0123abcd", False),
    ],
)
def test_a_name_is_the_probes_only_if_it_has_its_exact_form(name: str, ours: bool) -> None:  # noqa: FBT001 - a case
    assert is_ours(name) is ours


def test_an_integration_of_another_organization_is_no_leftover_whatever_its_name() -> None:
    name, document = "gbsync-probe-0123abcd", {"title": "Theirs", "visibility": "public"}
    there = Laboratory(Behaviour(), world.empty())
    there.store.integrations[name] = Integration(name, world.GITBOOK, document)
    there.store.put_installation(Installation("theirs", name, ORGANIZATION))

    assert not run(_leftovers(there))


async def _leftovers(there: Laboratory) -> tuple[str, ...]:
    async with there.client() as client:
        return (await leftovers(Calls(client, there.clock, max_wait=60), ORGANIZATION)).names


def test_nothing_is_written_to_what_has_another_name() -> None:
    there = laboratory()
    with pytest.raises(Unclear):
        run(_removed_by_name(there, next(iter(there.store.integrations))))

    assert not there.sandbox.log


async def _removed_by_name(there: Laboratory, name: str) -> None:
    async with there.client() as client:
        await remove(Calls(client, there.clock, max_wait=60), Leftovers((name,)), ORGANIZATION)


def test_a_write_without_an_answer_is_not_sent_again() -> None:
    there = laboratory()
    there.sandbox = Sandbox(small(), faults=Faults.parse(["reset-after@1"]), clock=there.clock)

    with pytest.raises(Unclear):
        run(_published(there))
    assert len(there.sandbox.commits) == 1


async def _published(there: Laboratory) -> None:
    async with there.client() as client:
        await there.own().publish(Calls(client, there.clock, max_wait=60))
