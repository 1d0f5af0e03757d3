"""Reads parts of a JSON document that anybody may have edited, and checks the type of each."""

from __future__ import annotations

import math
from typing import Any


class Damaged(ValueError):
    """A part is missing or of the wrong type; the message names it."""


def part(owner: Any, name: str, *types: type) -> Any:
    """The part of this name, of one of these types if there are some. Raises `Damaged`."""
    if not isinstance(owner, dict):
        msg = f"there is no object in which `{name}` could stand"
        raise Damaged(msg)
    if name not in owner:
        msg = f"`{name}` is missing"
        raise Damaged(msg)
    return of_type(owner[name], name, *types) if types else owner[name]


def of_type(value: Any, name: str, *types: type) -> Any:
    """The value, if it has one of these types; a boolean is no number. Raises `Damaged`."""
    fits = isinstance(value, types) and (not isinstance(value, bool) or bool in types)
    if not fits or (isinstance(value, float) and not math.isfinite(value)):
        msg = f"`{name}` is of another type"
        raise Damaged(msg)
    return value


def text(owner: Any, name: str) -> str:
    """A text. Raises `Damaged`."""
    return str(part(owner, name, str))


def flag(owner: Any, name: str) -> bool:
    """A boolean. Raises `Damaged`."""
    return bool(part(owner, name, bool))


def count(owner: Any, name: str) -> int:
    """A number of things. Raises `Damaged`."""
    number: int = part(owner, name, int)
    if number < 0:
        msg = f"`{name}` is negative"
        raise Damaged(msg)
    return number


def items(owner: Any, name: str) -> list[Any]:
    """A list. Raises `Damaged`."""
    values: list[Any] = part(owner, name, list)
    return values


def texts(owner: Any, name: str) -> tuple[str, ...]:
    """A list of texts. Raises `Damaged`."""
    return tuple(of_type(item, name, str) for item in items(owner, name))


def mapping(owner: Any, name: str) -> dict[str, Any]:
    """An object. Raises `Damaged`."""
    members: dict[str, Any] = part(owner, name, dict)
    return members


def text_mapping(owner: Any, name: str) -> dict[str, str]:
    """An object whose values are texts. Raises `Damaged`."""
    return {key: of_type(value, name, str) for key, value in mapping(owner, name).items()}
