"""Rows of a matrix in which every cell is alike: one row for all of them, and their names below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.matrix.sentences import value_text
from reconciler.render.plan.classes import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.plan.matrix import Matrix, Row
    from reconciler.render.masks import Masks

MANY = 20
"""With more rows than this, those that are alike are one."""
ALIKE = 5
"""Only so many rows that are alike, or more, are one."""
MOST_NAMED = 30


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows that are shown, and of those that stand for several the names."""

    rows: tuple[Row, ...]
    names: tuple[str, ...] = ()
    """`295 sites: handbook, api-docs, …`, a line each."""


def folded(matrix: Matrix, masks: Masks, *, expand: bool = False) -> Folded:
    """The rows of each kind, those that are like many others last; all by themselves if they are few."""
    if expand or len(matrix.rows) <= MANY:
        return Folded(matrix.rows)
    alike: dict[object, list[Row]] = {}
    for row in matrix.rows:
        alike.setdefault((row.word, _cells(row, masks)), []).append(row)
    rows: list[Row] = []
    names: list[str] = []
    for word in dict.fromkeys(row.word for row in matrix.rows):
        groups = [group for group in alike.values() if group[0].word == word]
        several = [group for group in groups if len(group) >= ALIKE]
        alone = {row.key for group in groups if len(group) < ALIKE for row in group}
        rows += [row for row in matrix.rows if row.word == word and row.key in alone]
        rows += [_row(group) for group in several]
        names += [_names(group) for group in several]
    return Folded(tuple(rows), tuple(names))


def _cells(row: Row, masks: Masks) -> tuple[object, ...]:
    """What the cells of a row show, for comparing."""
    return tuple(
        (column, cell.standing, value_text(cell, masks)) for column, cell in sorted(row.cells.items())
    )


def _row(group: Sequence[Row]) -> Row:
    return replace(group[0], key="", name=counted(len(group), group[0].word))


def _names(group: Sequence[Row]) -> str:
    """The names in one line, at most so many."""
    return f"{counted(len(group), group[0].word)}: {some([clean(row.name) for row in group], MOST_NAMED)}"
