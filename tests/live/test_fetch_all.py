"""The whole live organization: every list once, and what the token may not list is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.diagnostics import Place
from reconciler.errors import AccessError, NotFound
from reconciler.gitbook.kinds.table import KINDS
from reconciler.live.fetch_all import fetch_all
from reconciler.resources.kind import table
from reconciler.resources.resource import Address, Declaration, Resource
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.records import Installation
from reconciler.sandbox.world import default
from tests.config.format.test_export import client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Live

SLACK = Address("installation/slack")


class Refusing:
    """The calls of a kind, some lists of which the token may not see."""

    def __init__(self, calls: Any, error: type[Exception], *refused: str) -> None:
        self.list = self._list if "list" in refused else calls.list
        self.error = error

    async def _list(self, *_args: Any) -> AsyncIterator[Resource]:
        if self.error:
            raise self.error("no")
        yield Resource(SLACK, {})

    async def keys(self, *_args: Any) -> Mapping[str, str]:
        """What could be installed: always refused."""
        raise self.error("no")


def refusing(error: type[Exception], name: str, *refused: str) -> Table:
    """The table in which a kind cannot be listed."""
    calls: Any = Refusing(KINDS[name].calls, error, *refused)
    changed: Kind = replace(KINDS[name], calls=calls)
    return table(*(changed if kind.name == name else kind for kind in KINDS.values()))


async def seen(sandbox: Sandbox, kinds: Table = KINDS, **declared: Resource) -> Live:
    async with client(sandbox) as opened:
        state = {resource.address: resource for resource in declared.values()}
        return await fetch_all(opened, state, table=kinds, organization=ORGANIZATION, keys=True)


def pinned(server_id: str) -> Resource:
    return Resource(SLACK, {}, declaration=Declaration(Place("gbsync.yaml"), id=server_id))


async def test_it_has_everything_and_what_could_be_declared() -> None:
    live = await seen(Sandbox())

    assert {SLACK, "installation/googleanalytics/site/site_w8Yn5"} <= live.state.keys()
    assert "integration/plausible" in live.state
    assert live.keys["installation_site"]["site_p4Xo1"] == "Handbook"
    assert live.notes == ()
    assert live.reads == 7


async def test_what_the_token_may_not_list_is_a_note() -> None:
    live = await seen(Sandbox(), refusing(AccessError, "integration", "list"))

    assert live.notes == ("The token may not list integrations: those that are not in use are missing.",)
    assert "integration/slack" in live.state
    assert "integration/plausible" not in live.state


@pytest.mark.parametrize("error", [AccessError, NotFound])
async def test_ids_that_the_token_may_not_list_are_a_note(error: type[Exception]) -> None:
    live = await seen(Sandbox(), refusing(error, "installation_space"))

    assert live.notes == ("The token may not list spaces, so only those in use are known.",)
    assert set(live.keys) == {"installation_site"}


async def test_of_two_objects_it_takes_the_pinned_one_else_the_lowest_id() -> None:
    store = default()
    store.put_installation(Installation("aaaa", "slack", ORGANIZATION))
    ids = ("aaaa", "sL8kWq2Zx7Vb4Nm1Cd6R")

    free = await seen(Sandbox(store))
    held = await seen(Sandbox(store), slack=pinned(ids[1]))
    lost = await seen(Sandbox(store), slack=pinned("gone"))

    assert [live.state[SLACK].facts.id for live in (free, held, lost)] == [ids[0], ids[1], ids[0]]
    assert all(live.duplicates == {SLACK: ids} for live in (free, held, lost))


async def test_a_pin_on_a_single_object_changes_nothing() -> None:
    live = await seen(Sandbox(), slack=pinned("gone"))

    assert live.state[SLACK].facts.id == "sL8kWq2Zx7Vb4Nm1Cd6R"
    assert live.pin_not_found == {}
