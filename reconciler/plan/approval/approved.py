"""What people have approved, by class and by address, and which steps of a plan that covers. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciler.plan.classes import Form, fingerprint
from reconciler.plan.step import Action
from reconciler.resources.digest import Salt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address

NOT_APPROVED = "nobody has approved it"
CHANGED = "it is not what was approved for this address"


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval as its file says it."""

    endpoint: str
    organizations: tuple[str, ...]
    commit: str = ""
    """The commit of the files that it was made from; empty where they were in none."""
    salt: Salt = field(default_factory=Salt)
    """Of its fingerprints."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """By fingerprint, how many steps may be carried out."""
    steps: Mapping[Address, str] = field(default_factory=dict)
    """By address, the fingerprint of the one step that may be carried out there."""


def is_for_each(item: StepClass, table: Table) -> bool:
    """Whether the class is approved address by address.

    A deletion and a publish cannot be undone by another apply. Where every step has a value of its own, and
    where there is only one step, the class says no more than the addresses do.
    """
    return _by_address(item.first, table) or item.form is not Form.EQUAL


def unapproved(plan: Plan, approval: Approval, *, table: Table) -> dict[Address, str]:
    """The steps of the plan that the approval does not cover, each with the reason."""
    used: Counter[str] = Counter()
    reasons: dict[Address, str] = {}
    for step in plan.steps:
        own, approved = fingerprint(step, approval.salt), approval.steps.get(step.address)
        if approved == own:
            continue
        if approved is not None:
            reasons[step.address] = CHANGED
        elif own not in approval.classes or _by_address(step, table):
            reasons[step.address] = NOT_APPROVED
        else:
            used[own] += 1
            if used[own] > approval.classes[own]:
                reasons[step.address] = (
                    f"its class is approved for {approval.classes[own]:,} and not for more"
                )
    return reasons


def _by_address(step: Step, table: Table) -> bool:
    return step.action is Action.DELETE or table[step.address.kind].writing.mode == "whole"
