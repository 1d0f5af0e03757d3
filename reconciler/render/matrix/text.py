"""The matrix as text, Markdown, CSV and JSON, and as rows for a page: how each stands everywhere."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from reconciler.plan.matrix import WHOLE, Cell, Matrix, Row, Standing
from reconciler.render.json import plain
from reconciler.render.markdown import PIPE, SUMMARY_LIMIT, Budget, code
from reconciler.render.masks import Masks
from reconciler.render.matrix.table import csv_text
from reconciler.render.page import Page
from reconciler.render.text import clean, columns, counted, cut, inert, pad, squeezed
from reconciler.render.values import inline, is_plain
from reconciler.resources.values import ABSENT, is_known, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT_VERSION = "1.0"
SIGNS = {
    Standing.OK: ".",
    Standing.DRIFT: "~",
    Standing.MISSING: "+",
    Standing.PENDING: "!",
    Standing.UNMANAGED: "o",
}
STYLES = {
    Standing.OK: "good",
    Standing.DRIFT: "update",
    Standing.MISSING: "create",
    Standing.PENDING: "unknown",
    Standing.UNMANAGED: "faint",
}
LONGEST_NAME = 28
LONGEST_VALUE = 40
GAP = 2


def summary(matrix: Matrix) -> str:
    """One line: how many cells stand how."""
    totals = matrix.totals().values()
    sums = {standing: sum(item[standing] for item in totals) for standing in Standing}
    said = [f"{number:,} {standing}" for standing, number in sums.items() if number]
    rows = counted(len(matrix.rows), "row")
    return f"{rows}, {counted(len(matrix.columns), 'integration')}: {', '.join(said) or 'nothing to show'}."


def _masks(matrix: Matrix) -> Masks:
    masks = Masks()
    for row in matrix.rows:
        for cell in row.cells.values():
            masks.meet(cell.value, cell.wanted)
    return masks


def value_text(cell: Cell, masks: Masks) -> str:
    """The value as it is live, and what it should be where that differs; empty where there is none."""
    if cell.value is ABSENT and cell.wanted in (ABSENT, None):
        return ""
    value = "" if cell.value is ABSENT else inline(cell.value, masks)
    if cell.wanted is ABSENT or _agree(cell):
        return value
    wanted = inline(ABSENT if cell.wanted is None else cell.wanted, masks)
    return f"{value} (file {wanted})".lstrip()


def _agree(cell: Cell) -> bool:
    """Whether both sides are the same, or nobody can say that they are not."""
    if not (is_known(cell.value) and is_known(cell.wanted)):
        return True
    return cell.value is not ABSENT and same(cell.value, cell.wanted)


def matrix_text(matrix: Matrix, *, width: int = 80, color: bool = False) -> str:
    """The matrix for a terminal: words or values where they fit, else a sign for each cell, or a list."""
    page = Page(width)
    sheet = _Sheet(page, matrix, _masks(matrix))
    if not sheet.words():
        if matrix.show:
            sheet.listed()
        else:
            sheet.signs()
    page.gap()
    for note in _notes(matrix):
        page.say(clean(note), hang=2)
    page.add((summary(matrix), "strong"))
    return page.text(color=color)


def _notes(matrix: Matrix) -> Iterator[str]:
    yield from matrix.notes
    if matrix.uncompared:
        what = counted(matrix.uncompared, "value")
        yield f"{what} could not be compared: masked, or a secret that is not set here."


class _Sheet:
    """The rows of one matrix on a page."""

    def __init__(self, page: Page, matrix: Matrix, masks: Masks) -> None:
        self.page = page
        self.matrix = matrix
        self.masks = masks
        self.longest = max((columns(clean(row.name)) for row in matrix.rows), default=0)
        self.name = min(self.longest, LONGEST_NAME)
        self.heads = [clean(column) for column in matrix.columns]

    def _cell(self, cell: Cell | None) -> str:
        if cell is None:
            return ""
        shown = value_text(cell, self.masks) if self.matrix.show else ""
        return f"{SIGNS[cell.standing]} {cut(shown, LONGEST_VALUE)}" if shown else cell.standing.value

    def words(self) -> bool:
        """A column for each integration with its name above; whether that fits."""
        rows = [
            [self._cell(row.cells.get(column)) for column in self.matrix.columns] for row in self.matrix.rows
        ]
        widths = [
            max(columns(text) for text in (head, *(row[index] for row in rows)))
            for index, head in enumerate(self.heads)
        ]
        room = self.page.width - 2 - sum(width + GAP for width in widths)
        if self.name > room:
            return False
        self.name = min(self.longest, room)
        head = "".join(
            f"{' ' * GAP}{pad(text, width)}" for text, width in zip(self.heads, widths, strict=True)
        )
        self.page.add((f"{' ' * (2 + self.name)}{head}", "faint"))
        texts = dict(zip(map(id, self.matrix.rows), rows, strict=True))
        for row in self._grouped():
            self.page.add(*self._spans(row, texts[id(row)], widths))
        if self.matrix.show and rows:
            self._legend()
        return True

    def _spans(self, row: Row, texts: list[str], widths: list[int]) -> Iterator[tuple[str, str]]:
        yield self._named(row), ""
        for column, text, width in zip(self.matrix.columns, texts, widths, strict=True):
            cell = row.cells.get(column)
            yield f"{' ' * GAP}{pad(text, width)}", STYLES[cell.standing] if cell else ""

    def _named(self, row: Row) -> str:
        return "  " + pad(squeezed(clean(row.name), self.name), self.name)

    def _grouped(self) -> Iterator[Row]:
        """The rows, each kind below a heading of its own."""
        for word, rows in groupby(self.matrix.rows, key=lambda row: row.word):
            found = list(rows)
            if any(row.name != WHOLE for row in found):
                self.page.heading(f"{word}s")
            yield from found

    def _legend(self) -> None:
        self.page.gap()
        self.page.say(
            "  ".join(f"{sign} {standing}" for standing, sign in SIGNS.items()), indent=2, style="faint"
        )

    def signs(self) -> None:
        """A sign for each cell below the number of its column, as many as fit side by side; then names."""
        room = max(self.page.width - 3 - self.name, 10)
        for start in range(0, len(self.matrix.columns), room):
            self._block(range(start, min(start + room, len(self.matrix.columns))))
        self._legend()
        self.page.gap()
        self._totals()

    def _block(self, numbers: range) -> None:
        self.page.gap()
        digits = len(str(len(self.matrix.columns)))
        for place in range(digits):
            head = "".join(f"{number + 1:{digits}}"[place] for number in numbers)
            self.page.add((" " * (3 + self.name) + head, "faint"))
        shown = self.matrix.columns[numbers.start : numbers.stop]
        for row in self._grouped():
            if any(column in row.cells for column in shown):
                self.page.add(f"{self._named(row)} ", *(_sign(row.cells.get(column)) for column in shown))

    def _totals(self) -> None:
        totals = self.matrix.totals()
        head = ("integration", *(standing.value for standing in Standing))
        rows = [
            (f"{number} {clean(column)}", *(_number(totals[column][standing]) for standing in Standing))
            for number, column in enumerate(self.matrix.columns, start=1)
        ]
        self.page.table([head, *rows])

    def listed(self) -> None:
        """A line for each cell below the name of its row."""
        widest = max((columns(head) for head in self.heads), default=0)
        for row in self._grouped():
            if row.cells:
                self.page.add((f"  {clean(row.name)}", "strong"))
            for column, cell in row.cells.items():
                standing = (f"{cell.standing:9}", STYLES[cell.standing])
                text = value_text(cell, self.masks)
                self.page.add(f"    {pad(clean(column), widest)}  ", standing, f"  {text}".rstrip())


def _sign(cell: Cell | None) -> tuple[str, str]:
    return (SIGNS[cell.standing], STYLES[cell.standing]) if cell else (" ", "")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"


def table(matrix: Matrix) -> tuple[tuple[str, ...], tuple[tuple[tuple[str, str], ...], ...]]:
    """The matrix for a page: the heads of its columns, and per row a standing and a text for each cell.

    The first two cells of a row are its kind and its name, their standing empty, as is that of an empty cell.
    All text is clean, and none of it is escaped.
    """
    masks = _masks(matrix)
    head = ("", "", *map(clean, matrix.columns))
    rows = (
        (
            ("", row.word),
            ("", clean(row.name)),
            *(_pair(row.cells.get(column), masks) for column in matrix.columns),
        )
        for row in matrix.rows
    )
    return head, tuple(rows)


def _pair(cell: Cell | None, masks: Masks) -> tuple[str, str]:
    if cell is None:
        return "", ""
    return cell.standing.value, value_text(cell, masks) or cell.standing.value


def matrix_markdown(matrix: Matrix, *, limit: int = SUMMARY_LIMIT) -> str:
    """The matrix as a table of at most `limit` bytes; rows that are left out are counted."""
    heads = " | ".join(_coded(column) for column in matrix.columns)
    head = [f"### {summary(matrix)}", ""]
    head += [f"> {code(note)}\n>" for note in _notes(matrix)]
    rows = [f"| | {heads} |", f"|---|{'---|' * len(matrix.columns)}"] if matrix.rows else []
    room, masks = Budget(limit), _masks(matrix)
    room.take("\n".join([*head, *rows]) + "\n" * 128)
    kept = 0
    for row in matrix.rows:
        cells = " | ".join(_marked(row.cells.get(column), masks) for column in matrix.columns)
        line = f"| {_coded(row.name)} | {cells} |"
        if not room.take(f"{line}\n"):
            break
        rows.append(line)
        kept += 1
    rest = [f"\n*{len(matrix.rows) - kept:,} more rows left out here.*"] if kept < len(matrix.rows) else []
    return inert("\n".join([*head, "", *rows, *rest]) + "\n")


def _coded(text: str) -> str:
    return code(text).replace("|", PIPE)


def _marked(cell: Cell | None, masks: Masks) -> str:
    if cell is None:
        return ""
    word = cell.standing.value if cell.standing is Standing.OK else f"**{cell.standing}**"
    value = value_text(cell, masks)
    return f"{word} {_coded(value)}" if value else word


def matrix_csv(matrix: Matrix) -> str:
    """The matrix for a spreadsheet: a row for each key, a column for each integration, two with values."""
    masks = _masks(matrix)
    heads = [name for column in matrix.columns for name in _csv_heads(column, matrix.show)]
    rows = (
        [row.word, row.name, row.key, " ".join(row.tags), *_csv_cells(row, matrix, masks)]
        for row in matrix.rows
    )
    return inert(csv_text([["kind", "name", "id", "tags", *heads], *rows]))


def _csv_heads(column: str, show: str) -> Iterable[str]:
    return (column, f"{column} {show}") if show else (column,)


def _csv_cells(row: Row, matrix: Matrix, masks: Masks) -> Iterator[str]:
    for column in matrix.columns:
        cell = row.cells.get(column)
        yield cell.standing.value if cell else ""
        if matrix.show:
            yield _bare(cell, masks) if cell else ""


def _bare(cell: Cell, masks: Masks) -> str:
    """The live value alone, text without quotes."""
    return cell.value if is_plain(cell.value) else "" if cell.value is ABSENT else inline(cell.value, masks)


def matrix_document(matrix: Matrix) -> dict[str, Any]:
    """The matrix as a JSON object. Holds no secret."""
    masks, totals = _masks(matrix), matrix.totals()
    return {
        "format_version": FORMAT_VERSION,
        "organization": matrix.organization,
        "summary": summary(matrix),
        "show": matrix.show or None,
        "integrations": list(matrix.columns),
        "totals": {
            column: {standing.value: totals[column][standing] for standing in Standing}
            for column in matrix.columns
        },
        "rows": [
            {
                "kind": row.word,
                "name": row.name,
                "id": row.key,
                "tags": list(row.tags),
                "cells": {column: _cell_document(cell, masks) for column, cell in row.cells.items()},
            }
            for row in matrix.rows
        ],
        "uncompared": matrix.uncompared,
        "notes": list(matrix.notes),
    }


def _cell_document(cell: Cell, masks: Masks) -> dict[str, Any]:
    sides = (("value", cell.value), ("wanted", cell.wanted))
    values = {name: plain(value, masks) for name, value in sides if value is not ABSENT}
    return {"standing": cell.standing.value, **values}
