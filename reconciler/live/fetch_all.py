"""API → the whole live state, whatever the files declare. Exports, snapshots and the matrix need it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.diagnostics import Place
from reconciler.errors import AccessError, NotFound
from reconciler.live.fetch import fetch
from reconciler.live.progress import Lists
from reconciler.resources.resource import Declaration, Live, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.resources.api import Api
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Address, State

_NOWHERE = Place("")


async def fetch_all(
    client: Api,
    declared: State,
    *,
    table: Table,
    organization: str,
    keys: bool = False,
    lists: Lists | None = None,
) -> Live:
    """Everything that the organization has; with `keys` also the ids that could be declared.

    Of several objects at one address it holds the pinned one, or else the one with the lowest id;
    `duplicates` names them all. Raises `ApiError` or `AccessError` when one of the top lists cannot be read.
    """
    before, lists = client.requests, lists or Lists()
    pins = {address: pin for address, resource in declared.items() if (pin := _pin(resource))}
    free = {address: _pinned(resource, "") for address, resource in declared.items()}
    live = await _whole(client, free, table=table, organization=organization, lists=lists)
    if live.duplicates:
        # Read again with a pin for each, so that the children are those of the object that is kept.
        chosen = {
            address: _pinned(free.get(address) or Resource(address, {}), _chosen(pins.get(address), ids))
            for address, ids in live.duplicates.items()
        }
        again = {**free, **chosen}
        pinned = await _whole(client, again, table=table, organization=organization, lists=lists)
        live = replace(pinned, duplicates=live.duplicates)
    state, notes = dict(live.state), [*live.notes]
    keys_by_kind: dict[str, Mapping[str, str]] = {}
    await asyncio.gather(
        *(
            _published(client, kind, organization, state, notes, lists)
            for kind in table.values()
            if not kind.live.prunable
        ),
        *(
            _keys(client, kind, organization, keys_by_kind, notes, lists)
            for kind in table.values()
            if keys and kind.file.catalogue
        ),
    )
    return replace(live, state=state, keys=keys_by_kind, notes=tuple(notes), reads=client.requests - before)


async def _whole(client: Api, declared: State, *, table: Table, organization: str, lists: Lists) -> Live:
    return await fetch(
        client,
        declared,
        table=table,
        organization=organization,
        reach=lambda _: True,
        look_up=False,
        lists=lists,
    )


def _pin(resource: Resource) -> str:
    return resource.declaration.id if resource.declaration else ""


def _pinned(resource: Resource, server_id: str) -> Resource:
    """The resource with this id as its pin; an empty one removes the pin."""
    declaration = resource.declaration or Declaration(_NOWHERE)
    return replace(resource, declaration=replace(declaration, id=server_id))


def _chosen(pin: str | None, ids: tuple[str, ...]) -> str:
    return pin if pin in ids else min(ids)


async def _published(
    client: Api, kind: Kind, organization: str, state: dict[Address, Resource], notes: list[str], lists: Lists
) -> None:
    """Adds what the organization could use and has not installed: no list of its own shows that."""
    try:
        with lists.one():
            async for resource in kind.calls.list(client, organization, None):
                state.setdefault(resource.address, resource)
    except (AccessError, NotFound):
        notes.append(f"The token may not list {kind.file.section}: those that are not in use are missing.")


async def _keys(
    client: Api,
    kind: Kind,
    organization: str,
    keys_by_kind: dict[str, Mapping[str, str]],
    notes: list[str],
    lists: Lists,
) -> None:
    try:
        with lists.one():
            keys_by_kind[kind.name] = await kind.calls.keys(client, organization)
    except (AccessError, NotFound):
        notes.append(f"The token may not list {kind.file.section}, so only those in use are known.")
