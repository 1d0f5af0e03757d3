"""The matrix as a Markdown table, within the limit of its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.matrix import Cell, Matrix, Standing
from reconciler.render.clean import inert
from reconciler.render.markdown import SUMMARY_LIMIT, ByteBudget, cell_code, code
from reconciler.render.matrix.folded import folded
from reconciler.render.matrix.sentences import masks_of, notes, summary, value_text

if TYPE_CHECKING:
    from reconciler.render.masks import Masks


def matrix_markdown(matrix: Matrix, *, limit: int = SUMMARY_LIMIT) -> str:
    """The matrix in at most `limit` bytes; rows that are left out are counted."""
    heads = " | ".join(cell_code(column) for column in matrix.columns)
    head = [f"### {summary(matrix)}", ""]
    head += [f"> {code(note)}\n>" for note in notes(matrix)]
    rows = [f"| | {heads} |", f"|---|{'---|' * len(matrix.columns)}"] if matrix.rows else []
    room, masks = ByteBudget(limit), masks_of(matrix)
    shown = folded(matrix, masks)
    room.take("\n".join([*head, *rows, *shown.names]) + "\n" * 128)
    count = 0
    for row in shown.rows:
        cells = " | ".join(_marked(row.cells.get(column), masks) for column in matrix.columns)
        line = f"| {cell_code(row.name)} | {cells} |"
        if not room.take(f"{line}\n"):
            break
        rows.append(line)
        count += 1
    rest = [f"\n*{len(shown.rows) - count:,} more rows left out here.*"] if count < len(shown.rows) else []
    below = [f"\n{code(line)}" for line in shown.names]
    return inert("\n".join([*head, "", *rows, *rest, *below]) + "\n")


def _marked(cell: Cell | None, masks: Masks) -> str:
    if cell is None:
        return ""
    word = cell.standing.value if cell.standing is Standing.OK else f"**{cell.standing}**"
    value = value_text(cell, masks)
    return f"{word} {cell_code(value)}" if value else word
