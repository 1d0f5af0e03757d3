"""What a plan may not do without being asked: checked on the plan, before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from reconciler.plan.step import Action, Reason
from reconciler.resources.targets import comes_after, matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import Table

SMALL = 10
"""A share of fewer live resources than this is not checked: one of three is a third already."""
SHOWN = 5
_FINEST = 10**6
"""The denominator up to which a share is what was written: 0.29 is 29 of 100."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the command line allows, this once."""

    deletes: int | None = None
    unpublish: bool = False
    empty: bool = False


def refusals(plan: Plan, *, table: Table, allowed: Allowances) -> tuple[str, ...]:
    """Why the plan is refused, each with its numbers and the way out; empty when it may go on."""
    deletions = tuple(step for step in plan.steps if step.action is Action.DELETE)
    return (
        *_too_many(plan, len(deletions), allowed),
        *_protected(plan, deletions, table),
        *_unpublished(deletions, table, allowed),
        *silent_inputs(plan, allowed),
    )


def _too_many(plan: Plan, count: int, allowed: Allowances) -> Iterator[str]:
    if not count:
        return
    if allowed.deletes is not None:
        # The number must be the plan's own: one that a script keeps for ever would allow more some day.
        if allowed.deletes != count:
            yield (
                f"--allow-deletes {allowed.deletes} does not fit: the plan deletes {count}; "
                f"look at it again, then say --allow-deletes {count}"
            )
        return
    limit, stated = _limit(plan)
    if limit is not None and count > limit:
        yield (
            f"the plan deletes {count} of {plan.live_count} live within reach, more than max_deletes "
            f"({stated}); if that is meant: --allow-deletes {count}"
        )


def _limit(plan: Plan) -> tuple[Fraction | None, str]:
    """The most deletions that are allowed, and how the file states it; `None` for a share of very few."""
    most = plan.limits.max_deletes
    if isinstance(most, int):
        return Fraction(most), str(most)
    # As a float, 0.29 of 100 is 28.999…, and the 29th deletion would be refused.
    share = Fraction(most).limit_denominator(_FINEST)
    if plan.live_count < SMALL:
        return None, ""
    return share * plan.live_count, f"{float(share * 100):g} %, which is {int(share * plan.live_count)}"


def _protected(plan: Plan, deletions: tuple[Step, ...], table: Table) -> Iterator[str]:
    held: dict[tuple[str, str], list[str]] = {}
    for step in deletions:
        glob = next((glob for glob in plan.limits.protect if matches(glob, step.address)), None)
        if glob is not None:
            how = _by_what(step, table)
            held.setdefault((glob, how), []).append(step.address)
    for (glob, how), names in held.items():
        be, them = ("is", "it") if len(names) == 1 else ("are", "them")
        yield (
            f"{_some(names)} {be} protected ({glob}), and {how} deletes {them}; take {them} out of `protect`"
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _by_what(step: Step, table: Table) -> str:
    """What deletes it: the plan, or what it has to go with."""
    over = step.needs[0] if step.reason is Reason.PARENT else None
    over = comes_after(table, step.address) if step.reason is Reason.DEPENDENCY else over
    return f"going with {over}" if over else "this plan"


def _unpublished(deletions: tuple[Step, ...], table: Table, allowed: Allowances) -> Iterator[str]:
    names = [step.address for step in deletions if table[step.address.kind].live.owned_by_many]
    if names and not allowed.unpublish:
        yield (
            f"the plan unpublishes {len(names)} ({_some(names)}), which removes it from "
            "every organization that installed it; if that is meant: --allow-unpublish"
        )


def silent_inputs(plan: Plan, allowed: Allowances) -> Iterator[str]:
    """The inputs that say nothing: a failed job may have cut them short, so nothing follows from them."""
    if allowed.empty:
        return
    if plan.declared_count == 0 and not (plan.partial or plan.destroy):
        yield "the files declare nothing; if that is meant: --allow-empty"
        return
    for name in plan.limits.silent:
        yield f"{name}: says nothing; was it cut short? If that is meant: --allow-empty"
