"""An approval ⇄ its document: what people edit and keep where only approvers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import Field

from reconciler.errors import UsageError
from reconciler.plan.approval.approved import Approval, is_for_each
from reconciler.plan.classes import classes
from reconciler.resources.digest import Salt
from reconciler.resources.resource import Address
from reconciler.resources.stored_json import Count, Damaged, StoredModel, Text, Texts, check

if TYPE_CHECKING:
    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import Table

FORMAT: Literal[1] = 1
_AGAIN = "write it again with `gbsync plan --classes`"


class _StoredStep(StoredModel):
    """One step that is approved at its address. Name and value are for people."""

    address: Text
    fingerprint: Text
    name: Text = ""
    value: Text = ""


class _StoredClass(StoredModel):
    """One entry: equal steps with the most that may be carried out, or steps by address."""

    change: Text = ""
    fingerprint: Text = ""
    max: Count = 0
    example: Text = ""
    steps: list[_StoredStep] = Field(default_factory=list)


class _StoredApproval(StoredModel):
    """The whole document."""

    approval: Literal[1]
    endpoint: Text
    organizations: Texts
    commit: Text = ""
    salt: Text
    classes: list[_StoredClass]


class Words(Protocol):
    """Says for people what is approved."""

    def of_class(self, item: StepClass) -> str:
        """What every step of a class does."""
        ...

    def of_step(self, item: StepClass, step: Step) -> dict[str, str]:
        """The `name` of a step, and the `value` that it alone has."""
        ...


def approval_document(plan: Plan, *, commit: str, table: Table, words: Words) -> dict[str, Any]:
    """Everything that the plan would do, one entry for each class; `words` says what each does."""
    return {
        "approval": FORMAT,
        "endpoint": plan.endpoint,
        "organizations": [plan.organization],
        **({"commit": commit} if commit else {}),
        "salt": plan.salt.text,
        "classes": [_entry(item, plan.salt, table, words) for item in classes(plan.steps)],
    }


def _entry(item: StepClass, salt: Salt, table: Table, words: Words) -> dict[str, Any]:
    entry = {"change": words.of_class(item)}
    if is_for_each(item, table):
        prints = item.pairs(salt)
        steps = [
            {"address": str(step.address), **words.of_step(item, step), "fingerprint": prints[step.address]}
            for step in item.steps
        ]
        return {**entry, "steps": steps}
    return {
        **entry,
        "fingerprint": item.fingerprint(salt),
        "max": len(item.steps),
        "example": str(item.first.address),
    }


def load_approval(document: Any, *, name: str, endpoint: str, organization: str) -> Approval:
    """The approval of a document. Raises `UsageError` for a damaged one, and for one of somewhere else."""
    try:
        stored = check(_StoredApproval, document)
        approval = _approval(stored)
    except Damaged as error:
        msg = f"{name}: is no approval that can be read ({error}); {_AGAIN}"
        raise UsageError(msg) from None
    if approval.endpoint.rstrip("/") != endpoint.rstrip("/"):
        msg = f"{name}: approves changes at {approval.endpoint}, not at {endpoint}; {_AGAIN} there"
        raise UsageError(msg)
    if organization not in approval.organizations:
        others = ", ".join(approval.organizations) or "no organization"
        msg = f"{name}: approves changes of {others}, not of {organization}; {_AGAIN} for it"
        raise UsageError(msg)
    return approval


def _approval(stored: _StoredApproval) -> Approval:
    limits: dict[str, int] = {}
    steps: dict[Address, str] = {}
    for item in stored.classes:
        own = {Address(step.address): step.fingerprint for step in item.steps}
        if item.fingerprint in limits or len(own) < len(item.steps) or not steps.keys().isdisjoint(own):
            msg = "two entries approve the same"
            raise Damaged(msg)
        if bool(item.fingerprint) == bool(item.steps):
            msg = "an entry has either a `fingerprint` or `steps`"
            raise Damaged(msg)
        if item.fingerprint:
            limits[item.fingerprint] = item.max
        steps |= own
    return Approval(stored.endpoint, stored.organizations, stored.commit, Salt(stored.salt), limits, steps)
