"""The seam between the engine and a client: what is asked of a client is written down, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from reconciler.apply import scheduler
from reconciler.gitbook.client.client import Client
from reconciler.live.fetch import fetch
from reconciler.plan.build import plan
from reconciler.resources.api import Api
from reconciler.resources.values import Secret
from tests.toy import POLICY, TOYS, InMemoryLockStore, World, declared

if TYPE_CHECKING:
    from reconciler.apply.report import Report

OWN = {"count", "shelves", "books"}
"""What the toys' own calls use of their world."""
ASKED = {name for name in vars(Api) if not name.startswith("_")}


class Watched(World):
    """A toy world that notes what anybody uses of it."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "used":
            used: set[str] | None = vars(self).get("used")
            if used is not None:
                used.add(name)
        return super().__getattribute__(name)


def test_both_clients_are_what_the_engine_asks_for() -> None:
    world: Api = World()
    client: Api = Client(endpoint="https://api.example.com", token=Secret("t"))

    assert all(hasattr(each, name) for each in (world, client) for name in ASKED)


def test_the_engine_uses_nothing_of_a_client_that_the_protocol_does_not_name() -> None:
    world = Watched()
    world.shelves["old"] = {"name": "Old", "version": 1}
    state = declared(
        shelf__a={"name": "A", "stamp": "s"},
        shelf__a__book__b={"title": "B", "labels": {"genre": "crime"}},
        shelf__old={"absent": True},
    )
    world.used.clear()
    report = asyncio.run(_applied(world, state))

    assert report.complete
    assert world.used - {"writes", "fail_at", "failure"} - OWN <= ASKED
    assert {"requests", "reserve", "register_secret"} <= world.used


async def _applied(world: World, state: Any) -> Report:
    store = InMemoryLockStore()
    live = await fetch(world, state, table=TOYS, organization="library", reach=lambda _: True)
    made = plan(state, live, store.load(), table=TOYS, policy=POLICY)
    return await scheduler.start(made, world, live.state, store.load(), table=TOYS, lock_store=store).work()
