"""Finds the problems of declared resources that only the live state and the steps show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler import rule_ids
from reconciler.diagnostics import Problem, Severity
from reconciler.plan.diff import keys_of, live_key
from reconciler.plan.step import Action
from reconciler.resources.desired import is_absent
from reconciler.resources.forms import is_mask
from reconciler.resources.resource import place_of
from reconciler.resources.targets import depends_on
from reconciler.resources.values import unset
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconciler.plan.context import PlanContext
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Address, Resource


def review(context: PlanContext, steps: Iterable[Step]) -> Iterator[Problem]:
    """Every problem: of each declared resource, and of the step that would be done to it."""
    by_address = {step.address: step for step in steps}
    for address, resource in context.desired.items():
        yield from _checked(context, resource)
        if resource.absent:
            yield from _absent_but_implicit(context, resource)
            continue
        step = by_address.get(address)
        if address in context.seen.pin_not_found:
            yield _pin_not_found(context, resource)
        for problem in _stepped(context, resource, step) if step else ():
            # Nobody applies a plan of `drift` or `matrix`, so what only prevents a write must not stop it.
            yield replace(problem, severity=Severity.WARNING) if context.policy.read_only else problem
        # A snapshot masks live secrets, so a secret that is not set could not be compared anyway.
        if address in context.unset and not context.policy.snapshot:
            yield from _unset(context, resource, step)
    yield from _duplicates(context, by_address)


def _checked(context: PlanContext, resource: Resource) -> Iterator[Problem]:
    """The problems that its kind finds. With a snapshot that may lack what they depend on, warnings."""
    kind = context.kind(resource.address)
    # A snapshot holds what was declared when it was recorded. A new line of a pull request may depend on a
    # published integration that it lacks, and that is there all the same.
    unsure = context.policy.snapshot and any(
        not context.kind(item).live.prunable and item not in context.desired and item not in context.live
        for item in depends_on(context.table, resource.address)
    )
    for problem in kind.checks.check(resource, context.desired, context.live):
        yield replace(problem, severity=Severity.WARNING) if unsure else problem


def _stepped(context: PlanContext, resource: Resource, step: Step) -> Iterator[Problem]:
    """The problems that would make the step fail, or destroy something."""
    if step.action is Action.CREATE:
        yield from _incomplete(context, resource)
        yield from _unknown_key(context, resource)
    if step.action is Action.UPDATE:
        yield from _wiped(context, resource)
        yield from _masked(context, resource, step)


def _absent_but_implicit(context: PlanContext, resource: Resource) -> Iterator[Problem]:
    # Deleting it would change nothing: GitBook makes a binding for every site again, as long as its
    # installation works on all of them.
    field = context.implicit(resource.address)
    if field and not is_absent(context.desired, resource.address.parent):
        message = f"cannot be absent, because {field} makes it exist by itself"
        yield _problem(
            rule_ids.ABSENT_BUT_IMPLICIT, resource, message, f"change {field}, and list those that are wanted"
        )


def _pin_not_found(context: PlanContext, resource: Resource) -> Problem:
    ids = context.seen.pin_not_found[resource.address]
    live = f"live is {', '.join(ids)}" if ids else "none is live"
    pinned = resource.declaration.id if resource.declaration else ""
    message = f"is pinned to id {pinned}, which is not there; {live}"
    return _problem(rule_ids.PIN_NOT_FOUND, resource, message, "correct `id`, or remove the line", "id")


def _duplicates(context: PlanContext, steps: Mapping[Address, Step]) -> Iterator[Problem]:
    for address, ids in context.seen.duplicates.items():
        resource = context.desired.get(address)
        # Duplicates that no file and no step is about harm nobody: the plan goes on.
        if resource is None and address not in steps:
            continue
        message = f"{len(ids)} live objects answer to this address: {', '.join(ids)}"
        advice = "remove one in the app, or pin one with `id:`"
        placed = _problem(rule_ids.DUPLICATES, resource, message, advice) if resource else None
        yield placed or Problem(rule_ids.DUPLICATES, message, advice, address=address)


def _incomplete(context: PlanContext, resource: Resource) -> Iterator[Problem]:
    missing = ", ".join(sorted(context.kind(resource.address).writing.requires - resource.attributes.keys()))
    if missing:
        yield _problem(
            rule_ids.INCOMPLETE, resource, f"cannot be made without {missing}", f"declare {missing}"
        )


def _unknown_key(context: PlanContext, resource: Resource) -> Iterator[Problem]:
    kind, key = context.kind(resource.address), resource.address.key
    keys = context.seen.keys.get(kind.name)
    # `None`: the list was not asked for, or the token may not read it. Then the API is left to say no.
    if keys is None or key in keys:
        return
    # The app shows titles in its lists and ids only in addresses, so people write the title.
    titled = [own_id for own_id, title in keys.items() if title and title.casefold() == key.casefold()]
    advice = did_you_mean(key, keys, "copy the id from its address in the app")
    advice = f"{titled[0]} is the id of the {kind.word} with that title" if titled else advice
    yield _problem(
        rule_ids.UNKNOWN_ID, resource, f"there is no {kind.word} {key}, or the token may not see it", advice
    )


def _wiped(context: PlanContext, resource: Resource) -> Iterator[Problem]:
    """Publishing replaces the whole object: it would wipe what is live, hidden and not declared.

    The reply shows that the field is set, and not its value, so gbsync cannot send the old value again.
    """
    live = context.live[resource.address]
    wiped = ", ".join(sorted(live.facts.hidden - resource.attributes.keys()))
    if wiped and context.kind(resource.address).writing.mode == "whole":
        message = f"publishing would wipe {wiped}, which cannot be read back"
        yield _problem(
            rule_ids.WIPED, resource, message, f"declare {wiped} too; `{{}}` or `[]` where there is none"
        )


def _masked(context: PlanContext, resource: Resource, step: Step) -> Iterator[Problem]:
    """Undeclared keys that read back as a mask: a write of the others would send the mask back."""
    kind, live = context.kind(step.address), context.live[step.address]
    if not any(change.path[0] == kind.keyed for change in step.changes):
        return
    undeclared = sorted(keys_of(kind, live) - set(step.desired.get(kind.keyed) or {}))
    masks = [key for key in undeclared if is_mask(live_key(kind, live, key))]
    if masks:
        names = ", ".join(f"{kind.keyed}.{key}" for key in masks)
        message = f"{names} reads back as a mask, and a write would put it over what is really there"
        yield _problem(rule_ids.MASKED, resource, message, "declare it with its value", kind.keyed)


def _unset(context: PlanContext, resource: Resource, step: Step | None) -> Iterator[Problem]:
    """Secrets that are not set, where they would be sent or compared with what is live."""
    for name in context.unset[resource.address]:
        if step or context.kind(resource.address).fields[name].compared:
            missing = ", ".join(sorted(unset(resource.attributes[name])))
            message = f"{missing} in {name} is not set"
            advice = "set it in the environment, or as a file under GBSYNC_SECRETS_DIR"
            yield _problem(rule_ids.UNSET, resource, message, advice, name)


def _problem(rule: str, resource: Resource, message: str, advice: str, name: str = "") -> Problem:
    return Problem(rule, message, advice, place_of(resource, (name,)), resource.address)
