"""What was measured as people read it: a line on the terminal, a table in `docs/performance.md`."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

BEGIN, END = "<!-- measured: python -m benchmarks --page -->\n", "<!-- end of what was measured -->"
WHOLE = 100
"""From here on nobody reads decimals."""


@dataclass(frozen=True)
class Row:
    """One measurement: what was seen, and how much of it is allowed, or has to be reached."""

    name: str
    value: float
    limit: float
    unit: str
    note: str
    at_least: bool = False

    @property
    def fine(self) -> bool:
        """Whether it keeps its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def measured(self) -> str:
        """The value, with as many digits as it is worth."""
        whole = self.value >= WHOLE or float(self.value).is_integer()
        return f"{self.value:.0f}" if whole else f"{self.value:.2f}"

    @property
    def goal(self) -> str:
        """The limit, in its unit."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}"


def line(row: Row) -> str:
    """The row for a terminal; `!` where the goal is missed."""
    name = row.name.replace("`", "")
    return f"{' ' if row.fine else '!'} {name:54} {row.measured:>6}  {row.goal:34} {row.note}"


def machine() -> dict[str, Any]:
    """What it runs on; how busy that is says how far absolute times can be trusted."""
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": busy,
    }


def write(page: Path, rows: Iterable[Row], where: Mapping[str, Any]) -> None:
    """Replaces the table between the marks of a page. Raises `ValueError` for a page without them."""
    text = page.read_text(encoding="utf-8")
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(f"{text[:before]}{''.join(_page(rows, where))}{text[after:]}", encoding="utf-8")


def _page(rows: Iterable[Row], where: Mapping[str, Any]) -> Iterable[str]:
    busy = "" if where["load"] is None else f", load {where['load']:.1f} before it began"
    yield f"\nPython {where['python']}, {where['cores']} cores, {where['system']}{busy}:\n\n"
    yield "| what | measured | goal | figures |\n|---|---|---|---|\n"
    for row in rows:
        measured = row.measured if row.fine else f"**{row.measured}**"
        yield f"| {row.name} | {measured} | {row.goal} | {row.note} |\n"
    yield "\n"
