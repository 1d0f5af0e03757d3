"""Text from outside as data: whatever could act on a reader's screen is made visible, nothing is dropped."""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 4
"""Combining marks in a row that some script needs; more only paint over the neighbours."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols by category, nothing to the eye."""
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))
"""Variation selectors, all but the one that emoji need: they can hide text within text."""
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
    return _COMMAND.sub(lambda match: f"{match[1] or ''}\\:" if match[0].endswith(":") else "#\\", text)
