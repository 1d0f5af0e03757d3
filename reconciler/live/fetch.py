"""API → State, with the fewest requests that can answer. A note says what they do not show."""

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

    from reconciler.resources.api import Api
    from reconciler.resources.resource import Address, Resource, State


@dataclass(slots=True)
class _Fetch:
    """What has been read so far."""

    client: Api
    organization: str
    table: Table
    declared: State
    live: dict[Address, Resource] = field(default_factory=dict)
    duplicates: dict[Address, list[Resource]] = field(default_factory=dict)
    pin_not_found: dict[Address, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[str, Mapping[str, str]] = field(default_factory=dict)
    unshown: set[Address] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    lists: Lists = field(default_factory=Lists)

    def take(self, resource: Resource) -> None:
        """Keeps a resource. The same id in two lists is one object; two ids at one address are duplicates."""
        old = self.live.setdefault(resource.address, resource)
        if old.facts.id != resource.facts.id:
            others = self.duplicates.setdefault(resource.address, [old])
            if resource.facts.id not in {item.facts.id for item in others}:
                others.append(resource)

    def pin(self, address: Address) -> None:
        """Of the objects at an address, keeps the one that the file pins with `id:`, or none."""
        wanted = _pinned(self.declared, address)
        objects = self.duplicates.pop(address, [self.live[address]]) if address in self.live else []
        chosen = next((item for item in objects if item.facts.id == wanted), None)
        if chosen is not None:
            self.live[address] = chosen
        else:
            self.live.pop(address, None)
            self.pin_not_found[address] = tuple(sorted(item.facts.id for item in objects))

    def gone(self, address: Address) -> None:
        """Forgets what was deleted while it was read; one that the file pins by its id is not made anew."""
        self.live.pop(address, None)
        if _pinned(self.declared, address):
            self.pin_not_found[address] = ()


async def fetch(
    client: Api,
    declared: State,
    *,
    table: Table,
    organization: str,
    reach: Callable[[Address], bool],
    remembered: Collection[Address] = (),
    look_up: bool = True,
    lists: Lists | None = None,
) -> Live:
    """The live state: what the top lists show, what the files declare, and children of what is in `reach`.

    What is only in the lock (`remembered`) and in no list is read by its address. A list may lag behind a
    write, and if the plan took the object for gone, its entry would leave the lock for good.

    Raises `ApiError` or `AccessError` when a list that the plan needs cannot be read.
    """
    before = client.requests
    reading = _Fetch(client, organization, table, declared, lists=lists or Lists())
    tops = [kind for kind in table.values() if kind.live.prunable and not kind.parent]
    await _all(_listed(reading, kind, None) for kind in tops)
    for address in declared:
        if _pinned(declared, address):
            reading.pin(address)
    await _read_missing(reading)
    parents = [item for address, item in reading.live.items() if reach(address)]
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
        state=reading.live,
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
    """Runs all parts at the same time. The first failure cancels the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listed(reading: _Fetch, kind: Kind, parent: Resource | None) -> None:
    with reading.lists.one():
        async for resource in kind.calls.list(reading.client, reading.organization, parent):
            reading.take(resource)


async def _children(reading: _Fetch, kind: Kind, parent: Resource) -> None:
    """Reads the children of a resource that a list showed.

    Lists lag: it may have been deleted a moment ago. Then the list of its children answers 404, and so does a
    read of it. A 404 of the children alone is an error.
    """
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


async def _read_missing(reading: _Fetch) -> None:
    """Reads declared resources that no list shows, and what declared ones wait for, with one request each.

    Integrations of other publishers are in no list of the organization, and an installation waits for its
    integration. If one of these is not there, the list of its kind is read, for the names that there are.
    """
    table = reading.table
    unlisted = {name for name, kind in table.items() if not kind.live.prunable}
    asking = {
        name
        for name, kind in table.items()
        if not unlisted.isdisjoint((name, kind.parent, kind.writing.after))
    }
    wanted = dict.fromkeys(
        address
        for declared in reading.declared
        if declared.kind in asking
        for address in (declared, *depends_on(table, declared))
        if not table[address.kind].live.prunable
        and address not in reading.live
        and not (is_absent(reading.declared, declared) and address != declared)
    )
    await _all(_read(reading, address) for address in wanted)
    missing = {
        address.kind for address in wanted if address not in reading.live and address not in reading.declared
    }
    for name in sorted(missing):
        await _listed(reading, reading.table[name], None)


async def _read(reading: _Fetch, address: Address) -> None:
    kind, above = reading.table[address.kind], address.parent
    parent_id = reading.live[above].facts.id if above else ""
    handle = Handle(reading.organization, address, parent_id=parent_id)
    resource = await kind.calls.read(reading.client, handle)
    if resource is not None:
        reading.take(resource)


def _unlisted(reading: _Fetch, remembered: Collection[Address]) -> list[Address]:
    """What only the lock knows. Without what is under a missing parent: that was deleted with it."""
    return [
        address
        for address in remembered
        if address not in reading.live
        and address not in reading.declared
        and reading.table[address.kind].live.prunable
        and (address.parent is None or address.parent in reading.live)
    ]


async def _read_remembered(reading: _Fetch, address: Address) -> None:
    try:
        await _read(reading, address)
    except Unavailable as error:
        reading.unshown.add(address)
        reading.notes.append(f"{address} was left as it is: {error.message}.")


async def _look_up(reading: _Fetch) -> None:
    """Reads the ids that a new resource may have (spaces, sites), if the plan is going to create one."""
    needed = {
        address.kind: reading.table[address.kind]
        for address in reading.declared
        if reading.table[address.kind].file.catalogue
        and address not in reading.live
        and not is_absent(reading.declared, address)
    }
    await _all(_keys(reading, kind) for kind in needed.values())


async def _keys(reading: _Fetch, kind: Kind) -> None:
    try:
        with reading.lists.one():
            reading.keys[kind.name] = await kind.calls.keys(reading.client, reading.organization)
    except (AccessError, NotFound):
        reading.notes.append(
            f"The token may not list {kind.file.section}, so ids of {kind.file.section} were not checked."
        )


def children_within(
    declared: State, remembered: Iterable[Address], *, table: Table, everything: bool
) -> Callable[[Address], bool]:
    """A function that says whether a plan needs the children of an address.

    It does when the files or the lock name it or something under it, when it goes with something that is
    `absent: true`, and always with `everything` (`prune: all`).
    """
    roots = {address.root for address in declared} | {address.root for address in remembered}

    def reach(address: Address) -> bool:
        if everything or address.root in roots:
            return True
        return any(is_absent(declared, above) for above in ancestors(table, address))

    return reach
