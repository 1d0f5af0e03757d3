"""Which of the server's operations a plan needs, so that a token that may not call one is found in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.step import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import CallName, Kind, Table
    from reconciler.resources.resource import Address


def needed_operations(plan: Plan, table: Table) -> Mapping[str, tuple[Address, ...]]:
    """Each operation that carrying out the plan may call, with the addresses that it is called for."""
    needed: dict[str, dict[Address, None]] = {}
    for step in plan.steps:
        for operation in _operations(step, table):
            needed.setdefault(operation, {})[step.address] = None
    return {operation: tuple(addresses) for operation, addresses in needed.items()}


def _operations(step: Step, table: Table) -> Iterator[str]:
    kind = table[step.address.kind]
    if step.sends:
        for call in _calls(step, kind):
            yield from kind.operations.get(call, ())
    if step.sends and step.action is Action.DELETE:
        for below in _listed_before(kind, table):
            yield from below.operations.get("list", ())


def _calls(step: Step, kind: Kind) -> Iterator[CallName]:
    """The calls that a step may make."""
    if step.action is Action.DELETE:
        yield from ("read", "delete")
    elif step.action is Action.UPDATE or kind.writing.mode == "whole":
        yield from ("read", "write")
    else:
        if kind.writing.reads_before_create:
            yield "find"
        yield from ("create", "read")
        if step.desired:
            yield "write"
        if kind.live.own_ids:
            yield "list"


def _listed_before(kind: Kind, table: Table) -> Iterator[Kind]:
    """The kinds whose lists show what a deletion would take along."""
    for other in table.values():
        if kind.name in (other.parent, other.writing.after):
            yield other
            yield from _listed_before(other, table)
