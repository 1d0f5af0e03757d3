"""Outcome, Result, Report: what became of each step of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.plan.step import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.step import Notice, Plan, Step
    from reconciler.resources.resource import Address


class Outcome(StrEnum):
    """How a step ended: exactly one of these."""

    DONE = "done"
    ALREADY = "already applied"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """A step and how it ended."""

    step: Step
    outcome: Outcome
    message: str = ""
    """Why, unless it is done; names the field that the API kept or dropped. Holds no secret."""
    because: Address | None = None
    """For a skipped step: the failed one that it depends on."""
    status: str = ""
    """The live status afterwards: `pending` means that a person must finish."""
    link: str = ""
    id: str = ""
    """The server's id of what is there afterwards, as the lock keeps it."""
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Fields and keys that the API keeps in another form than was asked, with that; perhaps secret."""
    conflicts: tuple[tuple[str, object, object, object], ...] = ()
    """For a step whose object moved: field, before, then, now."""


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """All results, in the plan's order, and what it took; nobody wants to read all of that."""

    plan: Plan
    results: tuple[Result, ...]
    requests: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    remaining: Plan | None = None
    """With `--verify`: what a new plan still shows."""
    limited: str = ""
    """Until when the rate limit lets nothing through: steps were skipped for it."""
    unrecorded: str = ""
    """Why the lock or the events file does not have all of it; the next plan finds out from what is live."""

    def count(self, outcome: Outcome, action: Action | None = None) -> int:
        """How many steps ended so (of one action)."""
        return sum(
            result.outcome is outcome and (action is None or result.step.action is action)
            for result in self.results
        )

    @property
    def complete(self) -> bool:
        """Whether every step is done or was already applied, and that is recorded."""
        went_well = all(result.outcome in (Outcome.DONE, Outcome.ALREADY) for result in self.results)
        return went_well and not (self.interrupted or self.unrecorded)

    @property
    def untouched(self) -> bool:
        """Whether nothing at all was written."""
        return all(result.outcome is Outcome.SKIPPED for result in self.results)

    @property
    def pending(self) -> tuple[Result, ...]:
        """Those that wait for a person."""
        return tuple(result for result in self.results if result.status == "pending")

    @property
    def waiting(self) -> tuple[Notice, ...]:
        """What waited for a person already before and was not touched."""
        touched = {result.step.address for result in self.results}
        return tuple(notice for notice in self.plan.pending if notice.address not in touched)

    @property
    def summary(self) -> str:
        """Terraform's line, which tools look for."""
        added, changed, destroyed = (self.count(Outcome.DONE, action) for action in Action)
        head = "Apply complete!" if self.complete else "Apply incomplete!"
        return f"{head} Resources: {added} added, {changed} changed, {destroyed} destroyed."
