from __future__ import annotations

from reconciler.render.page import Page, rich_text


def test_there_is_never_more_than_one_empty_line() -> None:
    page = Page(80)
    page.gap()
    page.add("a")
    page.gap()
    page.gap()
    page.heading("b")

    assert page.text() == "a\n\nb"


def test_a_note_stands_at_the_right_edge() -> None:
    page = Page(20)
    page.sides([("left", "")], "right")

    assert page.text() == "left           right"


def test_a_note_that_does_not_fit_stands_below() -> None:
    page = Page(10)
    page.sides([("left", "")], "right side")

    assert page.text() == "left\n      right side"


def test_columns_of_numbers_stand_to_the_right_and_long_names_are_cut() -> None:
    page = Page(24)
    page.table([("name", "n"), ("a-name-that-is-too-long", "1"), ("b", "1,000")])

    assert page.text().splitlines() == [
        "  name                 n",
        "  a-name-that-is…      1",
        "  b                1,000",
    ]


def test_nothing_is_markup_and_no_painted_line_is_a_command() -> None:
    page = Page(80)
    page.add("  ", ("::error::x", "bad"))
    page.add(("[bold]a[/bold]", "strong"))

    assert page.text(color=True) == "  \\::error::x\n\x1b[1m[bold]a[/bold]\x1b[0m"
    assert rich_text(page.lines).plain == "  \\::error::x\n[bold]a[/bold]\n"


def test_a_note_at_the_edge_stays_near_on_a_wide_terminal() -> None:
    page = Page(width=300)
    page.sides([("left", "")], "right")
    page.sides([("x" * 150, "")], "right")

    first, second = page.text().split("\n")
    assert len(first) == 110
    assert second == "x" * 150 + "  right"
