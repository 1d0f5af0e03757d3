"""Desired, live, base and policy → Plan: pure, the same for every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.diagnostics import Severity
from reconciler.errors import ConfigError
from reconciler.plan import notices, pages
from reconciler.plan.changes import decide
from reconciler.plan.checks import review
from reconciler.plan.context import PlanContext, Policy
from reconciler.plan.deletes import deletions, keys
from reconciler.plan.diff import exact_removals
from reconciler.plan.lock_entries import LockEntries, of_these, resolve_intent
from reconciler.plan.step import Action, Plan, Step
from reconciler.resources.desired import opaque, resolve
from reconciler.resources.redaction import Redactor
from reconciler.resources.targets import Selection, ancestors, comes_after, refuse_unmatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.diagnostics import Problem
    from reconciler.lock.document import Base, LockEntry
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, Live, Resource, State

__all__ = ["Policy", "plan", "unchecked_steps"]


def plan(declared: State, live: Live, base: Base, *, table: Table, policy: Policy) -> Plan:
    """What must be done so that `live` is as declared, and nothing else.

    Raises `ConfigError` with every problem.
    """
    context = _context(declared, live, base, table, policy)
    steps = _decided(context)
    problems = tuple(review(context, steps))
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise ConfigError(problems)
    return _assembled(context, _ordered(table, steps), problems)


def unchecked_steps(
    declared: State, live: Live, base: Base, *, table: Table, policy: Policy
) -> tuple[Step, ...]:
    """The steps of files that are only compared with others: nobody applies them, so nothing is checked."""
    return _decided(_context(declared, live, base, table, policy))


def _decided(context: PlanContext) -> tuple[Step, ...]:
    deletes = deletions(context)
    deleted = {step.address for step in deletes}
    return (*(step for step in decide(context) if step.address not in deleted), *deletes)


def _context(declared: State, seen: Live, base: Base, table: Table, policy: Policy) -> PlanContext:
    known = {*declared, *seen.state, *base.entries}
    # After an apply, what a glob named may be deleted: that is no misspelt glob.
    if not policy.afterwards:
        refuse_unmatched(known, targets=policy.targets, excludes=policy.excludes)
    selection = Selection.of(known, table=table, targets=policy.targets, excludes=policy.excludes)
    desired = resolve(
        {address: item for address, item in declared.items() if selection.within(address)},
        seen.state,
        table=table,
        organization=policy.organization,
        destroy=policy.destroy,
    )
    titled = Redactor(table, seen.state, policy.names)
    desired = {address: titled.covered(item) for address, item in desired.items()}
    redactor = Redactor.of(
        declared, base.entries, seen.state, table=table, names=policy.names, salt=base.salt
    )
    # An entry of another object at the same address (deleted and made again by hand) must not count.
    base = of_these(base, declared, seen.state)
    base = replace(base, entries={**base.entries, **_after_interruption(desired, seen.state, base, table)})
    context = PlanContext(desired, seen, base, table, policy, selection, redactor)
    return replace(
        context,
        desired={address: _with_removals(context, item) for address, item in desired.items()},
        unset={address: names for address, item in desired.items() if (names := opaque(item))},
    )


def _after_interruption(desired: State, live: State, base: Base, table: Table) -> dict[Address, LockEntry]:
    """The entries of publishes that were interrupted. The live version says how each of them ended."""
    return {
        address: resolve_intent(entry, table[address.kind], desired[address], live[address])
        for address, entry in base.entries.items()
        if entry.intent and address in desired and address in live
    }


def _with_removals(context: PlanContext, resource: Resource) -> Resource:
    """The resource with `None` for every key that `ownership: exact` or pruning removes."""
    exact = resource.declaration and resource.declaration.exact
    if not exact and context.prune(resource.address) == "none":
        return resource
    live, kind = context.live.get(resource.address), context.kind(resource.address)
    if live is None or not kind.keyed or resource.absent:
        return resource
    removals = (*exact_removals(kind, resource, live), *keys(context, resource, live))
    if not removals:
        return resource
    keyed = {**dict.fromkeys(removals), **resource.attributes.get(kind.keyed, {})}
    return replace(resource, attributes={**resource.attributes, kind.keyed: keyed})


def _ordered(table: Table, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Creates and updates, parents first; then deletions, children first; each with what it waits for."""
    rank = {name: number for number, name in enumerate(table)}
    forward = sorted(
        (step for step in steps if step.action is not Action.DELETE),
        key=lambda step: (rank[step.address.kind], step.address),
    )
    backward = sorted(
        (step for step in steps if step.action is Action.DELETE),
        key=lambda step: (-rank[step.address.kind], step.address),
    )
    written = {step.address: step for step in forward}
    first = {comes_after(table, step.address): step.address for step in backward}
    return tuple(replace(step, needs=_needs(table, step, written, first)) for step in (*forward, *backward))


def _needs(
    table: Table, step: Step, forward: Mapping[Address, Step], first: Mapping[Address | None, Address]
) -> tuple[Address, ...]:
    """What a step waits for: what is made or changed above it, or the deletes that come before it."""
    if step.action is Action.DELETE:
        parent, before = step.address.parent, first.get(step.address)
        needs = (*step.needs, parent) if parent and parent in forward else step.needs
        return (*needs, before) if before else needs
    return tuple(address for address in ancestors(table, step.address) if address in forward)


def _may_be_second(context: PlanContext, step: Step) -> bool:
    """Whether another run may make it at the same time, and both stay."""
    return step.action is Action.CREATE and context.kind(step.address).live.own_ids


def _assembled(context: PlanContext, steps: tuple[Step, ...], problems: tuple[Problem, ...]) -> Plan:
    changed = frozenset(step.address for step in steps)
    steps, page_reads = pages.counted(steps, context.desired, context.live, context.table)
    present = {address: item for address, item in context.desired.items() if not item.absent}
    stays, policy = notices.find_notices(context, changed), context.policy
    return Plan(
        organization=policy.organization,
        endpoint=policy.endpoint,
        steps=steps,
        unmanaged=stays.unmanaged,
        forgotten=stays.forgotten,
        declared_in_unread_file=stays.declared_in_unread_file,
        pending=tuple(notices.pending(context, changed)),
        uncompared=tuple(notices.uncompared(context, changed)),
        problems=problems,
        notes=(
            *notices.notes(context),
            *notices.left_out(context, steps),
            *context.seen.notes,
        ),
        partial=context.selection.partial,
        destroy=policy.destroy,
        snapshot=policy.snapshot,
        live_count=notices.reach(context, changed),
        declared_count=len(context.desired),
        limits=policy.limits,
        mask=policy.mask,
        secret_fields=context.redactor.secret_fields,
        reads=context.seen.reads,
        pages=page_reads,
        closing=len({step.address.kind for step in steps if _may_be_second(context, step)}),
        rate=context.seen.rate,
        lock_entries=LockEntries(
            present, context.live, context.base, changed, table=context.table, name=policy.remembered
        ),
        forget=notices.forget(context, changed),
        salt=context.base.salt,
        labels={address: label for address in changed if (label := context.label(address))},
    )
