"""The status of each integration, as a table or a JSON document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import clean, inert
from reconciler.render.columns import columns, cut, pad

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 40
"""Columns of a name or a title that are shown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One integration in the organization."""

    name: str
    title: str
    status: str
    link: str = ""
    """Where a person finishes it; empty if nobody has to."""
    declared: bool | None = None
    """Whether a file declares it; `None` if no files were read."""

    def linked(self, link: str) -> Standing:
        """The same, with a link."""
        return replace(self, link=link)


def status_text(standings: Sequence[Standing], *, width: int) -> str:
    """A line for each integration, and a line with the link if there is one."""
    rows = [
        (cut(clean(item.name), MOST), cut(clean(item.title), MOST), clean(item.status)) for item in standings
    ]
    if not rows:
        return "No integration is installed."
    wide = [max(columns(row[number]) for row in rows) for number in range(2)]
    lines: list[str] = []
    for row, item in zip(rows, standings, strict=True):
        note = "  (not declared)" if item.declared is False else ""
        line = f"{pad(row[0], wide[0])}  {pad(row[1], wide[1])}  {row[2]}{note}"
        lines.append(cut(line.rstrip(), width))
        if item.link:
            lines.append(f"  finish it at {clean(item.link)}")
    return inert("\n".join(lines))


def status_document(organization: str, standings: Sequence[Standing]) -> dict[str, Any]:
    """The status of each integration as a JSON document."""
    return {
        "organization": organization,
        "integrations": [
            {
                "name": item.name,
                "title": item.title,
                "status": item.status,
                "declared": item.declared,
                "link": item.link or None,
            }
            for item in standings
        ],
    }
