"""What is wrong with a declared resource, with the place in the files where the field stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.resources.resource import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.config.rules.rule import Rule
    from reconciler.diagnostics import Path, Problem
    from reconciler.resources.resource import Resource


def problem(rule: Rule, resource: Resource, path: Path, message: str, advice: str) -> Problem:
    """One finding about the field at `path`."""
    return rule.problem(message, advice, place=place_of(resource, path), address=resource.address)


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a mapping, positions and items of a list; none of anything else (a secret)."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
