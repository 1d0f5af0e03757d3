"""What a plain scalar is in YAML 1.2: only `true` and `false` are booleans, and numbers are JSON's."""

from __future__ import annotations

import math
import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(
    r"""(?P<int>[-+]?[0-9]+)
      | (?P<oct>0o[0-7]+)
      | (?P<hex>0x[0-9a-fA-F]+)
      | (?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)
      | (?P<odd>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))""",
    re.VERBOSE,
)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_DIGITS_MAX = 400
_SPECIAL = frozenset("-+.0123456789tTfFnN~")


class NotJson(ValueError):
    """The scalar is a number that JSON does not have."""


class AmbiguousNumber(ValueError):
    """Different YAML readers take the scalar for different numbers, or for text."""


def plain(text: str) -> str | int | float | bool | None:
    """The value of a scalar without quotes. Raises `NotJson` or `Ambiguous`."""
    if text and text[0] not in _SPECIAL:
        return text
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text in NULLS:
        return None
    return text if (number := _NUMBER.fullmatch(text)) is None else _number(text, str(number.lastgroup))


def _number(text: str, form: str) -> int | float:
    if form == "odd" or len(text) > _DIGITS_MAX:
        raise NotJson(text)
    if form == "int":
        if _LEADING_ZERO.fullmatch(text):
            raise AmbiguousNumber(text)
        return int(text)
    if form in {"oct", "hex"}:
        return int(text, 0)
    if math.isinf(number := float(text)):
        raise NotJson(text)
    return number
