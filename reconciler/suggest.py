"""Near misses: what was most likely meant."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CUTOFF = 0.75
_LONGEST = 200
_KNOWN_MAX = 2000
"""Names among which a near miss is looked for: each takes a while."""


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, if any is."""
    names = [*islice(known, _KNOWN_MAX)] if len(name) <= _LONGEST else []
    by_lower = {item.lower(): item for item in names}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=_CUTOFF)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Advice: the near miss as a question, else the other advice."""
    found = near(name, known)
    return f"did you mean `{found}`?" if found else otherwise
