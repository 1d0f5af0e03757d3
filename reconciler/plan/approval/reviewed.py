"""Which steps of a new plan a reviewed one has too: equal in address, changes and expected state. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.plan.classes import fingerprint
from reconciler.plan.saved.document import expected_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.saved.document import Saved
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.digest import Salt
    from reconciler.resources.resource import Address

NOT_REVIEWED = "the reviewed plan does not have it"
OTHER_CHANGE = "the reviewed plan changes it in another way"
OTHER_STATE = "what it decides on has changed since the review"


def unreviewed(plan: Plan, reviewed: Saved, *, name: str) -> dict[Address, str]:
    """The steps of the plan that the reviewed one does not have, each with the reason.

    The reviewed plan can only narrow what is done: nothing is read from it but what the steps are compared
    with. Raises `UsageError` for a plan of another endpoint or organization.
    """
    then = reviewed.plan
    if (then.endpoint.rstrip("/"), then.organization) != (plan.endpoint.rstrip("/"), plan.organization):
        where = f"{then.organization} at {then.endpoint}, not {plan.organization} at {plan.endpoint}"
        msg = f"{name}: is a plan for {where}; review a plan of these files"
        raise UsageError(msg)
    return dict(_reasons(plan, {step.address: step for step in then.steps}, reviewed.salt))


def _reasons(plan: Plan, reviewed: dict[Address, Step], salt: Salt) -> Iterator[tuple[Address, str]]:
    for step in plan.steps:
        then = reviewed.get(step.address)
        if then is None:
            yield step.address, NOT_REVIEWED
        elif fingerprint(step, salt) != fingerprint(then, salt):
            yield step.address, OTHER_CHANGE
        elif expected_document(step.expected, salt) != expected_document(then.expected, salt):
            yield step.address, OTHER_STATE
