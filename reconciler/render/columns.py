"""The width of text on a terminal: measured, cut, padded and wrapped in columns."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import accumulate

ELLIPSIS = "…"
_TWO_COLUMNS = ("W", "F")


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _TWO_COLUMNS else 1


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def cut(text: str, width: int) -> str:
    """The text, shortened at its end with an ellipsis to at most `width` columns."""
    if columns(text) <= width:
        return text
    used = accumulate(map(_columns_of, text))
    end = next(index for index, taken in enumerate(used) if taken >= width)
    return text[:end] + ELLIPSIS


def squeezed(text: str, width: int) -> str:
    """The text, shortened in its middle with an ellipsis to at most `width` columns."""
    if columns(text) <= width:
        return text
    room = width // 2
    used = accumulate(map(_columns_of, reversed(text)))
    end = sum(taken <= room for taken in used)
    return cut(text, width - room) + text[len(text) - end :]


def pad(text: str, width: int) -> str:
    """The text, filled with spaces at its end up to the width."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces; a longer word gets a line of its own."""
    lines = [""]
    for word in text.split(" "):
        grown = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and columns(grown) > width:
            lines.append(word)
        else:
            lines[-1] = grown
    return lines


def chop(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` columns, cut anywhere."""
    pieces, rest = [], text
    while columns(rest) > width:
        piece = cut(rest, width + 1)[:-1]
        pieces.append(piece)
        rest = rest[len(piece) :]
    return [*pieces, rest]


def fold(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns with its indent; a longer word is cut into pieces."""
    indent = " " * min(len(text) - len(text.lstrip(" ")), width // 2)
    room = width - len(indent)
    return [indent + piece for line in wrap(text.lstrip(" "), room) for piece in chop(line, room)]
