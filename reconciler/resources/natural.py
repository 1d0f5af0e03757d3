"""The order that people expect of names: `site-2` before `site-10`."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([0-9]+)")


def natural(text: str) -> tuple[tuple[str | tuple[int, str], ...], str]:
    """A sort key: digits count as numbers, capitals do not matter, and different texts are never equal."""
    # Every second part is a number, so a text is never compared with a number.
    parts = _NUMBER.split(text.casefold())
    return tuple(_size(part) if index % 2 else part for index, part in enumerate(parts)), text


def _size(digits: str) -> tuple[int, str]:
    """What orders numbers of any length. `int` refuses those of more than 4,300 digits."""
    significant = digits.lstrip("0")
    return len(significant), significant
