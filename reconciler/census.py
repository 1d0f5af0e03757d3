"""API → the whole live state, whatever the files declare: for exports, snapshots and the matrix."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError, NotFound
from reconciler.live import fetch
from reconciler.problem import Place
from reconciler.resource import Declaration, Live, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.kind import Kind, Table
    from reconciler.resource import Address, State

_NOWHERE = Place("")


async def census(
    client: Any, declared: State, *, table: Table, organization: str, keys: bool = False
) -> Live:
    """Everything that the organization has; with `keys` also the ids that could be declared.

    Of several objects behind one address the pinned one, else the one of the lowest id; `twins` names them
    all. Raises `ApiError` or `AccessError` when a list that everything rests on cannot be had.
    """
    before = client.requests
    live = await _whole(client, declared, table=table, organization=organization)
    if live.twins:
        pinned = await _whole(client, _pinning(declared, live), table=table, organization=organization)
        live = replace(pinned, twins=live.twins)
    state, notes = dict(live.state), [*live.notes]
    found: dict[str, Mapping[str, str]] = {}
    await asyncio.gather(
        *(
            _published(client, kind, organization, state, notes)
            for kind in table.values()
            if not kind.prunable
        ),
        *(
            _keys(client, kind, organization, found, notes)
            for kind in table.values()
            if keys and kind.catalogue
        ),
    )
    return replace(live, state=state, keys=found, notes=tuple(notes), reads=client.requests - before)


async def _whole(client: Any, declared: State, *, table: Table, organization: str) -> Live:
    return await fetch(
        client, declared, table=table, organization=organization, reach=lambda _: True, look_up=False
    )


def _pinning(declared: State, live: Live) -> State:
    """The declared resources, each twin among them pinned to its lowest id."""
    return {**declared, **{address: _pin(declared, address, min(ids)) for address, ids in live.twins.items()}}


def _pin(declared: State, address: Address, server_id: str) -> Resource:
    resource = declared.get(address) or Resource(address, {})
    declaration = resource.declaration or Declaration(_NOWHERE)
    return replace(resource, declaration=replace(declaration, id=server_id))


async def _published(
    client: Any, kind: Kind, organization: str, state: dict[Address, Resource], notes: list[str]
) -> None:
    """Adds what no list of the organization's own shows: what it could use."""
    try:
        async for resource in kind.calls.list(client, organization, None):
            state.setdefault(resource.address, resource)
    except (AccessError, NotFound):
        notes.append(f"The token may not list {kind.section}: those that are not in use are missing.")


async def _keys(
    client: Any, kind: Kind, organization: str, found: dict[str, Mapping[str, str]], notes: list[str]
) -> None:
    try:
        found[kind.name] = await kind.calls.keys(client, organization)
    except (AccessError, NotFound):
        notes.append(f"The token may not list {kind.section}, so only those in use are known.")
