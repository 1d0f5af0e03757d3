"""How far the writing of a step has come, and the results of steps that do not end well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome, Result
from reconciler.errors import BadReply, Limited, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.errors import ApiError
    from reconciler.plan.conflict import Conflict
    from reconciler.plan.step import Step
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Resource

ATTEMPTS = 5
UNANSWERED = (Unavailable, BadReply)
"""What a write ends with that may have been carried out all the same: no answer, or none that makes sense."""


class Tries:
    """Attempts at a write, at most `ATTEMPTS`; one that the rate limit refused does not count."""

    def __init__(self) -> None:
        self._left = ATTEMPTS

    def __iter__(self) -> Iterator[int]:
        """The number of each attempt."""
        while self._left:
            self._left -= 1
            yield ATTEMPTS - self._left

    def failed(self, error: ApiError) -> None:
        """Takes in how an attempt ended."""
        self._left += isinstance(error, Limited)


@dataclass(slots=True)
class WriteProgress:
    """How far the writing of one step has come."""

    created: bool
    """Whether this very step has created the object."""
    read: Resource | None = None
    """The object as the reply to its POST shows it: as good as a read, for the first write."""
    number: int = 0
    sent: bool = False
    nulls: tuple[str, ...] = ()
    """Keys that the last write left out and that are still there: they are sent as explicit nulls."""
    uncertain: str = ""
    """Why nobody knows whether the last write was carried out; empty where that is known."""

    @property
    def outcome(self) -> Outcome:
        """How the step ends where a read shows that nothing is left to do."""
        return Outcome.DONE if self.created or self.nulls or self.uncertain else Outcome.ALREADY


def in_conflict(step: Step, conflicts: tuple[Conflict, ...]) -> Result:
    """The step failed: what it expected is not so any more. Nothing was written over it."""
    names = ", ".join(conflict.name for conflict in conflicts)
    return Result(
        step, Outcome.FAILED, f"changed since it was planned: {names}; plan again", conflicts=conflicts
    )


def masked(kind: Kind, keys: tuple[str, ...]) -> str:
    """Why nothing is sent: the API shows a mask for an undeclared value, and a write would store the mask."""
    names = ", ".join(f"{kind.keyed}.{key}" for key in keys)
    why = "a write would put the mask over what is really there"
    return f"{names} is not declared and reads back as a mask: {why}; declare it with its value"


def null_refused(kind: Kind, keys: tuple[str, ...], error: ApiError) -> str:
    """Why keys are still there: the API keeps what a write leaves out, and takes no null for it either."""
    names = ", ".join(f"{kind.keyed}.{key}" for key in keys)
    return (
        f"{names} cannot be removed: the API keeps a key that is left out, and refuses null for it "
        f"({error.message}); set it to another value, or take the null out of the file and clear it in "
        "the app"
    )


def refused(names: tuple[str, ...]) -> str:
    """Why a write failed although the API answered it: the reply shows other values than were sent."""
    return f"the API answered, but did not take {', '.join(names)}; look at it in the app, or plan again"


def unsure(step: Step, conflicts: tuple[Conflict, ...]) -> Result:
    """A write got no answer, and the object is now neither as before nor as asked for."""
    names = ", ".join(conflict.name for conflict in conflicts)
    message = (
        f"a write got no answer and may have been made, and {names} changed meanwhile; plan again to see"
    )
    return Result(step, Outcome.UNKNOWN, message, conflicts=conflicts)
