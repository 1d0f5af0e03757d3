"""What a command has sent to GitBook, so that its exit code can say so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class WriteCounter:
    """Counted for as long as a command runs."""

    writes: int = 0
    """Requests that may have changed something."""
