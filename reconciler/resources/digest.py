"""Digests: enough to know that a value changed, not enough to know the value."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reconciler.resources.values import canonical, has_secret, has_strong_secret

SLOW = "scrypt:"
"""How the digest of a declared secret begins."""
MASKED = "masked:"
"""How the digest begins of what was masked by its name or shape alone: as cheap as that of any value."""
PLAIN = "sha256:"
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
        """`sha256:…` of a plain value, `masked:…` of one that is only masked, `scrypt:…` of a secret.

        A slow one is derived once per value and run. What is masked is salted, as it is a secret of a sort.
        """
        if secret or has_strong_secret(value):
            return f"{SLOW}{_slow(canonical(value), self.text)}"
        return f"{MASKED}{self._salted(value)}" if has_secret(value) else f"{PLAIN}{_fast(canonical(value))}"

    def matches(self, value: Any, digest: str) -> bool:
        """Whether the value has this digest, whatever was known of it when the digest was made."""
        if digest.startswith(MASKED):
            own = f"{MASKED}{self._salted(value)}"
        elif digest.startswith(SLOW):
            own = self.digest(value, secret=True)
        else:
            own = f"{PLAIN}{_fast(canonical(value))}"
        return secrets.compare_digest(_bytes(own), _bytes(digest))

    def _salted(self, value: Any) -> str:
        return _fast(f"{self.text}\n{canonical(value)}")


def is_masked(digest: str) -> bool:
    """Whether it is the digest of something that nobody is shown."""
    return digest.startswith((SLOW, MASKED))


def _fast(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()[:_BYTES]


@lru_cache(maxsize=4096)
def _slow(text: str, salt: str) -> str:
    raw = hashlib.scrypt(_bytes(text), salt=_bytes(salt), n=_COST, r=8, p=1, dklen=_BYTES)
    return raw.hex()


def _bytes(text: str) -> bytes:
    """The bytes of any text, of one with half a character in it too."""
    return text.encode(errors="surrogatepass")
