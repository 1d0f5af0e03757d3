"""Lines of styled spans, printed as plain text or, with colour, by rich."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import inert
from reconciler.render.columns import columns, cut, pad, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STYLES = {
    "create": "green",
    "update": "yellow",
    "delete": "red",
    "unknown": "magenta",
    "strong": "bold",
    "faint": "dim",
    "good": "green",
    "bad": "bold red",
}
"""How each style looks on a terminal. Colour adds nothing: the text says the same without it."""


FARTHEST = 110
"""Columns: on a wider terminal, a note at the right edge would be too far from its line."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line, already clean."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


@dataclass(slots=True)
class Page:
    """The lines of one output."""

    width: int
    lines: list[Line] = field(default_factory=list)

    def add(self, *parts: str | tuple[str, str]) -> None:
        """Adds a line of texts, each plain or with a style."""
        self.lines.append(tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts))

    def gap(self) -> None:
        """Adds an empty line, except at the top and after another empty line."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def heading(self, text: str) -> None:
        """Adds an empty line and a heading."""
        self.gap()
        self.add((text, "strong"))

    def say(self, text: str, *, indent: int = 0, style: str = "", hang: int = 0) -> None:
        """Adds a sentence, wrapped; the lines after the first are indented by `hang` more."""
        for number, line in enumerate(wrap(text, self.width - indent - hang)):
            self.add(" " * (indent + (hang if number else 0)), (line, style))

    def sides(self, left: Sequence[tuple[str, str]], right: str, *, below: int = 6) -> None:
        """Adds spans and, at the right edge, a faint note; if that does not fit, the note stands below."""
        used = sum(columns(text) for text, _ in left)
        needed = used + 2 + columns(right)
        if not right:
            self.add(*left)
        elif needed <= self.width:
            edge = max(needed, min(self.width, FARTHEST))
            self.add(*left, (pad("", edge - used - columns(right)), ""), (right, "faint"))
        else:
            self.add(*left)
            self.add(" " * below, (right, "faint"))

    def table(self, rows: Iterable[Sequence[str]], *, indent: int = 2) -> None:
        """Adds a table: the first column is left-aligned and cut if too long, the others right-aligned."""
        rows = [tuple(row) for row in rows]
        widths = [max(columns(row[index]) for row in rows) for index in range(1, len(rows[0]))]
        room = self.width - indent - sum(width + 2 for width in widths)
        first = min(max(columns(row[0]) for row in rows), max(room, 12))
        for number, row in enumerate(rows):
            cells = [f"  {cell:>{width}}" for cell, width in zip(row[1:], widths, strict=True)]
            text = " " * indent + pad(cut(row[0], first), first) + "".join(cells)
            self.add((text, "" if number else "faint"))

    def text(self, *, color: bool = False) -> str:
        """All lines, without a line end after the last one."""
        if color:
            return _painted(self.lines)
        return inert("\n".join("".join(span.text for span in line).rstrip() for line in self.lines))


def rich_text(lines: Iterable[Line]) -> Any:
    """The lines as one `rich.text.Text`; nothing in them is taken for markup."""
    from rich.text import Text  # noqa: PLC0415 - slow to import, and only needed for colour

    painted = Text(no_wrap=True, overflow="ignore", end="")
    for line in lines:
        for span in _inert(line):
            painted.append(span.text, STYLES.get(span.style, ""))
        painted.append("\n")
    return painted


def _inert(line: Line) -> Line:
    text = "".join(span.text for span in line)
    calm = inert(text)
    return line if calm == text else (Span(calm),)


def _painted(lines: Iterable[Line]) -> str:
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only needed for colour

    console = Console(
        # Whoever asks for colour has already looked at the terminal; no line is wrapped twice.
        force_terminal=True,
        color_system="standard",
        width=10_000,
        highlight=False,
        markup=False,
    )
    with console.capture() as capture:
        console.print(rich_text(lines), soft_wrap=True, end="")
    return capture.get().removesuffix("\n")
