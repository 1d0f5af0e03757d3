"""Sentences and values that every form of the matrix shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.matrix import Cell, Matrix, Standing
from reconciler.render.amounts import counted
from reconciler.render.masks import Masks
from reconciler.render.values import inline
from reconciler.resources.values import ABSENT, is_known, same

if TYPE_CHECKING:
    from collections.abc import Iterator


def summary(matrix: Matrix) -> str:
    """One line: how many rows, integrations, and cells of each standing there are."""
    totals = matrix.totals().values()
    sums = {standing: sum(item[standing] for item in totals) for standing in Standing}
    parts = [f"{number:,} {standing}" for standing, number in sums.items() if number]
    rows = counted(len(matrix.rows), "row")
    return f"{rows}, {counted(len(matrix.columns), 'integration')}: {', '.join(parts) or 'nothing to show'}."


def masks_of(matrix: Matrix) -> Masks:
    """The masks of all secrets, numbered in the order of the rows."""
    masks = Masks()
    for row in matrix.rows:
        for cell in row.cells.values():
            masks.meet(cell.value, cell.wanted)
    return masks


def value_text(cell: Cell, masks: Masks) -> str:
    """The live value and, if it differs, the value in the file; empty if there is none."""
    if cell.value is ABSENT and cell.wanted in (ABSENT, None):
        return ""
    value = "" if cell.value is ABSENT else inline(cell.value, masks)
    if cell.wanted is ABSENT or _agree(cell):
        return value
    wanted = inline(ABSENT if cell.wanted is None else cell.wanted, masks)
    return f"{value} (file {wanted})".lstrip()


def _agree(cell: Cell) -> bool:
    """Whether both sides are equal, or one of them is not known."""
    if not (is_known(cell.value) and is_known(cell.wanted)):
        return True
    return cell.value is not ABSENT and same(cell.value, cell.wanted)


def notes(matrix: Matrix) -> Iterator[str]:
    """Sentences that a reader should see beside the cells."""
    yield from matrix.notes
    if matrix.uncompared:
        what = counted(matrix.uncompared, "value")
        yield f"{what} could not be compared: masked, or a secret that is not set here."
