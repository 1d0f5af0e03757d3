"""What a step decided on and what is not so any more; and the error of a saved plan that has such steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.resources.resource import Address

UNTOUCHED = "nothing was touched"
"""How the reasons of a stale plan end."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that changed since the plan was made. A value that is secret is a `Secret`."""

    name: str
    """The field or key; where `identity` is true: `id`, `parent` or `version`."""
    before: Any
    """The live value that the plan was made from."""
    planned: Any
    """What the plan would make of it."""
    now: Any
    """The live value now."""
    identity: bool = False
    """Whether it says which object this is: nothing was planned for it then."""


class ConflictingPlan(Stale):
    """A saved plan that does not fit what is live any more; nothing was touched.

    The message names the fields. It holds no values: `reconciler.render.plan.stale` shows them, masked.
    """

    def __init__(
        self, conflicts: Mapping[Address, tuple[Conflict, ...]], objections: Sequence[str] = ()
    ) -> None:
        self.conflicts = conflicts
        self.objections = tuple(objections)
        """What a deletion would take along although the plan did not show it: a sentence each."""
        changed = (
            f"{address}: changed since it was planned: {', '.join(item.name for item in items)}; plan again"
            for address, items in conflicts.items()
        )
        super().__init__([*changed, *self.objections, UNTOUCHED])
