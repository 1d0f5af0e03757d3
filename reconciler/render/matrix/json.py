"""The matrix as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.plan.matrix import Cell, Matrix, Standing
from reconciler.render.json import plain
from reconciler.render.matrix.sentences import masks_of, summary
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.render.masks import Masks

FORMAT_VERSION = "1.0"


def matrix_document(matrix: Matrix) -> dict[str, Any]:
    """The matrix as a JSON document. It holds no secret."""
    masks, totals = masks_of(matrix), matrix.totals()
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
