"""Digests: they tell that a value has changed, not what it is. And the checksum of stored documents."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from reconciler.resources.values import canonical, has_secret, has_strong_secret

SLOW = "scrypt:"
"""How the digest of a declared secret begins."""
MASKED = "masked:"
"""How the digest begins of a value that is masked by its name or shape alone: salted, and cheap to make."""
PLAIN = "sha256:"
_COST = 2**14
"""The `n` of scrypt, with blocks of 8: 16 MB and about 30 ms for each secret, three seconds for a hundred."""
_BYTES = 24


@dataclass(frozen=True, slots=True)
class Digest:
    """A value of which only the digest is known: a saved plan and the lock keep no more of it."""

    text: str

    def __repr__(self) -> str:
        return "(digest)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Salt:
    """The salt of one file. Whoever has the file can try guesses, so a weak secret can be found from it."""

    text: str = field(default_factory=lambda: secrets.token_hex(16))

    def digest(self, value: Any, *, secret: bool = False) -> str:
        """`sha256:…` of a plain value, `masked:…` of one that is only masked, `scrypt:…` of a secret.

        A slow one is derived once per value and run. `masked:…` is salted because the value may be a secret.
        """
        if secret or has_strong_secret(value):
            return f"{SLOW}{_slow(canonical(value), self.text)}"
        return f"{MASKED}{self._salted(value)}" if has_secret(value) else f"{PLAIN}{_fast(canonical(value))}"

    def matches(self, value: Any, digest: str) -> bool:
        """Whether the value has this digest, whatever was known of it when the digest was made."""
        if digest.startswith(MASKED):
            again = f"{MASKED}{self._salted(value)}"
        elif digest.startswith(SLOW):
            again = self.digest(value, secret=True)
        else:
            again = f"{PLAIN}{_fast(canonical(value))}"
        return secrets.compare_digest(_bytes(again), _bytes(digest))

    def _salted(self, value: Any) -> str:
        return _fast(f"{self.text}\n{canonical(value)}")


def checksum(document: Any) -> str:
    """One text for equal JSON documents: a guard against accidents. Whoever forges one can compute it too.

    1 and 1.0 differ here, unlike in `Salt.digest`: as `max_deletes` of a plan, one is a count, one a share.
    """
    return f"{PLAIN}{_fast(json.dumps(document, sort_keys=True, separators=(',', ':')))}"


def is_masked(digest: str) -> bool:
    """Whether it is the digest of a value that is never shown."""
    return digest.startswith((SLOW, MASKED))


def _fast(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()[:_BYTES]


@lru_cache(maxsize=4096)
def _slow(text: str, salt: str) -> str:
    raw = hashlib.scrypt(_bytes(text), salt=_bytes(salt), n=_COST, r=8, p=1, dklen=_BYTES)
    return raw.hex()


def _bytes(text: str) -> bytes:
    """The bytes of any text. JSON may hold half of a UTF-16 pair, for which UTF-8 has no bytes."""
    return text.encode(errors="surrogatepass")
