"""What goes with a deleted object: listed again just before its DELETE, and held against the plan."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Resource, State


async def below(client: Any, organization: str, table: Table, above: Resource) -> list[Resource]:
    """Everything that a deletion of `above` takes along, in this organization, as it is now."""
    found: list[Resource] = []
    for kind in table.values():
        try:
            found += [item async for item in _children(client, organization, kind, above)]
        except NotFound:  # `above` is gone already, and a list under it with it
            continue
    for item in tuple(found):
        found += await below(client, organization, table, item)
    return found


async def _children(client: Any, organization: str, kind: Kind, above: Resource) -> AsyncIterator[Resource]:
    if kind.parent == above.address.kind:
        async for item in kind.calls.list(client, organization, above):
            yield item
    elif kind.writing.after == above.address.kind:
        address = Address.of(kind.word, above.address.key)
        async for item in kind.calls.list(client, organization, None):
            if item.address == address:
                yield item


@dataclass(frozen=True, slots=True)
class Shown:
    """The deletions that a plan shows, and what no deletion may take."""

    preconditions: Preconditions
    plan: Plan
    steps: dict[Address, Step]

    @classmethod
    def of(cls, preconditions: Preconditions, plan: Plan) -> Shown:
        """What this plan shows."""
        steps = {step.address: step for step in plan.steps if step.action is Action.DELETE}
        return cls(preconditions, plan, steps)

    def objections(self, found: Iterable[Resource], *above: Resource) -> Iterator[str]:
        """Why what was found may not go with `above`: protected, new, or not as the plan shows it."""
        found = tuple(found)
        state = ChainMap({item.address: item for item in (*above, *found)}, dict(self.preconditions.known))
        for item in found:
            glob = next((glob for glob in self.plan.limits.protect if matches(glob, item.address)), "")
            if glob:
                yield f"{item.address} is protected ({glob})"
            elif item.address not in self.steps:
                if not self._is_implicit(item, state):
                    yield f"{item.address} is new"
            elif conflicts := self.preconditions.conflicts(self.steps[item.address], item):
                yield f"{item.address} has changed ({', '.join(name for name, *_ in conflicts)})"

    def _is_implicit(self, item: Resource, state: State) -> bool:
        """Whether it exists by itself and nobody has configured it: nothing is lost with it."""
        parent, kind = item.address.parent, self.preconditions.table[item.address.kind]
        if parent is None or parent not in state:
            return False
        if kind.name not in self.preconditions.table[parent.kind].implicit(state[parent].attributes):
            return False
        return all(
            value is None or self.preconditions.says_nothing(item.address, dotted(path), value)
            for path, value in flat(kind, item.attributes)
        )
