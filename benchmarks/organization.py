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


def declaring(
    bindings: int, *, changed: int = 0, style: str = "short", integrations: int = INTEGRATIONS
) -> str:
    """A file for all of them, as people write it; each `changed`-th has another value than live."""
    return "\n".join(_lines(bindings, changed, style, integrations)) + "\n"


def _lines(bindings: int, changed: int, style: str, integrations: int) -> Iterator[str]:
    each = -(-bindings // integrations)
    yield f"version: 1\norganization: {ORGANIZATION}\nsites:"
    yield from (f"  site-{number}: {{id: {site_id(number)}}}" for number in range(each))
    yield "spaces:"
    yield from (f"  space-{number}: {{id: {space_id(number)}}}" for number in range(each))
    yield "installations:"
    for above in range(min(integrations, bindings)):
        level = "space" if above % 2 else "site"
        yield f"  integration-{above}:\n    {level}s:"
        for number in range(above, bindings, integrations):
            other = changed and (number // integrations) % changed == 0
            value = f"G-OTHER{number:06}" if other else f"G-{number:06}"
            yield _binding(f"{level}-{number // integrations}", value, style)


def _binding(name: str, value: str, style: str) -> str:
    if style == "short":
        return f"      {name}: {{configuration: {{tracking_id: {value}}}}}"
    return f"      {name}:\n        configuration:\n          tracking_id: {value}"
