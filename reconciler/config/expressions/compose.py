"""Joins the pieces of a text: the value, whether it is secret, and how to read it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.resources.secret_names import has_secret_shape
from reconciler.resources.values import Secret, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

UNSET = Secret(known=False)
"""Stands for a value from an environment variable that is not set, when only the files are checked."""

Scalar = str | int | float | bool
Parts = tuple[str | Source, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value of one piece of a text."""

    value: Scalar
    sources: Callable[[], Parts]
    """Where to read it again. Computed only when needed, because places in a file take time."""
    secret: bool = False
    """It comes from outside the files and is secret, so it is masked everywhere."""
    strong: bool = False
    """It was declared as one: `${{ secret.X }}`."""
    named: bool = False
    """It is written in the files, and its name or its shape looks secret."""
    known: bool = True
    count: int = 1
    """From how many pieces it is made in total."""


def joined(
    parts: Sequence[Resolved], *, secret: bool = False, named: bool = False, readable: bool = False
) -> Any:
    """The value of the pieces in order: one keeps its type, one secret makes all of it secret.

    With `secret` it is one whatever it is made of, with `named` all but a yes or no, and then no piece of it
    is kept in clear. `readable`: what stands in the files may be shown, whatever it looks like. `UNSET` when
    an unset variable is in it, and nothing secret.
    """
    whole = combine(parts)
    looks = (whole.named or has_secret_shape(whole.value)) and not readable
    masked = (named or looks) and not isinstance(whole.value, bool)
    if secret or masked:
        weak = not (secret or whole.strong)
        return Secret(whole.value, parts=whole.sources(), known=whole.known, weak=weak)
    if not whole.secret:
        return whole.value if whole.known else UNSET
    open_parts = tuple(part for item in parts for part in _open(item))
    return Secret(whole.value, parts=open_parts, known=whole.known, weak=not whole.strong)


def combine(parts: Sequence[Resolved]) -> Resolved:
    """The pieces as one piece."""
    if len(parts) == 1:
        return parts[0]
    return Resolved(
        "".join(as_text(item.value) for item in parts),
        lambda: tuple(part for item in parts for part in item.sources()),
        secret=any(item.secret for item in parts),
        strong=any(item.strong for item in parts),
        named=any(item.named for item in parts),
        known=all(item.known for item in parts),
        count=sum(item.count for item in parts),
    )


def length(parts: Sequence[Resolved]) -> int:
    """How many characters the pieces have together, at least."""
    return sum(len(item.value) if isinstance(item.value, str) else 1 for item in parts)


def as_text(value: Scalar) -> str:
    """A scalar inside a longer text, as YAML and JSON write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _open(item: Resolved) -> Parts:
    return item.sources() if item.secret else (as_text(item.value),)
