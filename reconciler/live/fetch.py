"""API → State: with the fewest requests that give the answer, and what they do not show said as a note."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError, NotFound, Unavailable
from reconciler.live.progress import Lists
from reconciler.resources.desired import is_absent
from reconciler.resources.kind import Handle, Kind, Table
from reconciler.resources.resource import Live
from reconciler.resources.targets import ancestors, depends_on

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping

    from reconciler.resources.resource import Address, Resource, State


@dataclass(slots=True)
class _Reading:
    client: Any
    organization: str
    table: Table
    declared: State
    found: dict[Address, Resource] = field(default_factory=dict)
    duplicates: dict[Address, list[Resource]] = field(default_factory=dict)
    pin_not_found: dict[Address, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[str, Mapping[str, str]] = field(default_factory=dict)
    unshown: set[Address] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    lists: Lists = field(default_factory=Lists)

    def take(self, resource: Resource) -> None:
        """Keeps a resource once: lists may overlap, but two server ids are two objects."""
        old = self.found.setdefault(resource.address, resource)
        if old.facts.id != resource.facts.id:
            others = self.duplicates.setdefault(resource.address, [old])
            if resource.facts.id not in {item.facts.id for item in others}:
                others.append(resource)

    def pin(self, address: Address) -> None:
        """Of the objects behind an address keeps the one that the file pins, or none."""
        wanted = _pinned(self.declared, address)
        there = self.duplicates.pop(address, [self.found[address]]) if address in self.found else []
        chosen = next((item for item in there if item.facts.id == wanted), None)
        if chosen is not None:
            self.found[address] = chosen
        else:
            self.found.pop(address, None)
            self.pin_not_found[address] = tuple(sorted(item.facts.id for item in there))

    def gone(self, address: Address) -> None:
        """Forgets what was deleted while it was read; one that the file pins by its id is not made anew."""
        self.found.pop(address, None)
        if _pinned(self.declared, address):
            self.pin_not_found[address] = ()


async def fetch(
    client: Any,
    declared: State,
    *,
    table: Table,
    organization: str,
    reach: Callable[[Address], bool],
    remembered: Collection[Address] = (),
    look_up: bool = True,
    lists: Lists | None = None,
) -> Live:
    """The live state: all that top lists show, what the files declare, and children of what is in `reach`.

    What is only `remembered`, and in no list, is asked for by itself: lists lag, and memory is lost for good.
    Raises `ApiError` or `AccessError` when a list that the plan rests on cannot be had.
    """
    before = client.requests
    reading = _Reading(client, organization, table, declared, lists=lists or Lists())
    tops = [kind for kind in table.values() if kind.prunable and not kind.parent]
    await _all(_listed(reading, kind, None) for kind in tops)
    for address in declared:
        if _pinned(declared, address):
            reading.pin(address)
    await _read_missing(reading)
    parents = [item for address, item in reading.found.items() if reach(address)]
    await _all(
        _children(reading, kind, parent)
        for parent in parents
        for kind in table.values()
        if kind.parent == parent.address.kind
    )
    await _all(_read_remembered(reading, address) for address in _unlisted(reading, remembered))
    if look_up:
        await _look_up(reading)
    return Live(
        state=reading.found,
        unshown=frozenset(reading.unshown),
        keys=reading.keys,
        duplicates={
            address: tuple(sorted(item.facts.id for item in items))
            for address, items in reading.duplicates.items()
        },
        pin_not_found=reading.pin_not_found,
        notes=tuple(reading.notes),
        reads=client.requests - before,
        rate=client.rate.per_second if client.rate else None,
    )


async def _all(parts: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Reads all parts at once; the first failure ends the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listed(reading: _Reading, kind: Kind, parent: Resource | None) -> None:
    with reading.lists.one():
        async for resource in kind.calls.list(reading.client, reading.organization, parent):
            reading.take(resource)


async def _children(reading: _Reading, kind: Kind, parent: Resource) -> None:
    """The children of what a list showed, which may have been deleted a moment ago: lists lag."""
    try:
        await _listed(reading, kind, parent)
    except NotFound:
        handle = Handle(reading.organization, parent.address, parent.facts.id)
        if await reading.table[parent.address.kind].calls.read(reading.client, handle) is not None:
            raise
        reading.gone(parent.address)


def _pinned(declared: State, address: Address) -> str:
    resource = declared.get(address)
    return resource.declaration.id if resource and resource.declaration else ""


async def _read_missing(reading: _Reading) -> None:
    """Declared resources that no list shows, and what declared ones wait for, one request each."""
    table = reading.table
    unlisted = {name for name, kind in table.items() if not kind.prunable}
    asking = {
        name for name, kind in table.items() if not unlisted.isdisjoint((name, kind.parent, kind.after))
    }
    wanted = dict.fromkeys(
        address
        for declared in reading.declared
        if declared.kind in asking
        for address in (declared, *depends_on(table, declared))
        if not table[address.kind].prunable
        and address not in reading.found
        and not (is_absent(reading.declared, declared) and address != declared)
    )
    await _all(_read(reading, address) for address in wanted)
    missing = {
        address.kind for address in wanted if address not in reading.found and address not in reading.declared
    }
    for name in sorted(missing):
        await _listed(reading, reading.table[name], None)


async def _read(reading: _Reading, address: Address) -> None:
    kind, above = reading.table[address.kind], address.parent
    parent_id = reading.found[above].facts.id if above else ""
    handle = Handle(reading.organization, address, parent_id=parent_id)
    resource = await kind.calls.read(reading.client, handle)
    if resource is not None:
        reading.take(resource)


def _unlisted(reading: _Reading, remembered: Collection[Address]) -> list[Address]:
    """What was there once and is neither declared nor listed, where nothing above it is missing too."""
    return [
        address
        for address in remembered
        if address not in reading.found
        and address not in reading.declared
        and reading.table[address.kind].prunable
        and (address.parent is None or address.parent in reading.found)
    ]


async def _read_remembered(reading: _Reading, address: Address) -> None:
    try:
        await _read(reading, address)
    except Unavailable as error:
        reading.unshown.add(address)
        reading.notes.append(f"{address} was left as it is: {error.message}.")


async def _look_up(reading: _Reading) -> None:
    """The ids that resources to be made may have; asked only when some are to be made."""
    needed = {
        address.kind: reading.table[address.kind]
        for address in reading.declared
        if reading.table[address.kind].catalogue
        and address not in reading.found
        and not is_absent(reading.declared, address)
    }
    await _all(_keys(reading, kind) for kind in needed.values())


async def _keys(reading: _Reading, kind: Kind) -> None:
    try:
        with reading.lists.one():
            reading.keys[kind.name] = await kind.calls.keys(reading.client, reading.organization)
    except (AccessError, NotFound):
        reading.notes.append(
            f"The token may not list {kind.section}, so ids of {kind.section} were not checked."
        )


def children_within(
    declared: State, remembered: Iterable[Address], *, table: Table, everything: bool
) -> Callable[[Address], bool]:
    """Whether a plan needs the children of an address.

    It does when the address is declared or remembered, goes with what is absent, or when all are pruned.
    """
    roots = {address.root for address in declared} | {address.root for address in remembered}

    def reach(address: Address) -> bool:
        if everything or address.root in roots:
            return True
        return any(is_absent(declared, above) for above in ancestors(table, address))

    return reach
