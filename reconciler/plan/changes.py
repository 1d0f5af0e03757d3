"""Creates and updates: one step for each declared resource that is not live as declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.plan.deletes import identity
from reconciler.plan.diff import created, flat, live_key, live_value, readable
from reconciler.plan.expected import Expected, Identity
from reconciler.plan.lock_entries import is_normalised, unseen
from reconciler.plan.step import Action, Change, Reason, Step
from reconciler.resources.resource import place_of
from reconciler.resources.targets import families
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.context import PlanContext
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Resource


def decide(context: PlanContext) -> Iterator[Step]:
    """The steps that make or change something."""
    # All children of one kind under one parent have the same answer, and there may be thousands of them.
    implicit_until_parent_changes = {
        family
        for family, address in families(context.desired).items()
        if context.implicit_until_parent_changes(address)
    }
    for address, resource in context.desired.items():
        live = context.live.get(address)
        if not resource.absent:
            if live is None:
                yield _create(context, resource)
            elif implicit_until_parent_changes and address.family in implicit_until_parent_changes:
                yield _create_again(context, resource, live)
            elif step := _update(context, resource, live):
                yield step


def _create(context: PlanContext, resource: Resource) -> Step:
    kind = context.kind(resource.address)
    changes = created(kind, resource)
    # The kind says how many requests it takes: a POST, perhaps with a read before and a PATCH after it.
    requests = kind.writing.requests_of_create(
        reads=bool(context.implicit(resource.address)), patches=bool(changes)
    )
    parent = context.live.get(resource.address.parent) if resource.address.parent else None
    return Step(
        Action.CREATE,
        resource.address,
        changes,
        label=context.label(resource.address),
        place=place_of(resource),
        expected=Expected(
            Identity(parent=parent.facts.id if parent else None),
            {change.name: ABSENT for change in changes},
        ),
        desired=resource.attributes,
        left_out=_left_out(resource),
        requests=requests,
    )


def _create_again(context: PlanContext, resource: Resource, live: Resource) -> Step:
    """Creates a declared child that exists by itself now, and that may vanish when its parent is changed.

    A child that somebody made stays then, and one that the server made goes; the live state does not tell
    them apart. So the step reads first, and creates the child only where it is gone.
    """
    expected = _expected(context, context.kind(resource.address), resource, live)
    expected = replace(expected, identity=replace(expected.identity, id=None))
    create = _create(context, resource)
    requests = create.requests + context.kind(resource.address).writing.read_requests
    return replace(create, reason=Reason.LET_GO, expected=expected, requests=requests)


def _update(context: PlanContext, resource: Resource, live: Resource) -> Step | None:
    kind = context.kind(resource.address)
    entry, salt = context.entry(resource.address), context.base.salt
    seen = tuple(
        change
        for change in readable(kind, resource, live).changes
        if not is_normalised(change, live, kind, entry, salt)
    )
    if not seen and not kind.unreadable:
        return None
    unreadable, reason = unseen(kind, resource, live, entry, salt)
    changes = (*_redacted(context, live, seen), *unreadable)
    if not changes:
        return None
    return Step(
        Action.UPDATE,
        resource.address,
        changes,
        reason=reason,
        label=context.label(resource.address),
        place=place_of(resource),
        expected=_expected(context, kind, resource, live),
        desired=resource.attributes,
        left_out=_left_out(resource),
        requests=kind.writing.requests_of_update,
    )


def _left_out(resource: Resource) -> frozenset[str]:
    return resource.declaration.left_out if resource.declaration else frozenset()


def _redacted(context: PlanContext, live: Resource, changes: Iterable[Change]) -> Iterator[Change]:
    for change in changes:
        before = context.redactor.shown(live.address, change.path, change.before)
        yield Change(change.path, before, change.after, place=change.place)


def _expected(context: PlanContext, kind: Kind, resource: Resource, live: Resource) -> Expected:
    """What a change decides on: the object, and each declared field and key as it is live."""
    fields: dict[str, Any] = {}
    for path, _ in flat(kind, resource.attributes):
        if kind.fields[path[0]].compared:
            now = live_key(kind, live, path[1]) if len(path) > 1 else live_value(kind.fields[path[0]], live)
            fields[dotted(path)] = context.redactor.shown(live.address, path, now)
    return Expected(identity(context, kind, live), fields)
