"""What happens while a plan is applied, reported as it happens: to a progress line or an events file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.apply.report import Result
    from reconciler.plan.step import Action
    from reconciler.resources.resource import Address


class Phase(StrEnum):
    """Which moment of a step an event is about."""

    START = "start"
    SEND = "send"
    """A write is about to be sent. If the process ends now, nobody knows whether it was carried out."""
    SENT = "sent"
    """The answer to the write has arrived."""
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
    """For SEND of a write: the names of the keys in the live object that the step does not declare."""
    result: Result | None = None
    """For END: how the step ended."""


def unobserved(_event: StepEvent) -> None:
    """For runs that nobody observes."""
