from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.matrix.csv import csv_cell, csv_text

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=cmd|' /C calc'!A0")


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(formula: str) -> None:
    cell = next(csv.reader([csv_cell(formula)]))[0]

    assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(st.characters(categories=("L", "N"))), min_size=1, max_size=4), max_size=4))
def test_plain_rows_come_back_as_they_are(rows: list[list[str]]) -> None:
    assert list(csv.reader(csv_text(rows).splitlines())) == rows


def test_lines_end_as_the_standard_asks() -> None:
    assert csv_text([["a", 1], ['say "x"', None]]) == '"a","1"\r\n"say ""x""","None"\r\n'
