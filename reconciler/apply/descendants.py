"""What a deletion takes along: listed again just before the DELETE, and compared with the plan."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.errors import NotFound
from reconciler.plan.diff import flat
from reconciler.plan.step import Action
from reconciler.resources.resource import Address
from reconciler.resources.targets import matches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from reconciler.apply.preconditions import Preconditions
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.api import Api
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Resource, State


async def below(client: Api, organization: str, table: Table, above: Resource) -> list[Resource]:
    """Everything that a deletion of `above` takes along, in this organization, as it is now."""
    try:
        return await _below(client, organization, table, above)
    except _Vanished:
        # A child was deleted after the list was read, and another may have come in its place. Where the list
        # still shows it, the list lags.
        return await _below(client, organization, table, above, lagging=True)


class _Vanished(Exception):
    """What a list showed a moment ago is not there."""


async def _below(
    client: Api,
    organization: str,
    table: Table,
    above: Resource,
    *,
    lagging: bool = False,
    child: bool = False,
) -> list[Resource]:
    children: list[Resource] = []
    for kind in table.values():
        try:
            children += [item async for item in _children(client, organization, kind, above)]
        except NotFound:
            if child and not lagging:
                raise _Vanished from None
    deeper = [
        await _below(client, organization, table, item, lagging=lagging, child=True) for item in children
    ]
    return [*children, *(item for items in deeper for item in items)]


async def _children(client: Api, organization: str, kind: Kind, above: Resource) -> AsyncIterator[Resource]:
    if kind.parent == above.address.kind:
        async for item in kind.calls.list(client, organization, above):
            yield item
    elif kind.writing.after == above.address.kind:
        address = Address.of(kind.word, above.address.key)
        async for item in kind.calls.list(client, organization, None):
            if item.address == address:
                yield item


@dataclass(frozen=True, slots=True)
class PlannedDeletions:
    """The deletions that a plan shows. Nothing else may be deleted, and nothing that is protected."""

    preconditions: Preconditions
    plan: Plan
    steps: dict[Address, Step]

    @classmethod
    def of(cls, preconditions: Preconditions, plan: Plan) -> PlannedDeletions:
        """The deletions of this plan."""
        steps = {step.address: step for step in plan.steps if step.action is Action.DELETE}
        return cls(preconditions, plan, steps)

    def objections(self, children: Iterable[Resource], *above: Resource) -> Iterator[str]:
        """Why a child may not go with `above`: it is protected, new, or has changed since the plan."""
        children = tuple(children)
        live = {item.address: item for item in (*above, *children)}
        state = ChainMap(live, dict(self.preconditions.known))
        for item in children:
            glob = next((glob for glob in self.plan.limits.protect if matches(glob, item.address)), "")
            if glob:
                yield f"{item.address} is protected ({glob})"
            elif item.address not in self.steps:
                if not self._is_implicit(item, state):
                    yield f"{item.address} is new"
            elif conflicts := self.preconditions.conflicts(self.steps[item.address], item):
                yield f"{item.address} has changed ({', '.join(item.name for item in conflicts)})"

    def _is_implicit(self, item: Resource, state: State) -> bool:
        """Whether the server made it by itself and nobody has configured it: nothing is lost with it."""
        parent, kind = item.address.parent, self.preconditions.table[item.address.kind]
        if parent is None or parent not in state:
            return False
        if kind.name not in self.preconditions.table[parent.kind].implicit(state[parent].attributes):
            return False
        return all(
            value is None or self.preconditions.is_filled_in(item.address, dotted(path), value)
            for path, value in flat(kind, item.attributes)
        )
