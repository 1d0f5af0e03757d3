"""Text from outside as data: whatever could act on a reader's screen is made visible, nothing is dropped."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate
from math import ceil

MOST_MARKS = 4
"""Combining marks in a row that some script needs; more only paint over the neighbours."""
ELLIPSIS = "…"

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols by category, nothing to the eye."""
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))
"""Variation selectors, all but the one that emoji need: they can hide text within text."""
_TWO_COLUMNS = ("W", "F")
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)


class _Visible(dict[int, str]):
    """A `str.translate` table that decides about each character once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if is_visible(char) else escape(char)
        return self[code]


def is_visible(char: str) -> bool:
    """Whether a reader sees the character for what it is."""
    if not char.isprintable() or char in _BLANK:
        return False
    return not any(ord(char) in selectors for selectors in _SELECTORS)


def escape(char: str) -> str:
    r"""The character as people write it in a program: `\n`, `\x1b`, `\u202e`, `\U000e0041`."""
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code <= 0xFF:  # noqa: PLR2004 - two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - four digits


_VISIBLE = _Visible()


def clean(text: str) -> str:
    """One line that only shows: controls, escapes, overrides and invisible characters are spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return _calm(text.translate(_VISIBLE))


def quoted(text: str) -> str:
    """The text in quotes, so that spaces at its ends show and it cannot be taken for a word of ours."""
    return '"' + clean(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _calm(text: str) -> str:
    """Spells out combining marks that pile up."""
    if not any(map(unicodedata.combining, text)):
        return text
    run, out = 0, []
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        out.append(escape(char) if run > MOST_MARKS else char)
    return "".join(out)


def inert(text: str) -> str:
    r"""Output in which no line is a command to a CI runner: `::error` and `##[group]` get a backslash."""
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\:" if found[0].endswith(":") else "#\\", text)


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _TWO_COLUMNS else 1


def columns(text: str) -> int:
    """How many columns a terminal needs for it."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis, in at most `width` columns."""
    if columns(text) <= width:
        return text
    used = accumulate(map(_columns_of, text))
    end = next(index for index, taken in enumerate(used) if taken >= width)
    return text[:end] + ELLIPSIS


def squeezed(text: str, width: int) -> str:
    """The text, or its beginning, an ellipsis and its end, in at most `width` columns."""
    if columns(text) <= width:
        return text
    room = width // 2
    used = accumulate(map(_columns_of, reversed(text)))
    end = sum(taken <= room for taken in used)
    return cut(text, width - room) + text[len(text) - end :]


def pad(text: str, width: int) -> str:
    """The text followed by as many spaces as fill the width."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces; a longer word has a line of its own."""
    lines = [""]
    for word in text.split(" "):
        grown = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and columns(grown) > width:
            lines.append(word)
        else:
            lines[-1] = grown
    return lines


def chop(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` columns, wherever that cuts."""
    pieces, rest = [], text
    while columns(rest) > width:
        piece = cut(rest, width + 1)[:-1]
        pieces.append(piece)
        rest = rest[len(piece) :]
    return [*pieces, rest]


def fold(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns that keep the indent; a word that is longer is cut into pieces."""
    indent = " " * min(len(text) - len(text.lstrip(" ")), width // 2)
    room = width - len(indent)
    return [indent + piece for line in wrap(text.lstrip(" "), room) for piece in chop(line, room)]


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 step`, `5,000 steps`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def duration(seconds: float) -> str:
    """A time for people, in one unit, rounded up: `2 s`, `9 min`, `3 h`."""
    for limit, unit, name in ((90, 1, "s"), (90 * 60, 60, "min")):
        if seconds <= limit:
            return f"{max(1, ceil(seconds / unit))} {name}"
    return f"{ceil(seconds / 3600)} h"
