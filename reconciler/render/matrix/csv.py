"""The matrix as CSV; no cell is a formula to a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.render.clean import clean, inert
from reconciler.render.matrix.sentences import masks_of
from reconciler.render.values import inline, is_plain
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.matrix import Cell, Matrix, Row
    from reconciler.render.masks import Masks


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins with one of these."""


def csv_cell(value: object) -> str:
    """The value as a quoted cell; what would be a formula gets an apostrophe in front."""
    text = clean(str(value))
    # Spreadsheets skip spaces before a formula.
    if text.lstrip().startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV, with the line ends that RFC 4180 asks for."""
    return "".join(",".join(map(csv_cell, row)) + "\r\n" for row in rows)


def matrix_csv(matrix: Matrix) -> str:
    """The matrix: a row for each site or space, a column for each integration.

    If values are shown, a second column for each integration has the live value.
    """
    masks = masks_of(matrix)
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
    """The live value; a text without quotes."""
    return cell.value if is_plain(cell.value) else "" if cell.value is ABSENT else inline(cell.value, masks)
