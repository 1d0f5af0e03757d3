"""Text for an output whose encoding lacks some of its signs: a Windows pipe, `PYTHONIOENCODING=ascii`."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LIKE: Final = str.maketrans(
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
"""What stands for a sign that an encoding lacks."""


def written(text: str, form: str, charset: str) -> str:
    """The text in signs that the encoding has; where its form has escapes, it stays the same document."""
    if _has(text, charset) and (form not in _DOCUMENTS or text.isascii() or is_unicode(charset)):
        return text
    escape = _ESCAPES.get(form)
    if escape is None:
        return fitted(text, charset)
    return "".join(sign if sign.isascii() else escape(sign) for sign in text)


def fitted(text: str, charset: str) -> str:
    """The text with likenesses for what the encoding lacks: lines, quotes, `e` for `é`; else `?`."""
    return text if _has(text, charset) else "".join(_likenesses(text, charset))


def _likenesses(text: str, charset: str) -> Iterator[str]:
    for sign in text:
        if _has(sign, charset):
            yield sign
            continue
        like = sign.translate(_LIKE)
        if like == sign:
            letters = unicodedata.normalize("NFKD", sign)
            like = "".join(letter for letter in letters if not unicodedata.combining(letter))
        yield like if like and _has(like, charset) else "?"


def _has(text: str, charset: str) -> bool:
    """Whether the encoding has every sign of the text."""
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def is_unicode(charset: str) -> bool:
    """Whether the encoding has every sign there is."""
    return codecs.lookup(charset).name.startswith("utf")


def _in_json(sign: str) -> str:
    data = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at : at + 2].hex()}" for at in range(0, len(data), 2))


def _in_yaml(sign: str) -> str:
    return f"\\u{ord(sign):04X}" if ord(sign) <= _LAST_OF_PLANE else f"\\U{ord(sign):08X}"


def _in_html(sign: str) -> str:
    return f"&#{ord(sign)};"


def _in_mermaid(sign: str) -> str:
    return f"#{ord(sign)};"


_LAST_OF_PLANE = 0xFFFF
_ESCAPES: Final[Mapping[str, Callable[[str], str]]] = {
    "json": _in_json,
    "yaml": _in_yaml,
    "html": _in_html,
    "markdown": _in_html,
    "dot": _in_html,
    "mermaid": _in_mermaid,
}
"""Forms that can write any sign in ASCII."""
_DOCUMENTS: Final = ("json", "yaml", "html")
"""Forms that are read as UTF-8: in another encoding they are ASCII, so that both readings are right."""
