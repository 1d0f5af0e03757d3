"""Which updates are read by the page: one request for many, where nothing but people writes the objects.

Before a write its object is read again. A page of the parent's list shows many objects in one request, and
the writes of all of them follow it at once. Lists may lag, so this is for objects that no integration writes.
The plan counts these pages in advance, and apply reads them.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from reconciler.plan.step import Action
from reconciler.resources.resource import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.plan.step import Step
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Resource, State
    from reconciler.resources.schema import Schema

LONGEST = 100
"""Items on a page that is read for its objects: a longer one takes longer, and is older when it is used."""
FARTHEST = 1000
"""Items on a page that is read only for where the next one begins."""
AT_ONCE = 10
"""Writes that follow a page at once, as far as a plan knows: what `--parallelism` is by default."""

Family = tuple[Address, str]
"""A parent and a kind: what one list shows."""


class PageSize(NamedTuple):
    """How many items to ask for, and how many of them are to be written."""

    limit: int
    writes: int


def next_page(positions: Sequence[int], begin: int, at: int, most: int) -> PageSize:
    """The page from `at` on: what is to be written there, at most so many; `positions[begin]` is the first.

    Where that is far away, it is a page for the way there.
    """
    if positions[begin] - at >= LONGEST:
        return PageSize(min(positions[begin] - at, FARTHEST), 0)
    end = min(begin + most, bisect_left(positions, at + LONGEST, begin))
    return PageSize(positions[end - 1] - at + 1, end - begin)


def pages(positions: Sequence[int], most: int = AT_ONCE) -> tuple[PageSize, ...]:
    """The pages that take fewer requests than reading each object at these positions of its list alone.

    It ends where single reads take fewer: 10 of 5,000 are read one by one.
    """
    sizes: list[PageSize] = []
    saved = most_saved = best = begin = at = 0
    while begin < len(positions):
        size = next_page(positions, begin, at, most)
        sizes.append(size)
        at, begin, saved = at + size.limit, begin + size.writes, saved + size.writes - 1
        if saved > most_saved:
            most_saved, best = saved, len(sizes)
    return tuple(sizes[:best])


def may_be_paged(kind: Kind, step: Step) -> bool:
    """Whether the step changes nothing but keys of a schema, of an object that a page can show."""
    # Nothing says who writes a field beside the keys: integrations assign `externalIds`, for example.
    own = all(change.path[0] == kind.keyed for change in step.changes)
    return step.action is Action.UPDATE and step.sends and kind.live.page is not None and own


def people_alone(kind: Kind, schema: Schema | None, objects: Iterable[Resource]) -> bool:
    """Whether nothing but people writes these objects.

    An integration that writes its own keys has a component form or a button, or its keys are in no schema.
    """
    if schema is None or schema.settable != schema.properties.keys():
        return False
    return all((item.attributes.get(kind.keyed) or {}).keys() <= schema.properties.keys() for item in objects)


@dataclass(slots=True)
class Listed:
    """The list of one kind under one parent, as it was read last."""

    kind: Kind
    parent: Address
    order: dict[Address, int] = field(default_factory=dict)
    """The position of each object."""
    objects: list[Resource] = field(default_factory=list)
    sought: set[Address] = field(default_factory=set)
    """What is to be written, and may be read by the page."""

    @property
    def positions(self) -> dict[Address, int]:
        """The positions of what is sought, in order."""
        return {address: number for address, number in self.order.items() if address in self.sought}


def lists(steps: Iterable[Step], live: State, table: Table) -> tuple[Listed, ...]:
    """The lists on which a page may show more than one object of these steps."""
    by_family: dict[Family, Listed] = {}
    for step in steps:
        kind, parent = table[step.address.kind], step.address.parent
        if parent is not None and step.address in live and may_be_paged(kind, step):
            by_family.setdefault(step.address.family, Listed(kind, parent)).sought.add(step.address)
    by_family = {family: listed for family, listed in by_family.items() if len(listed.sought) > 1}
    for address, resource in live.items() if by_family else ():
        listed = by_family.get(address.family)
        if listed is not None:
            listed.order[address] = len(listed.order)
            listed.objects.append(resource)
    return tuple(by_family.values())


def in_list_order(steps: Sequence[Step], listed: Iterable[Listed]) -> tuple[Step, ...]:
    """The steps, those of one list in its order: what one page shows is started together."""
    position = {address: number for each in listed for address, number in each.positions.items()}
    by_family: dict[Family, list[Step]] = {}
    for step in steps:
        if step.address in position:
            by_family.setdefault(step.address.family, []).append(step)
    queues = {
        family: iter(sorted(members, key=lambda step: position[step.address]))
        for family, members in by_family.items()
    }
    return tuple(next(queues[step.address.family]) if step.address in position else step for step in steps)


def counted(
    steps: tuple[Step, ...], desired: State, live: State, table: Table
) -> tuple[tuple[Step, ...], int]:
    """The steps without the reads that pages serve, and the number of these pages."""
    served, reads = set[Address](), 0
    for listed in lists(steps, live, table):
        positions = listed.positions
        schema = listed.kind.checks.schema(next(iter(positions)), desired, live)
        if people_alone(listed.kind, schema, listed.objects):
            sizes = pages(tuple(positions.values()))
            reads += len(sizes)
            served.update(islice(positions, sum(size.writes for size in sizes)))
    if not served:
        return steps, 0
    return tuple(
        replace(step, requests=table[step.address.kind].writing.write_requests)
        if step.address in served
        else step
        for step in steps
    ), reads
