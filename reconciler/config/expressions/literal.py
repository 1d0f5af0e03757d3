"""JSON values as they must be written in a file: what looks like an expression is escaped."""

from __future__ import annotations

import math
from typing import Any

from reconciler.config.expressions.fill import FILE
from reconciler.config.expressions.template import has_expression, pieces

DEPTH_MAX = 32
_TOO_LARGE = 10**400
MERGE = "<<"


class Inexpressible(ValueError):
    """This value cannot be written in a file."""


def literal(value: Any, *, nulls: bool = False, depth: int = 0) -> Any:
    """The value of a field or key as it must stand in a file to be read as this one. Raises `Inexpressible`.

    `nulls`: whether null may stand inside of it.
    """
    if depth > DEPTH_MAX:
        raise Inexpressible
    match value:
        case str():
            return _text(value)
        case dict():
            return _mapping(value, nulls=nulls, depth=depth)
        case list() | tuple():
            return [literal(item, nulls=nulls, depth=depth + 1) for item in value]
        case bool() | int() | float():
            return _number(value)
    if value is None and nulls:
        return None
    raise Inexpressible


def is_key(text: str) -> bool:
    """Whether the text can be a key of a mapping: no expression, no merge, and characters that UTF-8 has."""
    if text == MERGE or (has_expression(text) and pieces(text) != (text,)):
        return False
    return _is_encodable(text)


def _text(text: str) -> str:
    escaped = text.replace("${{", "$${{")
    if not _is_encodable(text) or pieces(escaped) != (text,):
        raise Inexpressible
    return escaped


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mapping(value: dict[Any, Any], *, nulls: bool, depth: int) -> dict[str, Any]:
    names_file = len(value) == 1 and FILE in value and not isinstance(value[FILE], dict)
    if names_file or not all(isinstance(key, str) and is_key(key) for key in value):
        raise Inexpressible
    return {key: literal(item, nulls=nulls, depth=depth + 1) for key, item in value.items()}


def _number(value: float) -> float:
    too_long = abs(value) >= _TOO_LARGE if isinstance(value, int) else not math.isfinite(value)
    if too_long:
        raise Inexpressible
    return value
