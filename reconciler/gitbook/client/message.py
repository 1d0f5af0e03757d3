"""What a server says about an error, as one line without any secret in it."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from reconciler.resources.values import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHORTEST = 8
"""A secret of fewer characters cannot be cut out: too many innocent words would be cut out with it."""
LONGEST = 300
LOOKED_AT = 4000
"""Only so many characters of a message are read: a server may send megabytes of HTML."""
DEPTH = 2
"""How many encodings are undone, one within the other: 2 finds a secret in base64 that is within JSON."""
WITHHELD = "(its message is withheld: it may hold a part of a secret that was sent)"
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{11,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))")
_BYTES = re.compile(r"(?:\\+x[0-9a-fA-F]{2})+")
_LATIN = re.compile("[\x80-\xff]+")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""How UTF-16, and so JSON, writes one character outside the basic plane: 🐎."""
_LOW = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
"""Lower case for ASCII alone: the text keeps its length."""


class SecretScrubber:
    """Cuts the secrets that a client has sent or read out of whatever a server says.

    A validator repeats the value that it refuses, in an encoding of its own.
    """

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._parts: set[str] = set()

    def scrubbed(self, text: str, *, withheld: bool = False) -> str:
        """What a server says, on one short line; when `withheld`, only that it said something."""
        line = one_line(text)[:LOOKED_AT]
        if withheld:
            return WITHHELD if line else ""
        return self._cut(line)[:LONGEST]

    def add(self, secret: str) -> bool:
        """Cuts this secret out from now on. False when it is too short for that, and not empty."""
        if secret in self._secrets:
            return True
        parts = _parts(secret)
        if not parts:
            return not secret
        self._secrets.add(secret)
        self._parts |= parts.union(*map(_parts, _spellings(secret)))
        return True

    def _cut(self, text: str) -> str:
        """The text without any secret in any of its spellings; withheld when a part of one is still there."""
        if not self._shows(text):
            return text
        for secret in sorted(self._secrets, key=len, reverse=True):
            for spelling in _spellings(secret):
                text = text.replace(spelling, MASK)
        return WITHHELD if self._shows(text) else text

    def _shows(self, text: str) -> bool:
        return not all(self._parts.isdisjoint(_parts(reading)) for reading in _readings(text))


def message_in(content: bytes) -> str:
    """The message in the body of an error, as the server wrote it; empty when there is none."""
    text = content[:100_000].decode("utf-8", errors="replace")
    try:
        return _spoken(json.loads(text))
    except (ValueError, RecursionError):
        return _page_title(text) if "<" in text else text


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    visible = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(visible.split())


def _parts(text: str) -> set[str]:
    """Every run of `SHORTEST` characters, without regard to case, spaces and backslashes.

    A text that shares one with a secret shows a part of the secret.
    """
    bare = one_line(text).casefold().replace(" ", "").replace("\\", "")
    return {bare[start : start + SHORTEST] for start in range(len(bare) - SHORTEST + 1)}


def _spellings(secret: str) -> set[str]:
    """The secret as a server may repeat it: in JSON, a URL, HTML, a repr, or as UTF-8 read as Latin-1."""
    spellings = {
        one_line(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, errors="replace"),
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
        html.escape(secret),
        repr(secret)[1:-1],
        secret.encode(errors="replace").decode("latin-1"),
    }
    return spellings | {one_line(spelling) for spelling in spellings}


def _readings(text: str) -> set[str]:
    """The text, and every text that it could be an encoding of."""
    readings, newest = {text}, {text}
    for _ in range(DEPTH):
        newest = {decoded for item in newest for read in _READERS for decoded in read(item)} - readings
        readings |= newest
    return readings


def _from_html(text: str) -> Iterator[str]:
    yield html.unescape(text)


def _from_url(text: str) -> Iterator[str]:
    yield unquote(text)
    yield unquote_plus(text)


def _from_escapes(text: str) -> Iterator[str]:
    yield _PAIR.sub(_paired, _ESCAPE.sub(_escaped, text))
    yield re.sub(r"\\[nrtbf]", " ", text)
    yield _BYTES.sub(lambda run: _utf8(bytes.fromhex(re.sub(r"\\+x", "", run[0]))), text)


def _from_latin(text: str) -> Iterator[str]:
    """UTF-8 that somebody took for Latin-1."""
    yield _LATIN.sub(lambda run: _utf8(run[0].encode("latin-1")), text)


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _escaped(match: re.Match[str]) -> str:
    code = int(next(filter(None, match.groups())), 16)
    return chr(code) if code <= sys.maxunicode else match[0]


def _paired(match: re.Match[str]) -> str:
    """The one character that two surrogates stand for."""
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _from_base64(text: str) -> Iterator[str]:
    """Decoded from each of the first four characters: letters before it may look like a part of it."""
    runs = [run.replace("-", "+").replace("_", "/") for run in _BASE64.findall(text)]
    for start in range(4 if runs else 0):
        yield " ".join(_unpacked(run[start:]) for run in runs)


def _unpacked(run: str) -> str:
    whole = run[:-1] if len(run) % 4 == 1 else run
    return base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", errors="replace")


def _from_hex(text: str) -> Iterator[str]:
    for run in _HEX.findall(text):
        yield bytes.fromhex(run).decode("utf-8", errors="replace")


_READERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _from_html,
    _from_url,
    _from_escapes,
    _from_latin,
    _from_base64,
    _from_hex,
)


def _spoken(document: Any) -> str:
    """GitBook says `{"error": {"message"}}`; a proxy may say `{"message"}`, `{"error"}` or anything else."""
    while isinstance(document, dict):
        document = document.get("error") or document.get("message") or document.get("detail") or ""
    return document if isinstance(document, str) else ""


def _page_title(text: str) -> str:
    words = html.unescape(_between(text, "<title", "</title"))
    return f'an HTML page "{words.strip()}"' if words.strip() else "an HTML page"


def _between(text: str, tag: str, end: str) -> str:
    """The content of the first element with this tag. Reads each character once, as a page may be hostile."""
    low = text.translate(_LOW)
    opened = low.find(tag)
    start = low.find(">", opened) + 1 if opened >= 0 else 0
    stop = low.find(end, start) if start else -1
    return text[start:stop] if stop >= 0 else ""
