"""How far the writing of a step has come, and what is said where it does not end well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome, Result

if TYPE_CHECKING:
    from reconciler.apply.preconditions import Conflicts
    from reconciler.plan.step import Step
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Resource


@dataclass(slots=True)
class WriteProgress:
    """How far the writing of one step has come."""

    made: bool
    """Whether this very step has made the object."""
    given: Resource | None = None
    """What its POST has answered: as good as a read, for the first write."""
    number: int = 0
    sent: bool = False
    nulls: tuple[str, ...] = ()
    """Keys that the last write should have removed, and did not."""
    uncertain: str = ""
    """Why nobody knows whether the last write was made."""

    @property
    def outcome(self) -> Outcome:
        """What it means that nothing is left to do."""
        return Outcome.DONE if self.made or self.nulls or self.uncertain else Outcome.ALREADY


def in_conflict(step: Step, conflicts: Conflicts) -> Result:
    """The step failed: what it decided on is not so any more."""
    names = ", ".join(name for name, *_ in conflicts)
    return Result(
        step, Outcome.FAILED, f"changed since it was planned: {names}; plan again", conflicts=conflicts
    )


def masked(kind: Kind, keys: tuple[str, ...]) -> str:
    """Why nothing is sent: an undeclared value cannot be read, and a write would replace it."""
    names = ", ".join(f"{kind.keyed}.{key}" for key in keys)
    why = "a write would put the mask over what is really there"
    return f"{names} is not declared and reads back as a mask: {why}; declare it with its value"


def refused(names: tuple[str, ...]) -> str:
    """Why a write that was answered has failed."""
    return f"the API answered, but did not take {', '.join(names)}; look at it in the app, or plan again"


def unsure(step: Step, conflicts: Conflicts) -> Result:
    """A write got no answer, and what is there now is neither as before nor as asked for."""
    names = ", ".join(name for name, *_ in conflicts)
    message = (
        f"a write got no answer and may have been made, and {names} changed meanwhile; plan again to see"
    )
    return Result(step, Outcome.UNKNOWN, message, conflicts=conflicts)
