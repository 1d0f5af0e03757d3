"""Pieces of a text put together: the value, whether it is secret, and how to read it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.value import Secret, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Scalar = str | int | float | bool
Parts = tuple[str | Source, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of text stands for."""

    value: Scalar
    sources: Callable[[], Parts]
    """Where to read it again, worked out only when somebody asks: places in a file cost time."""
    secret: bool = False
    known: bool = True
    count: int = 1
    """Of how many pieces it is made in the end."""


def joined(found: Sequence[Found], *, secret: bool) -> Any:
    """The value of the pieces in order: one keeps its type, one secret makes all of it secret.

    With `secret` it is one whatever it is made of, and then no piece of it is kept in clear.
    """
    whole = together(found)
    if secret:
        return Secret(whole.value, parts=whole.sources(), known=whole.known)
    if not whole.secret:
        return whole.value
    parts = [part for item in found for part in _open(item)]
    return Secret(whole.value, parts=tuple(parts), known=whole.known)


def together(found: Sequence[Found]) -> Found:
    """The pieces as one piece."""
    if len(found) == 1:
        return found[0]
    return Found(
        "".join(as_text(item.value) for item in found),
        lambda: tuple(part for item in found for part in item.sources()),
        secret=any(item.secret for item in found),
        known=all(item.known for item in found),
        count=sum(item.count for item in found),
    )


def length(found: Sequence[Found]) -> int:
    """How many characters the pieces have together, at least."""
    return sum(len(item.value) if isinstance(item.value, str) else 1 for item in found)


def as_text(value: Scalar) -> str:
    """A scalar inside a longer text, as YAML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _open(item: Found) -> Parts:
    return item.sources() if item.secret else (as_text(item.value),)
