"""Digests: enough to know that a value changed, not enough to know the value."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reconciler.value import canonical, has_secret

SLOW = "scrypt:"
"""How the digest of a secret begins."""
_COST = 2**14
"""Of scrypt, with blocks of 8: 16 MB and some 30 ms for each, three seconds for a hundred."""
_BYTES = 24


@dataclass(frozen=True, slots=True)
class Digest:
    """A value that is known by its digest alone, as a saved plan or a lock remembers it."""

    text: str

    def __repr__(self) -> str:
        return "(digest)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Salt:
    """The salt of one file. A strong secret cannot be found from its digest; a guessable one can."""

    text: str = field(default_factory=lambda: secrets.token_hex(16))

    def digest(self, value: Any, *, secret: bool = False) -> str:
        """`sha256:…` of a plain value; `scrypt:…` where a secret stands in it, once per value and run."""
        if secret or has_secret(value):
            return f"{SLOW}{_slow(canonical(value), self.text)}"
        return f"sha256:{hashlib.sha256(canonical(value).encode()).hexdigest()[:_BYTES]}"

    def matches(self, value: Any, digest: str) -> bool:
        """Whether the value has this digest."""
        found = self.digest(value, secret=digest.startswith(SLOW))
        return secrets.compare_digest(_bytes(found), _bytes(digest))


@lru_cache(maxsize=4096)
def _slow(text: str, salt: str) -> str:
    raw = hashlib.scrypt(_bytes(text), salt=_bytes(salt), n=_COST, r=8, p=1, dklen=_BYTES)
    return raw.hex()


def _bytes(text: str) -> bytes:
    """The bytes of any text, of one with half a character in it too."""
    return text.encode(errors="surrogatepass")
