"""What a step decides on: identity and fields are apart, whatever a kind calls its fields."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from reconciler.apply import scheduler
from reconciler.apply.report import Outcome, Report
from reconciler.live.fetch import fetch
from reconciler.plan.build import plan
from reconciler.plan.saved import document
from reconciler.render.plan.json import plan_document
from reconciler.resources.kind import FileSyntax, Kind, table
from reconciler.resources.resource import Address, Facts, Resource
from tests.toy import POLICY, InMemoryLockStore, World, declared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from reconciler.plan.step import Plan
    from reconciler.resources.api import Api
    from reconciler.resources.kind import Handle

LATHE = Address("machine/lathe")


class MachineSpec(BaseModel):
    """A machine whose fields have the names of the parts of an identity."""

    id: str | None = None
    parent: str | None = None
    version: int | None = None


@dataclass
class Machines:
    """A patched kind: the server's id of a machine is no field of it."""

    live: dict[str, dict[str, Any]] = field(default_factory=dict)

    def _shown(self, key: str) -> Resource:
        return Resource(Address.of("machine", key), dict(self.live[key]), Facts(id=f"serial-{key}"))

    async def list(self, client: Api, organization: str, parent: Resource | None) -> AsyncIterator[Resource]:
        for key in self.live:
            yield self._shown(key)

    async def read(self, client: Api, handle: Handle) -> Resource | None:
        key = handle.address.key
        return self._shown(key) if key in self.live else None

    async def create(self, client: Api, handle: Handle, body: Mapping[str, Any]) -> Resource:
        self.live[handle.address.key] = {}
        return self._shown(handle.address.key)

    async def write(self, client: Api, handle: Handle, body: Mapping[str, Any]) -> Resource:
        self.live[handle.address.key] |= body
        return self._shown(handle.address.key)

    async def delete(self, client: Api, handle: Handle) -> bool:
        return self.live.pop(handle.address.key, None) is not None

    async def keys(self, client: Api, organization: str) -> Mapping[str, str]:
        return {}


async def applied(
    machines: Machines, body: Mapping[str, Any], between: Callable[[], object] = lambda: None
) -> Report:
    kinds = table(Kind("machine", MachineSpec, machines, file=FileSyntax("machines")))
    client, state, store = World(), declared(machine__lathe=body), InMemoryLockStore()
    live = await fetch(client, state, table=kinds, organization="works", reach=lambda _: True)
    made = plan(state, live, store.load(), table=kinds, policy=POLICY)
    assert saved_again(made, store, kinds) == [step.expected for step in made.steps]
    between()
    return await scheduler.start(made, client, live.state, store.load(), table=kinds, lock_store=store).work()


def saved_again(made: Plan, store: InMemoryLockStore, kinds: Any) -> list[Any]:
    """What the steps expect, once the plan went through a file."""
    text = json.dumps(document.dump(made, store.load(), shown=plan_document(made)))
    loaded = document.load(json.loads(text), name="plan.json", table=kinds)
    return [step.expected for step in loaded.plan.steps]


FIELDS = [("version", 3, 4), ("id", "a", "b"), ("parent", "north", "south")]


@pytest.mark.parametrize(("name", "before", "after"), FIELDS)
def test_a_field_may_have_the_name_of_a_part_of_an_identity(name: str, before: Any, after: Any) -> None:
    machines = Machines({"lathe": {name: before}})
    report = asyncio.run(applied(machines, {name: after}))

    assert [(result.outcome, result.message) for result in report.results] == [(Outcome.DONE, "")]
    assert machines.live["lathe"] == {name: after}


@pytest.mark.parametrize(("name", "before", "after"), FIELDS)
def test_a_colleagues_change_of_such_a_field_stays(name: str, before: Any, after: Any) -> None:
    machines = Machines({"lathe": {name: before}})
    report = asyncio.run(applied(machines, {name: after}, lambda: machines.live["lathe"].update({name: "X"})))

    (result,) = report.results
    (conflict,) = result.conflicts
    assert result.outcome is Outcome.FAILED
    assert (conflict.name, conflict.before, conflict.now, conflict.identity) == (name, before, "X", False)
    assert machines.live["lathe"] == {name: "X"}


def test_such_a_kind_is_made_and_deleted() -> None:
    machines = Machines()

    assert asyncio.run(applied(machines, {"version": 1})).complete
    assert machines.live["lathe"] == {"version": 1}
    assert asyncio.run(applied(machines, {"absent": True})).complete
    assert machines.live == {}
