"""A plan without the steps that a run may not carry out, and without what depends on them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.plan.step import Action, LeftOut, Reason
from reconciler.resources.targets import comes_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address


def restricted(plan: Plan, refused: Mapping[Address, str], *, table: Table) -> Plan:
    """The plan without the refused steps, each of which is left out for the reason given.

    What a left-out step would have made or changed is as it was: the lock keeps its entries of these
    addresses.
    """
    reasons = _closure(plan, refused, table)
    if not reasons:
        return plan
    steps = tuple(step for step in plan.steps if step.address not in reasons)
    creates = {step.address.kind for step in steps if step.action is Action.CREATE}
    return replace(
        plan,
        steps=steps,
        left_out=tuple(
            LeftOut(step, reasons[step.address]) for step in plan.steps if step.address in reasons
        ),
        closing=sum(table[kind].live.own_ids for kind in creates),
        lock_entries={
            address: plan.lock_entries[address] for address in plan.lock_entries if address not in reasons
        },
    )


def _closure(plan: Plan, refused: Mapping[Address, str], table: Table) -> dict[Address, str]:
    """The refused steps, and those that cannot be carried out without one of them."""
    by_address = {step.address: step for step in plan.steps}
    reasons = {address: why for address, why in refused.items() if address in by_address}
    while more := dict(_dependent(by_address, reasons, table)):
        reasons |= more
    return reasons


def _dependent(
    steps: Mapping[Address, Step], reasons: Mapping[Address, str], table: Table
) -> Iterator[tuple[Address, str]]:
    for step in steps.values():
        over = comes_after(table, step.address) if step.reason is Reason.DEPENDENCY else None
        if over in reasons and step.address not in reasons:
            yield step.address, f"is deleted only because of {over}, which is left out"
        for need in step.needs:
            needed = steps.get(need)
            if needed is None:
                continue
            if need in reasons and step.address not in reasons and _decides(needed, table):
                yield step.address, f"depends on {need}, which is left out"
            # The DELETE of a parent takes its children along: it may only do so where all of them may go.
            elif not step.sends and step.address in reasons and need not in reasons:
                yield need, f"would delete {step.address} with it, which is left out"


def _decides(step: Step, table: Table) -> bool:
    """Whether steps that wait for this one mean something else without it.

    What is not made has no children; a publish may bring the schema for them; with some fields a parent
    decides which of its children exist. Any other update of a parent does not concern its children.
    """
    kind = table[step.address.kind]
    if step.action is not Action.UPDATE or kind.writing.mode == "whole":
        return True
    return any(kind.fields[change.path[0]].implicit for change in step.changes)
