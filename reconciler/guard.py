"""What a plan may not do without being asked: checked on the plan, before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.select import matches
from reconciler.step import Action, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.kind import Table
    from reconciler.step import Plan, Step

SMALL = 10
"""Below this many live resources a share says nothing."""
SHARE = "30%"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What the files say: a number or a share of deletions, and the addresses that stay."""

    max_deletes: str | int = SHARE
    protect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the command line allows, this once."""

    deletes: int | None = None
    unpublish: bool = False
    empty: bool = False


def refusals(plan: Plan, *, table: Table, limits: Limits, allowed: Allowances) -> tuple[str, ...]:
    """Why the plan is refused, each with its numbers and the way out; empty when it may go on."""
    deletions = tuple(step for step in plan.steps if step.action is Action.DELETE)
    return (
        *_too_many(plan, deletions, limits, allowed),
        *_protected(deletions, limits),
        *_unpublished(deletions, table, allowed),
        *_empty(plan, allowed),
    )


def _too_many(plan: Plan, deletions: tuple[Step, ...], limits: Limits, allowed: Allowances) -> Iterator[str]:
    count = len(deletions)
    if allowed.deletes is not None and count:
        if allowed.deletes != count:
            yield f"--allow-deletes {allowed.deletes} does not fit: the plan deletes {count}; look again, then say --allow-deletes {count}"
        return
    limit, said = _limit(limits.max_deletes, plan.live_count)
    if limit is not None and count > limit:
        yield (
            f"the plan deletes {count} of {plan.live_count} live within reach, more than max_deletes ({said}); "
            f"if that is meant: --allow-deletes {count}"
        )


def _limit(said: str | int, live: int) -> tuple[int | None, str]:
    text = str(said).strip()
    if not text.endswith("%"):
        return int(text), text
    share = float(text[:-1])
    if live < SMALL:
        return None, text
    limit = int(live * share / 100)
    return limit, f"{text} of {live} is {limit}"


def _protected(deletions: tuple[Step, ...], limits: Limits) -> Iterator[str]:
    for step in deletions:
        glob = next((glob for glob in limits.protect if matches(glob, step.address)), None)
        if glob is not None:
            how = f"with {step.needs[0]}" if step.reason is Reason.PARENT and step.needs else "by this plan"
            yield f"{step.address} is protected ({glob}) and would be deleted {how}; take it out of `protect` first"


def _unpublished(deletions: tuple[Step, ...], table: Table, allowed: Allowances) -> Iterator[str]:
    names = [step.address for step in deletions if table[step.address.kind].owned_by_many]
    if names and not allowed.unpublish:
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        yield (
            f"the plan unpublishes {len(names)} ({shown}), which takes it from every organization that installed it; "
            "if that is meant: --allow-unpublish"
        )


def _empty(plan: Plan, allowed: Allowances) -> Iterator[str]:
    if plan.declared_count == 0 and not plan.partial and not allowed.empty and not plan.destroy:
        absent = any(step.reason is Reason.DECLARED_ABSENT for step in plan.steps)
        if not absent:
            yield "the files declare nothing; if that is meant: --allow-empty"
