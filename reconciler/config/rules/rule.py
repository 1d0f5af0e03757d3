"""A rule for files: what it forbids, why, and a wrong and a right example."""

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
    """Whether the JSON Schema of the file checks it too."""
    needs_all: bool = False
    """Not reported if a file could not be read, because what seems missing may be in it."""
    live: bool = False
    """Whether it needs the live state."""
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The other files that the examples name, by path."""
    mended: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The files that differ beside the right example."""
    note: str = ""
    """What the examples do not show."""
    encoding: str = "utf-8"
    """How the bad example is saved."""
    paths: tuple[str, ...] = ()
    """The paths on the command line, if they are not the example itself."""

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
