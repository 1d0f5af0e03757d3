"""Made-up organizations of any size, and the files that declare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.sandbox import ORGANIZATION
from reconciler.sandbox.world import site_id, space_id

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGRATIONS = 20
"""Installations of sites and of spaces in turn, as the sandbox's large world has them."""
TENTH = 10


def each(bindings: int) -> int:
    """How many sites, and spaces, so many bindings stand on."""
    return -(-bindings // INTEGRATIONS)


def declaring(bindings: int, *, changed: int = 0, style: str = "short") -> str:
    """A file for all of them, as people write it; each `changed`-th has another value than live."""
    return "\n".join(_lines(bindings, changed, style)) + "\n"


def _lines(bindings: int, changed: int, style: str) -> Iterator[str]:
    yield f"version: 1\norganization: {ORGANIZATION}\nsites:"
    yield from (f"  site-{number}: {{id: {site_id(number)}}}" for number in range(each(bindings)))
    yield "spaces:"
    yield from (f"  space-{number}: {{id: {space_id(number)}}}" for number in range(each(bindings)))
    yield "installations:"
    for above in range(min(INTEGRATIONS, bindings)):
        level = "space" if above % 2 else "site"
        yield f"  integration-{above}:\n    {level}s:"
        for number in range(above, bindings, INTEGRATIONS):
            other = changed and (number // INTEGRATIONS) % changed == 0
            value = f"G-OTHER{number:06}" if other else f"G-{number:06}"
            yield _binding(f"{level}-{number // INTEGRATIONS}", value, style)


def _binding(name: str, value: str, style: str) -> str:
    if style == "short":
        return f"      {name}: {{configuration: {{tracking_id: {value}}}}}"
    return f"      {name}:\n        configuration:\n          tracking_id: {value}"
