"""Which names say that a value is secret."""

from __future__ import annotations

import re
from functools import lru_cache

OWN_TOKENS = frozenset({"GITBOOK_TOKEN"})
"""Variables that only gbsync itself reads: no file may name them."""

_WORDS = frozenset({"authorization", "bearer", "jwt", "key", "pwd"})
_ENDINGS = ("apikey", "credential", "passphrase", "passwd", "password", "secret", "token")
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=4096)
def looks_secret(name: str, patterns: tuple[str, ...] = ()) -> bool:
    """Whether a variable or key of this name most likely holds a secret: `SLACK_TOKEN`, `writeKey`."""
    words = {word.lower().removesuffix("s") for word in _SPLIT.findall(name)}
    if any(word in _WORDS or word.endswith(_ENDINGS) for word in words):
        return True
    lower = name.lower()
    return any(pattern.lower() in lower for pattern in patterns)
