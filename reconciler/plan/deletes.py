"""What goes: declared absent, no longer declared, never declared, or with its parent."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.plan.diff import keys_of, live_key, live_value, removed
from reconciler.plan.lock_entries import dropped
from reconciler.plan.step import Action, Reason, Step
from reconciler.resources.targets import ancestors, depends_on, lists_below

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.context import PlanContext
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Address, Resource


def keys(context: PlanContext, resource: Resource, live: Resource) -> tuple[str, ...]:
    """The keys that we set once, no file names any more, and that are still set."""
    kind, entry = context.kind(resource.address), context.entry(resource.address)
    if entry is None or context.prune(resource.address) == "none":
        return ()
    return tuple(
        path[1]
        for path in dropped(kind, resource, live, entry)
        if len(path) > 1 and context.policy.file_was_read(entry.file_of(dotted(path)))
    )


def deletions(context: PlanContext) -> tuple[Step, ...]:
    """Every deletion of the plan; what goes with a parent is a step of its own that sends nothing."""
    held = held_back(context)
    chosen = {address: reason for address, reason in _wanted(context).items() if address not in held}
    over = _enclosed(context, chosen)
    return tuple(
        _deletion(context, address, Reason.PARENT if address in over else chosen[address], over.get(address))
        for address in {**chosen, **over}
    )


def held_back(context: PlanContext) -> dict[Address, Address]:
    """Deletions that are left out, each with an excluded address that it would take along."""
    if not context.selection.excludes:
        return {}
    wanted = _wanted(context)
    excluded = (address for address in context.live if context.selection.excluded(address))
    return {
        above: address
        for address in excluded
        for above in ancestors(context.table, address)
        if above in wanted
    }


def _enclosed(context: PlanContext, chosen: Mapping[Address, Reason]) -> dict[Address, Address]:
    """Per live address that goes with another the nearest one above it that goes; parents first."""
    if not chosen:
        return {}
    rank = {name: number for number, name in enumerate(context.table)}
    found: dict[Address, Address] = {}
    for address in sorted(context.live, key=lambda item: rank[item.kind]):
        over = (above for above in depends_on(context.table, address) if above in chosen or above in found)
        if (above := next(over, None)) is not None:
            found[address] = above
    return found


def _wanted(context: PlanContext) -> dict[Address, Reason]:
    return {
        address: reason
        for address in context.live
        if (reason := _reason(context, address)) is not Reason.NONE
    }


def _reason(context: PlanContext, address: Address) -> Reason:
    if not (context.within(address) and context.selection.named(address)):
        return Reason.NONE
    declared = context.desired.get(address)
    if declared:
        if not declared.absent:
            return Reason.NONE
        return Reason.DESTROY if context.policy.destroy else Reason.DECLARED_ABSENT
    return _undeclared(context, address)


def _undeclared(context: PlanContext, address: Address) -> Reason:
    """Why something goes that no file declares, if it does."""
    mode, entry = context.prune(address), context.entry(address)
    if (
        context.policy.destroy
        or mode == "none"
        or not context.kind(address).live.prunable
        or context.implicit(address)
    ):
        return Reason.NONE
    if entry is None:
        return Reason.NOT_DECLARED if mode == "all" else Reason.NONE
    return Reason.NO_LONGER_DECLARED if context.policy.file_was_read(entry.file) else Reason.NONE


def _deletion(context: PlanContext, address: Address, reason: Reason, over: Address | None) -> Step:
    live, kind = context.live[address], context.kind(address)
    declared = context.desired.get(address)
    return Step(
        Action.DELETE,
        address,
        removed(kind, live, functools.partial(context.redactor.shown, address)),
        reason=reason,
        label=context.label(address),
        place=declared.declaration.place if declared and declared.declaration else None,
        expected=_expected(context, kind, live),
        needs=(over,) if over else (),
        requests=0 if over else 2 + lists_below(context.table, live, context.live),
        sends=over is None,
    )


def _expected(context: PlanContext, kind: Kind, live: Resource) -> dict[str, Any]:
    """What a deletion decides on: fields, keys of ours by their values, set or not, others by their names."""
    found = identity(context, kind, live)
    for name, item in kind.fields.items():
        if item.compared and name != kind.keyed:
            found[name] = context.redactor.shown(live.address, (name,), live_value(item, live))
    if kind.keyed:
        own = _own_keys(context, kind, live)
        for key in sorted(own):
            path = (kind.keyed, key)
            found[dotted(path)] = context.redactor.shown(live.address, path, live_key(kind, live, key))
        there = keys_of(kind, live)
        found[kind.keyed] = sorted(there - own)
    return found


def _own_keys(context: PlanContext, kind: Kind, live: Resource) -> set[str]:
    """The keys that people set: what the schema has, and what the lock says that a file named."""
    schema, entry = kind.checks.schema(live.address, {}, context.live), context.entry(live.address)
    named = (name.partition(".") for name in (entry.fields if entry else ()))
    return {key for top, _, key in named if top == kind.keyed and key} | set(
        schema.settable if schema else ()
    )


def identity(context: PlanContext, kind: Kind, live: Resource) -> dict[str, Any]:
    """Which object a step decides on: its server id, its parent's, and its version if written whole."""
    found: dict[str, Any] = {"id": live.facts.id}
    parent = context.live.get(live.address.parent) if live.address.parent else None
    if parent:
        found["parent"] = parent.facts.id
    if kind.writing.mode == "whole":
        found["version"] = live.facts.version
    return found
