"""Deletions: what is declared absent, no longer or never declared, and what goes with its parent."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.diff import keys_of, live_key, live_value, removed
from reconciler.plan.expected import Expected, Identity
from reconciler.plan.lock_entries import dropped
from reconciler.plan.step import Action, Reason, Step
from reconciler.resources.resource import place_of
from reconciler.resources.targets import ancestors, comes_after, lists_below
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.context import PlanContext
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Address, Resource


def keys(context: PlanContext, resource: Resource, live: Resource) -> tuple[str, ...]:
    """The keys to prune: set by an earlier apply, still set, and named by no file any more."""
    kind, entry = context.kind(resource.address), context.entry(resource.address)
    if entry is None or context.prune(resource.address) == "none":
        return ()
    return tuple(
        path[1]
        for path in dropped(kind, resource, live, entry)
        if len(path) > 1 and context.policy.file_was_read(entry.file_of(dotted(path)))
    )


def deletions(context: PlanContext) -> tuple[Step, ...]:
    """Every deletion of the plan. What goes with its parent has a step too, which sends nothing."""
    held = held_back(context)
    chosen = {address: reason for address, reason in _reasons(context).items() if address not in held}
    chosen = {**_coming_after(context, chosen), **chosen}
    over = _enclosed(context, chosen)
    return tuple(
        _deletion(context, address, Reason.PARENT if address in over else chosen[address], over.get(address))
        for address in {**chosen, **over}
    )


def _coming_after(context: PlanContext, chosen: Mapping[Address, Reason]) -> dict[Address, Reason]:
    """What cannot stay when what it comes after goes: an installation of an integration that is unpublished.

    It is deleted by itself, and first. A server may refuse to unpublish what is installed, and another one
    leaves the installation behind.
    """
    goes = (address for address in context.live if comes_after(context.table, address) in chosen)
    return dict.fromkeys(goes, Reason.DEPENDENCY) if chosen else {}


def held_back(context: PlanContext) -> dict[Address, Address]:
    """Deletions that are left out, each with an excluded address that it would take along."""
    if not context.selection.excludes:
        return {}
    reasons = _reasons(context)
    excluded = (address for address in context.live if context.selection.excluded(address))
    return {
        above: address
        for address in excluded
        for above in ancestors(context.table, address)
        if above in reasons
    }


def _enclosed(context: PlanContext, chosen: Mapping[Address, Reason]) -> dict[Address, Address]:
    """Each live address that goes with its parent, and that parent; parents first."""
    if not chosen:
        return {}
    rank = {name: number for number, name in enumerate(context.table)}
    enclosed: dict[Address, Address] = {}
    for address in sorted(context.live, key=lambda item: rank[item.kind]):
        if (parent := address.parent) and (parent in chosen or parent in enclosed):
            enclosed[address] = parent
    return enclosed


def _reasons(context: PlanContext) -> dict[Address, Reason]:
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
    """Why something that no file declares is deleted; `Reason.NONE` where it stays."""
    # `--destroy` deletes what the files declare, and nothing else. A kind whose live list is not complete is
    # never pruned. What the server makes by itself would be there again at once.
    mode, entry = context.prune(address), context.entry(address)
    if (
        context.policy.destroy
        or mode == "none"
        or not context.kind(address).live.prunable
        or context.implicit(address)
    ):
        return Reason.NONE
    if entry is None:  # somebody else made it: only `prune: all` may delete it
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
        place=place_of(declared) if declared else None,
        expected=_expected(context, kind, live),
        needs=(over,) if over else (),
        requests=0 if over else _requests(context, kind, live),
        sends=over is None,
    )


def _requests(context: PlanContext, kind: Kind, live: Resource) -> int:
    """A read, the DELETE, and the lists of what would go with it; what others have too is looked at again."""
    lists = lists_below(context.table, live)
    return 2 + lists + (1 + lists if kind.live.owned_by_many else 0)


def _expected(context: PlanContext, kind: Kind, live: Resource) -> Expected:
    """What a deletion decides on: all fields, the keys that people set, and the names of all other keys.

    A key of ours counts even while it is not set: whoever sets it after the plan was made has made up his
    mind to keep the object. Of the keys that an integration writes for itself, only the names count: their
    values change all the time.
    """
    masked = functools.partial(context.redactor.shown, live.address)
    fields = {
        name: masked((name,), live_value(item, live))
        for name, item in kind.fields.items()
        if item.compared and name != kind.keyed
    }
    if not kind.keyed:
        return Expected(identity(context, kind, live), fields)
    own = _own_keys(context, kind, live)
    keys = {
        dotted((kind.keyed, key)): masked((kind.keyed, key), live_key(kind, live, key)) for key in sorted(own)
    }
    others = tuple(sorted(keys_of(kind, live) - own))
    return Expected(identity(context, kind, live), {**fields, **keys}, others)


def _own_keys(context: PlanContext, kind: Kind, live: Resource) -> set[str]:
    """The keys that people set: what the schema has, and what the lock says that a file named."""
    schema, entry = kind.checks.schema(live.address, {}, context.live), context.entry(live.address)
    named = (name.partition(".") for name in (entry.fields if entry else ()))
    return {key for top, _, key in named if top == kind.keyed and key} | set(
        schema.settable if schema else ()
    )


def identity(context: PlanContext, kind: Kind, live: Resource) -> Identity:
    """Which object a step decides on: its server id, its parent's, and its version if written whole."""
    parent = context.live.get(live.address.parent) if live.address.parent else None
    version = live.facts.version if kind.writing.mode == "whole" else ABSENT
    return Identity(live.facts.id, parent.facts.id if parent else None, version)
