"""The matrix for a terminal: words where they fit, else a sign for each cell, or a list."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from reconciler.plan.matrix import WHOLE, Cell, Matrix, Row, Standing
from reconciler.render.clean import clean
from reconciler.render.columns import columns, cut, pad, squeezed
from reconciler.render.matrix.folded import folded
from reconciler.render.matrix.sentences import masks_of, notes, summary, value_text
from reconciler.render.page import Page

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping

    from reconciler.render.masks import Masks

SIGNS = {
    Standing.OK: ".",
    Standing.APPLY: ">",
    Standing.DRIFT: "~",
    Standing.MISSING: "+",
    Standing.PENDING: "!",
    Standing.UNMANAGED: "o",
}
STYLES = {
    Standing.OK: "good",
    Standing.APPLY: "update",
    Standing.DRIFT: "update",
    Standing.MISSING: "create",
    Standing.PENDING: "unknown",
    Standing.UNMANAGED: "faint",
}
LONGEST_NAME = 28
LONGEST_VALUE = 40
GAP = 2


def matrix_text(matrix: Matrix, *, width: int = 80, color: bool = False, expand: bool = False) -> str:
    """The matrix as text: words or values if they fit, else a sign for each cell, or a list of values."""
    page, masks = Page(width), masks_of(matrix)
    shown = folded(matrix, masks, expand=expand)
    sheet = _Sheet(page, replace(matrix, rows=shown.rows), masks, matrix.totals())
    if not sheet.words():
        if matrix.show:
            sheet.listed()
        else:
            sheet.signs()
    page.gap()
    for line in shown.names:
        page.say(line, hang=2)
    page.gap()
    for note in notes(matrix):
        page.say(clean(note), hang=2)
    page.add((summary(matrix), "strong"))
    return page.text(color=color)


class _Sheet:
    """The rows of one matrix on a page."""

    def __init__(
        self, page: Page, matrix: Matrix, masks: Masks, totals: Mapping[str, Counter[Standing]]
    ) -> None:
        self.totals = totals
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
        """Adds a column for each integration below its name, and returns whether that fits."""
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
        """The rows in order; adds a heading before the rows of each kind."""
        for word, rows in groupby(self.matrix.rows, key=lambda row: row.word):
            members = list(rows)
            if any(row.name != WHOLE for row in members):
                self.page.heading(f"{word}s")
            yield from members

    def _legend(self) -> None:
        self.page.gap()
        self.page.say(
            "  ".join(f"{sign} {standing}" for standing, sign in SIGNS.items()), indent=2, style="faint"
        )

    def signs(self) -> None:
        """Adds a sign for each cell, in blocks of numbered columns, and then the name of each number."""
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
        head = ("integration", *(standing.value for standing in Standing))
        rows = [
            (f"{number} {clean(column)}", *(_number(self.totals[column][standing]) for standing in Standing))
            for number, column in enumerate(self.matrix.columns, start=1)
        ]
        self.page.table([head, *rows])

    def listed(self) -> None:
        """Adds a line for each cell below the name of its row."""
        widest = max((columns(head) for head in self.heads), default=0)
        for row in self._grouped():
            if row.cells:
                self.page.add((f"  {clean(row.name)}", "strong"))
            for column, cell in sorted(row.cells.items()):
                standing = (f"{cell.standing:9}", STYLES[cell.standing])
                text = value_text(cell, self.masks)
                self.page.add(f"    {pad(clean(column), widest)}  ", standing, f"  {text}".rstrip())


def _sign(cell: Cell | None) -> tuple[str, str]:
    return (SIGNS[cell.standing], STYLES[cell.standing]) if cell else (" ", "")


def _number(number: int) -> str:
    return f"{number:,}" if number else "-"
