"""The document of a saved plan as models: what a reader of the file finds where, and of which type it is.

Nothing stands twice. What people and policy tools are shown (`resource_changes`, `gbsync`) is also what apply
reads: which object, which action, in which order. `gbsync.apply` adds what is not shown: the values that are
masked there, what each step expects to find, and what the lock says afterwards.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from reconciler.diagnostics import Place, Problem, Severity
from reconciler.lock.document import StoredEntry
from reconciler.plan.expected import Identity
from reconciler.plan.step import Action, Reason
from reconciler.resources.stored_json import Count, Number, StoredModel, Text, Texts
from reconciler.resources.values import ABSENT

FORMAT: Literal[2] = 2
"""Of `gbsync.apply`. In format 1 the steps stood twice, and `gbsync.apply` had a checksum of its own."""

# JSON has texts where Python has members of an enumeration.
_Action = Annotated[Action, Strict(strict=False)]
_Reason = Annotated[Reason, Strict(strict=False)]
_Severity = Annotated[Severity, Strict(strict=False)]
_Path = Annotated[tuple[Text, ...], Strict(strict=False), Field(min_length=1)]
_SecretField = Annotated[tuple[Text, Text, Text], Strict(strict=False)]


class _Shown(StoredModel, extra="ignore"):
    """A part that is there for people and their tools: apply reads some of it, and passes over the rest."""


class ShownPlace(_Shown):
    """Where something stands in a file."""

    file: Text
    line: int
    column: int
    selector: Text = ""

    def place(self) -> Place:
        """The place that it names."""
        return Place(self.file, self.line, self.column, self.selector)


class ShownChange(_Shown):
    """One field that differs. Its values are masked here; `StoredChange` has them."""

    path: _Path
    place: ShownPlace | None
    unknown: bool = False


class ShownStep(_Shown):
    """What only gbsync says of a step."""

    label: Text
    place: ShownPlace | None
    requests: Count
    sends: bool
    needs: Texts
    changes: list[ShownChange]


class ShownAction(_Shown):
    """Terraform's `change`; its list of actions holds exactly one."""

    actions: Annotated[tuple[_Action], Strict(strict=False)]


class ResourceChange(_Shown):
    """A step in Terraform's shape."""

    address: Text
    change: ShownAction
    action_reason: _Reason = Reason.NONE
    gbsync: ShownStep


class ShownNotice(_Shown):
    """A notice beside the steps."""

    address: Text
    label: Text
    path: Texts
    note: Text
    link: Text


class ShownProblem(_Shown):
    """A warning of the files."""

    rule: Text
    message: Text
    advice: Text
    place: ShownPlace | None
    address: Text
    severity: _Severity
    also: list[ShownPlace]

    def problem(self) -> Problem:
        """The problem that it describes."""
        return Problem(
            rule=self.rule,
            message=self.message,
            advice=self.advice,
            place=self.place.place() if self.place else None,
            address=self.address,
            severity=self.severity,
            also=tuple(place.place() for place in self.also),
        )


class ShownRequests(_Shown):
    """How many requests the plan took, and how many a second GitBook allows."""

    plan: Count
    rate: Number | None


class ShownResources(_Shown):
    """How many resources there are."""

    declared: Count
    live: Count


class StoredLimits(StoredModel):
    """What the files allow."""

    max_deletes: Number
    protect: Texts
    silent: Texts


class StoredLock(StoredModel):
    """The lock that the plan was made from."""

    stamp: Text
    name: Text


class StoredChange(StoredModel):
    """The values of one change, as `values.pack` writes them."""

    before: Any
    after: Any


class StoredIdentity(StoredModel):
    """Which object a step is about; a part that it does not depend on is left out."""

    id: Text | None = None
    parent: Text | None = None
    version: int | None = None

    def identity(self) -> Identity:
        """The identity that it describes. A version of `null` says that the server told none."""
        version = self.version if "version" in self.model_fields_set else ABSENT
        return Identity(self.id, self.parent, version)


class StoredExpected(StoredModel):
    """What a step expects: which object it is, its fields, and for a deletion the names of all other keys."""

    identity: StoredIdentity
    fields: dict[Text, Any]
    other_keys: Texts | None


class StoredStep(StoredModel):
    """What a step decides on and what it sends."""

    changes: list[StoredChange]
    expected: StoredExpected
    desired: dict[Text, Any]
    left_out: Texts = ()


class StoredApply(StoredModel):
    """What only apply needs."""

    format: Literal[2]
    salt: Text
    lock: StoredLock
    limits: StoredLimits
    mask: Texts
    secret_fields: list[_SecretField]
    pages: Count = 0
    closing: Count
    forget: Texts
    labels: dict[Text, Text]
    lock_entries: dict[Text, StoredEntry]
    steps: dict[Text, StoredStep]
    """By address. Their order is that of `resource_changes`."""


class Review(_Shown):
    """What Terraform's shape has no place for."""

    organization: Text
    endpoint: Text
    requests: ShownRequests
    resources: ShownResources
    partial: bool
    destroy: bool
    snapshot: bool
    notes: Texts
    problems: list[ShownProblem]
    pending: list[ShownNotice]
    uncompared: list[ShownNotice]
    forgotten: list[ShownNotice]
    declared_in_unread_file: list[ShownNotice]
    unmanaged: list[ShownNotice]
    apply: StoredApply


class StoredPlan(_Shown):
    """The whole document."""

    resource_changes: list[ResourceChange]
    gbsync: Review
