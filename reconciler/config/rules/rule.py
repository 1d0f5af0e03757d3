"""A rule of the file: what it forbids, why, and how it looks done wrong and done right."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.diagnostics import Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table of rules; its id never changes its meaning."""

    id: str
    title: str
    why: str
    bad: str
    """A file, or the part of it that matters, that breaks the rule."""
    good: str
    severity: Severity = Severity.ERROR
    structural: bool = False
    """The JSON Schema of the file says it too."""
    needs_all: bool = False
    """Not said when a file could not be read: what is missing may stand there."""
    live: bool = False
    """Only the organization as it is can tell."""
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The other files that the examples name, by path."""
    mended: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Those of them that are otherwise beside the right example."""
    note: str = ""
    """What the examples do not show."""
    encoding: str = "utf-8"
    """How the bad example is saved."""
    paths: tuple[str, ...] = ()
    """What the command line names, where it is not the example itself."""

    def problem(
        self,
        message: str,
        advice: str = "",
        *,
        place: Place | None = None,
        address: str = "",
        also: tuple[Place, ...] = (),
    ) -> Problem:
        """One thing that breaks this rule."""
        return Problem(
            rule=self.id,
            message=message,
            advice=advice,
            place=place,
            address=address,
            severity=self.severity,
            also=also,
        )
