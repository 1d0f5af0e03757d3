"""The matrix for people, spreadsheets and programs: it fits, and nothing in it acts on its reader."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt

from reconciler.plan.matrix import WHOLE, Cell, Matrix, Row, Standing, narrowed
from reconciler.render.clean import is_visible
from reconciler.render.columns import columns
from reconciler.render.json import json_text
from reconciler.render.matrix.csv import matrix_csv
from reconciler.render.matrix.grid import table
from reconciler.render.matrix.json import matrix_document
from reconciler.render.matrix.markdown import matrix_markdown
from reconciler.render.matrix.text import matrix_text
from reconciler.resources.values import ABSENT, Secret
from tests.render.hostile import every_text, through_each

if TYPE_CHECKING:
    from collections.abc import Callable

GA, SLACK = "googleanalytics", "slack"
SMALL = Matrix(
    "org",
    (GA, SLACK),
    (
        Row("installation", "org", WHOLE, cells={GA: Cell(Standing.OK), SLACK: Cell(Standing.PENDING)}),
        Row("space", "s1", "release-notes", cells={SLACK: Cell(Standing.UNMANAGED)}),
        Row("site", "site_1", "handbook", ("public",), {GA: Cell(Standing.OK, "G-1", "G-1")}),
        Row("site", "site_2", "api-docs", ("public",), {GA: Cell(Standing.DRIFT, "G-9", "G-2")}),
        Row("site", "site_3", "help", (), {GA: Cell(Standing.MISSING, ABSENT, "G-3")}),
    ),
)
SHOWN = Matrix("org", SMALL.columns, SMALL.rows, "tracking_id")


def large() -> Matrix:
    """Forty integrations on two thousand sites, one of which is not as it should be."""
    names = tuple(f"integration-{number}" for number in range(40))
    fine = {name: Cell(Standing.OK, "G-1", "G-1") for name in names}
    rows = [Row("site", f"site_{number}", f"Site {number}", (), fine) for number in range(1999)]
    odd = Row("site", "site_x", "Odd one", (), {**fine, "integration-7": Cell(Standing.DRIFT, "G-X", "G-1")})
    return Matrix("org", names, (*rows, odd))


def test_it_has_a_column_for_each_integration_where_they_fit() -> None:
    assert matrix_text(SMALL) == (
        "                 googleanalytics  slack\n"
        "  organization   ok               pending\n"
        "\n"
        "spaces\n"
        "  release-notes                   unmanaged\n"
        "\n"
        "sites\n"
        "  handbook       ok\n"
        "  api-docs       drift\n"
        "  help           missing\n"
        "\n"
        "5 rows, 2 integrations: 2 ok, 1 drift, 1 missing, 1 pending, 1 unmanaged."
    )


def test_with_values_a_sign_says_how_they_stand() -> None:
    text = matrix_text(narrowed(SHOWN, tags=["public"]))

    assert text == (
        "            googleanalytics\n"
        "\n"
        "sites\n"
        '  handbook  . "G-1"\n'
        '  api-docs  ~ "G-9" (file "G-2")\n'
        "\n"
        "  . ok  > to apply  ~ drift  + missing  ! pending  o unmanaged\n"
        "\n"
        "2 rows, 1 integration: 1 ok, 1 drift."
    )


def test_where_they_do_not_fit_each_cell_is_a_sign() -> None:
    text = matrix_text(narrowed(large(), deviating=True))

    assert text.startswith(
        "                   1111111111222222222233333333334\n"
        "          1234567890123456789012345678901234567890\n"
        "\n"
        "sites\n"
        "  Odd one .......~................................\n"
        "\n"
        "  . ok  > to apply  ~ drift  + missing  ! pending  o unmanaged\n"
        "\n"
        "  integration        ok  to apply  drift  missing  pending  unmanaged\n"
        "  1 integration-0     1         -      -        -        -          -\n"
    )


def test_values_that_do_not_fit_are_a_list() -> None:
    text = matrix_text(SHOWN, width=40)

    assert text.startswith(
        "  organization\n"
        "    googleanalytics  ok\n"
        "    slack            pending\n"
        "\n"
        "spaces\n"
        "  release-notes\n"
        "    slack            unmanaged\n"
        "\n"
        "sites\n"
        "  handbook\n"
        '    googleanalytics  ok         "G-1"\n'
        "  api-docs\n"
        '    googleanalytics  drift      "G-9" (file "G-2")\n'
        "  help\n"
        '    googleanalytics  missing    (file "G-3")\n'
    )


def test_a_list_leaves_out_rows_without_a_cell_and_names_stay_apart_where_they_are_cut() -> None:
    rows = [
        Row("site", f"site_{n}", f"a-very-long-name-of-a-site-site_{n}", (), {GA: Cell(Standing.OK)})
        for n in (1, 2)
    ]
    bare = Row("site", "site_0", "nobody", ())
    listed = matrix_text(Matrix("org", (GA, SLACK), (bare, *rows), "tracking_id"), width=40)
    narrow = matrix_text(Matrix("org", (GA, SLACK), (bare, *rows)), width=40)

    assert "nobody" not in listed
    assert listed.count("a-very-long-name-of-a-site-site_") == 2
    assert "site_1" in narrow
    assert "site_2" in narrow


def test_forty_integrations_on_two_thousand_sites_stay_readable() -> None:
    lines = matrix_text(large()).splitlines()

    assert max(map(columns, lines)) <= 80
    assert len(lines) < 2060
    assert lines[-1] == "2,000 rows, 40 integrations: 79,999 ok, 1 drift."


def test_more_columns_than_fit_come_in_blocks() -> None:
    names = tuple(f"i{number:03}" for number in range(130))
    row = Row("site", "site_1", "handbook", (), dict.fromkeys(names, Cell(Standing.OK)))
    only = Row("site", "site_2", "help", (), {"i129": Cell(Standing.MISSING)})

    lines = matrix_text(Matrix("org", names, (row, only))).splitlines()

    assert [line for line in lines if line.startswith("  handbook")] == [
        "  handbook " + "." * 69,
        "  handbook " + "." * 61,
    ]
    assert [line for line in lines if line.startswith("  help")] == ["  help     " + " " * 60 + "+"]


def test_a_secret_has_a_number_that_says_whether_it_is_the_same_everywhere() -> None:
    cells = [Cell(Standing.OK, Secret(value), Secret(value)) for value in ("one", "one", "two")]
    rows = tuple(Row("site", f"s{number}", f"s{number}", (), {GA: cell}) for number, cell in enumerate(cells))
    opaque = Row("site", "s9", "s9", (), {GA: Cell(Standing.OK, Secret("x"), Secret(known=False))})

    text = matrix_text(Matrix("org", (GA,), (*rows, opaque), "key", uncompared=1, notes=("A note.",)))

    assert re.findall(r"s\d  \. (.*)", text) == ["(secret #1)", "(secret #1)", "(secret #2)", "(secret #3)"]
    assert "A note.\n1 value could not be compared" in text


def test_a_null_in_the_file_says_none() -> None:
    row = Row(
        "site", "s", "s", (), {GA: Cell(Standing.DRIFT, "G-1", None), SLACK: Cell(Standing.OK, ABSENT, None)}
    )

    assert '~ "G-1" (file (none))  ok' in matrix_text(Matrix("org", (GA, SLACK), (row,), "tracking_id"))


def test_a_table_of_markdown_has_its_rows() -> None:
    lines = matrix_markdown(SHOWN).splitlines()

    assert lines[0] == "### 5 rows, 2 integrations: 2 ok, 1 drift, 1 missing, 1 pending, 1 unmanaged."
    assert lines[3:6] == [
        "| | `googleanalytics` | `slack` |",
        "|---|---|---|",
        "| `organization` | ok | **pending** |",
    ]
    assert '| `api-docs` | **drift** `"G-9" (file "G-2")` |  |' in lines


def test_markdown_stays_within_its_limit() -> None:
    made = large()
    rows = (
        replace(row, cells={**row.cells, f"integration-{number % 40}": Cell(Standing.DRIFT, number, 0)})
        for number, row in enumerate(made.rows)
    )
    text = matrix_markdown(replace(made, rows=tuple(rows)), limit=50_000)

    assert len(text.encode()) <= 50_000
    assert re.search(r"\*1,\d{3} more rows left out here\.\*", text)


def test_of_many_rows_those_that_are_alike_are_one_and_the_odd_one_stands_by_itself() -> None:
    text, page = matrix_text(large(), width=120), matrix_markdown(large())

    assert text.index("Odd one") < text.index("1,999 sites")
    assert len(text.splitlines()) < 60
    assert "1,999 sites: Site 0, Site 1, Site 2, " in " ".join(text.split())
    assert "| `Odd one` |" in page
    assert "… and 1,969 more (--expand)" in page
    assert len(page.encode()) < 4_000


def test_every_row_can_be_shown_by_itself() -> None:
    assert len(matrix_text(large(), expand=True).splitlines()) > 2_000


def test_a_spreadsheet_has_a_column_for_standings_and_one_for_values() -> None:
    rows = list(csv.reader(io.StringIO(matrix_csv(SHOWN), newline="")))

    assert rows[0] == ["kind", "name", "id", "tags", GA, f"{GA} tracking_id", SLACK, f"{SLACK} tracking_id"]
    assert rows[4] == ["site", "api-docs", "site_2", "public", "drift", "G-9", "", ""]
    assert len(matrix_csv(SMALL).splitlines()[0].split(",")) == 6


def test_a_document_says_it_to_programs() -> None:
    document = json.loads(json_text(matrix_document(SHOWN)))

    assert document["show"] == "tracking_id"
    assert document["totals"][SLACK] == {
        "ok": 0,
        "to apply": 0,
        "drift": 0,
        "missing": 0,
        "pending": 1,
        "unmanaged": 1,
    }
    assert document["rows"][4] == {
        "kind": "site",
        "name": "help",
        "id": "site_3",
        "tags": [],
        "cells": {GA: {"standing": "missing", "wanted": "G-3"}},
    }


def test_a_page_gets_its_heads_and_a_standing_with_each_text() -> None:
    head, rows = table(SHOWN)

    assert head == ("", "", GA, SLACK)
    assert rows[1] == (("", "space"), ("", "release-notes"), ("", ""), ("unmanaged", "unmanaged"))
    assert rows[2] == (("", "site"), ("", "handbook"), ("ok", '"G-1"'), ("", ""))


def test_an_empty_matrix_says_so() -> None:
    empty = Matrix("org", (), ())

    assert matrix_text(empty).endswith("0 rows, 0 integrations: nothing to show.")
    assert matrix_markdown(empty) == "### 0 rows, 0 integrations: nothing to show.\n\n\n"


def hostile(text: str, show: str = "key") -> Matrix:
    """A matrix that has the text wherever text from outside may stand."""
    cells = {text: Cell(Standing.DRIFT, text, {text: text}), f"{text}2": Cell(Standing.OK, ABSENT, text)}
    rows = (Row("site", text, text, (text,), cells), Row("space", text, f"{text}3", (), cells))
    return Matrix(text, tuple(cells), rows, show and text, 1, (text,))


LINES: dict[str, Callable[[str], str]] = {
    "text": lambda text: matrix_text(hostile(text), width=400),
    "list": lambda text: matrix_text(hostile(text), width=40),
    "signs": lambda text: matrix_text(hostile(text, show=""), width=20),
    "json": lambda text: json_text(matrix_document(hostile(text))),
    "markdown": lambda text: matrix_markdown(hostile(text)),
    "csv": lambda text: matrix_csv(hostile(text)).replace("\r\n", "\n"),
}


@through_each(LINES, "runners")
def test_no_line_acts_on_a_terminal_or_a_runner(make: Callable[[str], str], text: str) -> None:
    output = make(text)

    assert all(is_visible(char) or char == "\n" for char in output)
    assert not re.search(r"^\s*::|##\w*\[", output, re.MULTILINE)


@every_text("markdown", "html")
def test_markdown_has_only_our_structure(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(matrix_markdown(hostile(text)))
    inner: list[Any] = [child for token in tokens for child in token.children or ()]
    plain = "".join(child.content for child in inner if child.type == "text")

    assert {child.type for child in inner} <= {
        "code_inline",
        "text",
        "softbreak",
        "strong_open",
        "strong_close",
    }
    assert len([token for token in tokens if token.type == "tr_open"]) == 3
    assert not set("@[]<>") & set(plain)


@every_text("sheets")
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    rows = list(csv.reader(io.StringIO(matrix_csv(hostile(text)), newline="")))

    assert [len(row) for row in rows] == [8, 8, 8]
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@every_text("html")
def test_a_page_gets_clean_text(text: str) -> None:
    head, rows = table(hostile(text))

    assert all(is_visible(char) for cell in head for char in cell)
    assert all(is_visible(char) for row in rows for _, cell in row for char in cell)
