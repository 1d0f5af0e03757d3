"""Text for an output whose encoding lacks some characters: a Windows pipe, `PYTHONIOENCODING=ascii`."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SUBSTITUTES: Final = str.maketrans(
    {
        **dict.fromkeys("─━═╌╍┄┅┈┉╴╶╸╺", "-"),
        **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬╭╮╰╯╞╪╡┡╇┩", "+"),
        **dict.fromkeys("‘’‚‹›", "'"),  # noqa: RUF001 - what people type
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),  # noqa: RUF001 - what people type
        **dict.fromkeys("█▓▒░", "#"),
        "→": "->",
        "←": "<-",
        "⇒": "=>",
        "·": ".",
        "•": "*",
        "×": "x",  # noqa: RUF001 - what people type
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "✓": "+",
        "✔": "+",
        "✗": "x",
        "✘": "x",
    }
)
"""Substitutes for characters that an encoding lacks."""


def fit_document(text: str, form: str, charset: str) -> str:
    """The text in characters that the encoding has. If its format has escapes, it stays the same document."""
    if _can_encode(text, charset) and (form not in _DOCUMENTS or text.isascii() or is_unicode(charset)):
        return text
    escape = _ESCAPES.get(form)
    if escape is None:
        return fit_text(text, charset)
    return "".join(character if character.isascii() else escape(character) for character in text)


def fit_text(text: str, charset: str) -> str:
    """The text with substitutes for what the encoding lacks: `-`, `"`, `e` for `é`; else `?`."""
    return text if _can_encode(text, charset) else "".join(_substitutes(text, charset))


def _substitutes(text: str, charset: str) -> Iterator[str]:
    for character in text:
        if _can_encode(character, charset):
            yield character
            continue
        like = character.translate(_SUBSTITUTES)
        if like == character:
            letters = unicodedata.normalize("NFKD", character)
            like = "".join(letter for letter in letters if not unicodedata.combining(letter))
        yield like if like and _can_encode(like, charset) else "?"


def _can_encode(text: str, charset: str) -> bool:
    """Whether the encoding has every character of the text."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def is_unicode(charset: str) -> bool:
    """Whether the encoding has every character."""
    return codecs.lookup(charset).name.startswith("utf")


def _in_json(character: str) -> str:
    data = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at : at + 2].hex()}" for at in range(0, len(data), 2))


def _in_yaml(character: str) -> str:
    return f"\\u{ord(character):04X}" if ord(character) <= _LAST_OF_PLANE else f"\\U{ord(character):08X}"


def _in_html(character: str) -> str:
    return f"&#{ord(character)};"


def _in_mermaid(character: str) -> str:
    return f"#{ord(character)};"


_LAST_OF_PLANE = 0xFFFF
_ESCAPES: Final[Mapping[str, Callable[[str], str]]] = {
    "json": _in_json,
    "yaml": _in_yaml,
    "html": _in_html,
    "junit": _in_html,
    "markdown": _in_html,
    "dot": _in_html,
    "mermaid": _in_mermaid,
}
"""Forms that can write any character in ASCII."""
_DOCUMENTS: Final = ("json", "yaml", "html", "junit")
"""Formats that are read as UTF-8: for another encoding they are written in ASCII."""
