"""What happens while a plan is applied, said as it happens: to a progress line, an events file, a test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.apply.report import Result
    from reconciler.plan.step import Action
    from reconciler.resources.resource import Address


class Phase(StrEnum):
    """Which moment of a step an event tells of."""

    START = "start"
    SEND = "send"
    """A write is about to be sent: from here on its fate may be unknown."""
    SENT = "sent"
    """Its answer is known."""
    END = "end"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """One moment of one step."""

    phase: Phase
    address: Address
    action: Action
    call: str = ""
    """For SEND and SENT: `create`, `write` or `delete`."""
    number: int = 0
    """For SEND and SENT: counts the writes of the run."""
    keys: tuple[str, ...] = ()
    """For SEND of a write: the names of keys that others have there, as far as they were seen."""
    result: Result | None = None
    """For END."""


def unobserved(_event: StepEvent) -> None:
    """Nobody listens."""
