"""One finding: the value of a switch, or why none can be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float
NOT_SEEN = "the answers did not show it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the API does. `note` has numbers, statuses and names of the API's own fields, and nothing else."""

    value: Value | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the table: a switch, what is asked, and how the evidence of a step answers it."""

    switch: str
    asks: str
    """What the API does: a sentence that the value completes."""
    step: str
    """The step whose evidence answers it."""
    conclude: Callable[[Any], Finding]


def unknown(note: str = NOT_SEEN) -> Finding:
    """No value, and why."""
    return Finding(None, note)
