"""Rows as CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.render.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run."""


def csv_cell(value: object) -> str:
    """The value as a quoted cell; an apostrophe before what would be a formula."""
    text = clean(str(value))
    if text.lstrip().startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The rows as CSV with the line ends that RFC 4180 asks for."""
    return "".join(",".join(map(csv_cell, row)) + "\r\n" for row in rows)
