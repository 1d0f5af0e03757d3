"""Counts what a command has sent to GitBook: the exit code depends on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class WriteCounter:
    """The count of one command."""

    writes: int = 0
    """Requests that may have changed something."""
