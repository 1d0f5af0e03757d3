"""What a server says about an error, as one line that holds nothing of what it was sent."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from reconciler.value import MASK

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORTEST = 8
"""A secret of fewer characters cannot be cut out: too much else looks like it."""
LONGEST = 300
WITHHELD = "(its message is withheld: it may hold a part of a secret that was sent)"


def server_message(content: bytes, secrets: Sequence[str]) -> str:
    """The message in an error's body, without the secrets; empty if there is none."""
    text = one_line(_message(content))
    if not text or not secrets:
        return text[:LONGEST]
    if any(len(secret) < SHORTEST for secret in secrets):
        return WITHHELD
    return cut(text, secrets)[:LONGEST]


def cut(text: str, secrets: Sequence[str]) -> str:
    """The text with each secret cut out in all its spellings; withheld where a part of one is left."""
    for secret in sorted(secrets, key=len, reverse=True):
        for spelling in {one_line(secret), json.dumps(secret)[1:-1], quote(secret), html.escape(secret)}:
            text = text.replace(spelling, MASK)
    return WITHHELD if any(_shows_part(text, secret) for secret in secrets) else text


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    visible = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(visible.split())


def _shows_part(text: str, secret: str) -> bool:
    plain = (text, text.replace("\\", ""), html.unescape(text), unquote(text))
    windows = (secret[start : start + SHORTEST] for start in range(len(secret) - SHORTEST + 1))
    return any(window in spelling for window in windows for spelling in plain)


def _message(content: bytes) -> str:
    text = content[:100_000].decode("utf-8", errors="replace")
    try:
        return _spoken(json.loads(text))
    except (ValueError, RecursionError):
        return _page_title(text) if "<" in text else text


def _spoken(document: Any) -> str:
    """GitBook says `{"error": {"message"}}`; a proxy may say `{"message"}`, `{"error"}` or anything else."""
    while isinstance(document, dict):
        document = document.get("error") or document.get("message") or document.get("detail") or ""
    return document if isinstance(document, str) else ""


def _page_title(text: str) -> str:
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
    words = html.unescape(title.group(1)) if title else ""
    return f'an HTML page "{words.strip()}"' if words.strip() else "an HTML page"
