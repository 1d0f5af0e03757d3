"""Text from outside, made safe to show: what could act on a screen or a CI runner is spelled out."""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 4
"""Combining marks in a row that a real script may need; more of them paint over the lines around."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Unicode calls these letters or symbols, but they show as nothing."""
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))
"""Variation selectors, which can hide a text inside another. U+FE0F is left out, because emoji need it."""
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)


class _Visible(dict[int, str]):
    """A `str.translate` table that is filled with each character when it first occurs."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if is_visible(char) else escape(char)
        return self[code]


def is_visible(char: str) -> bool:
    """Whether a reader can see the character and tell what it is."""
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
    """The text as one line in which control, direction-changing and invisible characters are spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return _calm(text.translate(_VISIBLE))


def quoted(text: str) -> str:
    """The text in quotes, so that spaces at its ends are visible and nobody takes it for a word of gbsync."""
    return '"' + clean(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _calm(text: str) -> str:
    """The text with combining marks beyond the first few spelled out."""
    if not any(map(unicodedata.combining, text)):
        return text
    run, out = 0, []
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        out.append(escape(char) if run > MOST_MARKS else char)
    return "".join(out)


def inert(text: str) -> str:
    r"""The output with a backslash in what a CI runner would take for a command: `::error`, `##[group]`."""
    return _COMMAND.sub(lambda match: f"{match[1] or ''}\\:" if match[0].endswith(":") else "#\\", text)
