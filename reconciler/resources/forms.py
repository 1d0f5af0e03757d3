"""Other forms of one value: what an API that normalises makes of what it was sent."""

from __future__ import annotations

import contextlib
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.resources.values import is_known, reveal

_PORTS = {"http": ":80", "https": ":443"}
_URL = re.compile(r"(?i:(https?))://([^/?#@]*@)?([^/?#@]+)(/[^?#]*)?([?#].*)?")
_LEAST = 3
"""A mask has at least so many signs: `-` and `..` are values that people set."""


def is_form(asked: Any, stored: Any) -> bool:
    """Whether both are one value in other forms: space at its ends, case, a set's order, a number, a URL."""
    asked, stored = reveal(asked), reveal(stored)  # the texts of two masks would always be equal
    # GitBook sorts some lists, and keeps no order that was sent.
    if isinstance(asked, list | tuple) and isinstance(stored, list | tuple):
        return len(asked) == len(stored) and sorted(map(_text, asked)) == sorted(map(_text, stored))
    if not (_is_plain(asked) and _is_plain(stored)):
        return False
    return _text(asked) == _text(stored) or _number(asked, stored) or _url(asked, stored)


def is_mask(value: Any) -> bool:
    """Whether a value that was read is a constant mask: one sign that is no letter or digit, repeated."""
    if not is_known(value):  # a snapshot has masked it: nobody can say what it reads like
        return False
    value = reveal(value)
    return isinstance(value, str) and len(value) >= _LEAST and len(set(value)) == 1 and not value.isalnum()


def _is_plain(value: Any) -> bool:
    # `True` is an `int` in Python, and would equal 1.
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return str(value).strip().replace("\r\n", "\n").casefold()


def _number(asked: Any, stored: Any) -> bool:
    """Whether both are one number: `25` and `"25"`, `1e3` and `1000`."""
    with contextlib.suppress(InvalidOperation):
        return bool(Decimal(str(asked).strip()) == Decimal(str(stored).strip()))
    return False


def _url(asked: Any, stored: Any) -> bool:
    """Whether both are one URL: a slash at its end, the host's case, a port that its scheme implies."""
    one, other = _URL.fullmatch(str(asked).strip()), _URL.fullmatch(str(stored).strip())
    return one is not None and other is not None and _parts(one) == _parts(other)


def _parts(url: re.Match[str]) -> tuple[str, ...]:
    scheme, who, host, path, rest = (part or "" for part in url.groups())
    host = host.lower().removesuffix(_PORTS[scheme.lower()])
    return scheme.lower(), who, host, path.rstrip("/"), rest
