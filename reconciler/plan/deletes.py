"""What goes: declared absent, no longer declared, never declared, or with its parent."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from reconciler.plan.diff import keys_of, live_key, live_value, removed
from reconciler.plan.lock_entries import dropped
from reconciler.plan.step import Action, Reason, Step
from reconciler.resources.targets import ancestors, depends_on, lists_below

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.context import Sight
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Address, Resource


def keys(sight: Sight, resource: Resource, live: Resource) -> tuple[str, ...]:
    """The keys that we set once, no file names any more, and that are still set."""
    kind, entry = sight.kind(resource.address), sight.entry(resource.address)
    if entry is None or sight.prune(resource.address) == "none":
        return ()
    return tuple(
        path[1]
        for path in dropped(kind, resource, live, entry)
        if len(path) > 1 and sight.policy.reached(entry.file_of(".".join(path)))
    )


def deletions(sight: Sight) -> tuple[Step, ...]:
    """Every deletion of the plan; what goes with a parent is a step of its own that sends nothing."""
    held = held_back(sight)
    chosen = {address: reason for address, reason in _wanted(sight).items() if address not in held}
    over = _enclosed(sight, chosen)
    return tuple(
        _deletion(sight, address, Reason.PARENT if address in over else chosen[address], over.get(address))
        for address in {**chosen, **over}
    )


def held_back(sight: Sight) -> dict[Address, Address]:
    """Deletions that are left out, each with an excluded address that it would take along."""
    if not sight.selection.excludes:
        return {}
    wanted = _wanted(sight)
    excluded = (address for address in sight.live if sight.selection.excluded(address))
    return {
        above: address for address in excluded for above in ancestors(sight.table, address) if above in wanted
    }


def _enclosed(sight: Sight, chosen: Mapping[Address, Reason]) -> dict[Address, Address]:
    """Per live address that goes with another the nearest one above it that goes; parents first."""
    if not chosen:
        return {}
    rank = {name: number for number, name in enumerate(sight.table)}
    found: dict[Address, Address] = {}
    for address in sorted(sight.live, key=lambda item: rank[item.kind]):
        over = (above for above in depends_on(sight.table, address) if above in chosen or above in found)
        if (above := next(over, None)) is not None:
            found[address] = above
    return found


def _wanted(sight: Sight) -> dict[Address, Reason]:
    return {
        address: reason for address in sight.live if (reason := _reason(sight, address)) is not Reason.NONE
    }


def _reason(sight: Sight, address: Address) -> Reason:
    if not (sight.within(address) and sight.selection.named(address)):
        return Reason.NONE
    declared = sight.desired.get(address)
    if declared:
        if not declared.absent:
            return Reason.NONE
        return Reason.DESTROY if sight.policy.destroy else Reason.DECLARED_ABSENT
    return _undeclared(sight, address)


def _undeclared(sight: Sight, address: Address) -> Reason:
    """Why something goes that no file declares, if it does."""
    mode, entry = sight.prune(address), sight.entry(address)
    if (
        sight.policy.destroy
        or mode == "none"
        or not sight.kind(address).prunable
        or sight.everywhere(address)
    ):
        return Reason.NONE
    if entry is None:
        return Reason.NOT_DECLARED if mode == "all" else Reason.NONE
    return Reason.NO_LONGER_DECLARED if sight.policy.reached(entry.file) else Reason.NONE


def _deletion(sight: Sight, address: Address, reason: Reason, over: Address | None) -> Step:
    live, kind = sight.live[address], sight.kind(address)
    declared = sight.desired.get(address)
    return Step(
        Action.DELETE,
        address,
        removed(kind, live, functools.partial(sight.discretion.shown, address)),
        reason=reason,
        label=sight.label(address),
        place=declared.declaration.place if declared and declared.declaration else None,
        basis=_basis(sight, kind, live),
        needs=(over,) if over else (),
        requests=0 if over else 2 + lists_below(sight.table, live, sight.live),
        sends=over is None,
    )


def _basis(sight: Sight, kind: Kind, live: Resource) -> dict[str, Any]:
    """What a deletion decides on: fields, keys of ours by their values, set or not, others by their names."""
    found = identity(sight, kind, live)
    for name, item in kind.fields.items():
        if item.compared and name != kind.keyed:
            found[name] = sight.discretion.shown(live.address, (name,), live_value(item, live))
    if kind.keyed:
        own = _own_keys(sight, kind, live)
        for key in sorted(own):
            path = (kind.keyed, key)
            found[".".join(path)] = sight.discretion.shown(live.address, path, live_key(kind, live, key))
        there = keys_of(kind, live)
        found[kind.keyed] = sorted(there - own)
    return found


def _own_keys(sight: Sight, kind: Kind, live: Resource) -> set[str]:
    """The keys that people set: what the schema has, and what the lock says that a file named."""
    schema, entry = kind.schema(live.address, {}, sight.live), sight.entry(live.address)
    named = (name.partition(".") for name in (entry.fields if entry else ()))
    return {key for top, _, key in named if top == kind.keyed and key} | set(
        schema.settable if schema else ()
    )


def identity(sight: Sight, kind: Kind, live: Resource) -> dict[str, Any]:
    """Which object a step decides on: its server id, its parent's, and its version if written whole."""
    found: dict[str, Any] = {"id": live.facts.id}
    parent = sight.live.get(live.address.parent) if live.address.parent else None
    if parent:
        found["parent"] = parent.facts.id
    if kind.writes == "whole":
        found["version"] = live.facts.version
    return found
