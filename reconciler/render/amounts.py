"""Numbers and times for people."""

from __future__ import annotations

from math import ceil


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 step`, `5,000 steps`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def duration(seconds: float) -> str:
    """The time in one unit, rounded up: `2 s`, `9 min`, `3 h`."""
    for limit, unit, name in ((90, 1, "s"), (90 * 60, 60, "min")):
        if seconds <= limit:
            return f"{max(1, ceil(seconds / unit))} {name}"
    return f"{ceil(seconds / 3600)} h"
