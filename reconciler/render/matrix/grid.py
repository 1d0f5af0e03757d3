"""The matrix for the HTML page: all rows if they are few, else those that deviate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.plan.matrix import Cell, Matrix, Standing, narrowed
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.matrix.sentences import masks_of, summary, value_text

if TYPE_CHECKING:
    from reconciler.plan.matrix import Matrix
    from reconciler.render.masks import Masks

MOST_CELLS = 4000
"""What a browser can lay out without a noticeable pause."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its kind, its name, and a standing and a text for each cell."""

    word: str
    name: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The whole table. Every text is clean."""

    summary: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str
    standings: tuple[str, ...]
    """How cells stand that are not in order, each once."""


def grid(matrix: Matrix) -> Grid:
    """The matrix, cut to `MOST_CELLS` cells."""
    part, note = matrix, ""
    if _cells(matrix) > MOST_CELLS:
        part = narrowed(matrix, deviating=True)
        note = f"Only rows that deviate are shown: {len(part.rows):,} of {len(matrix.rows):,}."
    if _cells(part) > MOST_CELLS:
        most = max(1, MOST_CELLS // len(part.columns))
        note = f"{note} Of these, the first {counted(most, 'row')} are shown; `gbsync matrix` lists all."
        part = replace(part, rows=part.rows[:most])
    heads, rows = table(part)
    lines = tuple(Line(row[0][1], row[1][1], row[2:]) for row in rows)
    standings = {standing for line in lines for standing, _ in line.cells} - {"", Standing.OK.value}
    named = tuple(item.value for item in Standing if item.value in standings)
    return Grid(summary(matrix), heads[2:], lines, note, named)


def _cells(matrix: Matrix) -> int:
    return len(matrix.rows) * len(matrix.columns)


def table(matrix: Matrix) -> tuple[tuple[str, ...], tuple[tuple[tuple[str, str], ...], ...]]:
    """The heads of the columns, and for each row a standing and a text for each cell.

    The first two cells of a row are its kind and its name. Their standing is empty,
    like that of an empty cell.
    All text is clean but not escaped for HTML.
    """
    masks = masks_of(matrix)
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
