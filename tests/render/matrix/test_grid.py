"""The matrix on the page: beside the steps, never too large for a browser, and only our tags."""

from __future__ import annotations

import pytest

from reconciler.plan.matrix import Cell, Matrix, Row, Standing
from reconciler.render.clean import is_visible
from reconciler.render.matrix.grid import MOST_CELLS, grid
from reconciler.render.plan.html import plan_html
from reconciler.resources.values import Secret
from tests.render.hostile import every_text
from tests.render.matrix.test_forms import GA, SHOWN, SMALL, hostile, large
from tests.render.situations import PLANS
from tests.render.test_injection import tags

OURS = {("table", ("class",)), ("thead", ()), ("tbody", ()), ("tr", ()), ("th", ("scope",)), ("td", ())}


def page(matrix: Matrix | None) -> str:
    return plan_html(PLANS["nothing to do"](), matrix)


def test_it_stands_beside_the_steps() -> None:
    text = page(SHOWN)

    assert 'id="matrix"' in text
    assert "5 rows, 2 integrations: 2 ok, 1 drift, 1 missing, 1 pending, 1 unmanaged." in text
    assert (
        '<th scope="row">handbook <span class="counts">site</span></th><td class="ok" data-standing="ok">'
        in text
    )
    assert '<th scope="row">organization</th>' in text


@pytest.mark.parametrize("matrix", [None, Matrix("org", (), SMALL.rows)], ids=["none", "without a column"])
def test_without_one_there_is_no_room_for_it(matrix: Matrix | None) -> None:
    assert 'id="matrix"' not in page(matrix)


def test_a_large_one_shows_what_deviates() -> None:
    made = grid(large())

    assert [line.name for line in made.lines] == ["Odd one"]
    assert made.note == "Only rows that deviate are shown: 1 of 2,000."
    assert made.summary == "2,000 rows, 40 integrations: 79,999 ok, 1 drift."


def test_of_too_much_that_deviates_it_shows_the_first() -> None:
    cells = {GA: Cell(Standing.MISSING)}
    rows = tuple(Row("site", f"site_{number}", f"Site {number}", (), cells) for number in range(9000))

    made = grid(Matrix("org", (GA,), rows))

    assert len(made.lines) == MOST_CELLS
    assert made.note.endswith("Of these, the first 4,000 rows are shown; `gbsync matrix` lists all.")


def test_a_secret_is_a_mask() -> None:
    row = Row("site", "s", "s", (), {GA: Cell(Standing.OK, Secret("hush"), Secret("hush"))})

    text = page(Matrix("org", (GA,), (row,), "key"))

    assert "(secret #1)" in text
    assert "hush" not in text


@every_text("html")
def test_hostile_text_brings_no_tag_and_nothing_hidden(text: str) -> None:
    harmless, found = tags(page(hostile("x"))), tags(page(hostile(text)))
    whole = page(hostile(text))

    assert found.tags == harmless.tags
    assert set(found.tags) >= OURS
    assert all(is_visible(char) or char == "\n" for char in whole)
