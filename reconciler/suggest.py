"""Near misses: which known name a misspelt one was most likely meant to be."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CUTOFF = 0.75
"""How alike two names must be, from 0 to 1: `slcak` and `slack` are, `slack` and `stack-x` are not."""
_NAME_MAX = 200
"""Characters of a name: comparing takes time quadratic in them."""
_KNOWN_MAX = 2000
"""Known names that are compared: each takes a while."""


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, upper and lower case alike; `None` if none is like it."""
    names = [*islice(known, _KNOWN_MAX)] if len(name) <= _NAME_MAX else []
    by_lower = {item.lower(): item for item in names}
    near_miss = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=_CUTOFF)
    return by_lower[near_miss[0]] if near_miss else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Advice: the near miss as a question, else the other advice."""
    near_miss = near(name, known)
    return f"did you mean `{near_miss}`?" if near_miss else otherwise
