"""What is made and what is changed: one step for each declared resource that is not as declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.plan.deletes import identity
from reconciler.plan.diff import created, flat, live_key, live_value, readable
from reconciler.plan.lock_entries import is_normalised, unseen
from reconciler.plan.step import Action, Change, Reason, Step
from reconciler.resources.targets import families
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.context import Sight
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Resource


def decide(sight: Sight) -> Iterator[Step]:
    """The steps that make or change something."""
    fleeting = {family for family, address in families(sight.desired).items() if sight.fleeting(address)}
    for address, resource in sight.desired.items():
        live = sight.live.get(address)
        if not resource.absent:
            if live is None:
                yield _create(sight, resource)
            elif fleeting and address.family in fleeting:
                yield _keep(sight, resource, live)
            elif step := _update(sight, resource, live):
                yield step


def _create(sight: Sight, resource: Resource) -> Step:
    kind = sight.kind(resource.address)
    changes = created(kind, resource)
    asks = kind.looks_first or bool(sight.everywhere(resource.address))
    patch = kind.writes == "patch" and bool(changes)
    parent = sight.live.get(resource.address.parent) if resource.address.parent else None
    basis: dict[str, Any] = {".".join(change.path): ABSENT for change in changes}
    return Step(
        Action.CREATE,
        resource.address,
        changes,
        label=sight.label(resource.address),
        place=resource.declaration.place if resource.declaration else None,
        basis={**({"parent": parent.facts.id} if parent else {}), **basis},
        desired=resource.attributes,
        requests=1 + asks + patch,
    )


def _keep(sight: Sight, resource: Resource, live: Resource) -> Step:
    """Makes what exists by itself until its parent is changed; looks first, as what somebody bound stays."""
    basis = _basis(sight, sight.kind(resource.address), resource, live)
    del basis["id"]
    made = _create(sight, resource)
    return replace(made, reason=Reason.LET_GO, basis=basis, requests=made.requests + 1)


def _update(sight: Sight, resource: Resource, live: Resource) -> Step | None:
    kind = sight.kind(resource.address)
    entry, salt = sight.entry(resource.address), sight.base.salt
    seen = tuple(
        change
        for change in readable(kind, resource, live).changes
        if not is_normalised(change, live, kind, entry, salt)
    )
    if not seen and not kind.unreadable:
        return None
    hidden, reason = unseen(kind, resource, live, entry, salt)
    changes = (*_shown(sight, live, seen), *hidden)
    if not changes:
        return None
    return Step(
        Action.UPDATE,
        resource.address,
        changes,
        reason=reason,
        label=sight.label(resource.address),
        place=resource.declaration.place if resource.declaration else None,
        basis=_basis(sight, kind, resource, live),
        desired=resource.attributes,
        requests=2,
    )


def _shown(sight: Sight, live: Resource, changes: Iterable[Change]) -> Iterator[Change]:
    for change in changes:
        before = sight.discretion.shown(live.address, change.path, change.before)
        yield Change(change.path, before, change.after, place=change.place)


def _basis(sight: Sight, kind: Kind, resource: Resource, live: Resource) -> dict[str, Any]:
    """What a change decides on: the object, and each declared field and key as it is live."""
    found = identity(sight, kind, live)
    for path, _ in flat(kind, resource.attributes):
        if kind.fields[path[0]].compared:
            now = live_key(kind, live, path[1]) if len(path) > 1 else live_value(kind.fields[path[0]], live)
            found[".".join(path)] = sight.discretion.shown(live.address, path, now)
    return found
