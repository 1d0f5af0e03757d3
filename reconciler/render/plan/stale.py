"""A saved plan that does not fit any more, as lines: each conflict with the value before, planned and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.conflict import UNTOUCHED
from reconciler.render.masks import Masks
from reconciler.render.values import inline

if TYPE_CHECKING:
    from reconciler.plan.conflict import Conflict, ConflictingPlan
    from reconciler.resources.resource import Address


def stale_lines(stale: ConflictingPlan) -> tuple[str, ...]:
    """Why the plan is refused, a line each. Secrets are masked, with numbers of their own."""
    masks = Masks()
    changed = (
        _line(address, conflict, masks)
        for address, conflicts in stale.conflicts.items()
        for conflict in conflicts
    )
    return (*changed, *stale.objections, UNTOUCHED)


def _line(address: Address, conflict: Conflict, masks: Masks) -> str:
    before, planned, now = (
        inline(value, masks) for value in (conflict.before, conflict.planned, conflict.now)
    )
    intent = "" if conflict.identity else f", was to become {planned},"
    return f"{address}: {conflict.name} was {before}{intent} and is {now}; plan again"
