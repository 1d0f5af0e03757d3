from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.masks import Masks
from reconciler.render.plan.aligned import MOST_ROWS, Piece, Row, rows
from reconciler.resources.values import ABSENT, Secret

lines = st.lists(st.sampled_from(["a", "b", "cc"]), min_size=2, max_size=20).map("\n".join)


def text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def test_what_two_texts_share_at_their_ends_is_not_marked() -> None:
    assert rows("C0123", "C0999", Masks()) == (
        Row(
            (Piece('"C0'), Piece("123", differs=True), Piece('"')),
            (Piece('"C0'), Piece("999", differs=True), Piece('"')),
        ),
    )


def test_masks_differ_as_a_whole() -> None:
    assert rows(Secret("a"), Secret("b"), Masks()) == (Row((Piece("(secret #1)"),), (Piece("(secret #2)"),)),)


def test_a_side_that_is_not_there_is_empty() -> None:
    assert rows(ABSENT, 1, Masks()) == (Row(after=(Piece("1"),)),)
    assert rows(1, ABSENT, Masks()) == (Row(before=(Piece("1"),)),)


def test_lines_that_belong_together_stand_side_by_side() -> None:
    found = rows("one\ntwo\nthree", "one\n2\nthree\nfour", Masks())

    assert [(text(row.before), text(row.after)) for row in found] == [
        ("one", "one"),
        ("two", "2"),
        ("three", "three"),
        ("", "four"),
    ]
    assert [row.is_same for row in found] == [True, False, True, False]


def test_changes_far_apart_have_a_gap_between_them() -> None:
    before = "\n".join(str(number) for number in range(40))
    found = rows(before, before.replace("3\n4\n", "3\nfour\n").replace("35", "last"), Masks())

    assert Row((Piece("…"),), (Piece("…"),)) in found


def test_a_nested_value_stays_in_a_line_as_long_as_it_is_short() -> None:
    short = rows(["a"], ["a", "b"], Masks())
    long = rows(["a" * 60], ["a" * 60, "b" * 60], Masks())

    assert len(short) == 1
    assert [text(row.after) for row in long] == ["[", f'  "{"a" * 60}"', f'  "{"b" * 60}"', "]"]


def test_too_many_lines_end_with_how_many_more() -> None:
    new = rows(ABSENT, "\n".join("a" * 500), Masks())
    changed = rows("\n".join("a" * 3000), "\n".join("b" * 3000), Masks())

    assert len(new) == MOST_ROWS + 1
    assert new[-1] == Row(after=(Piece("… 380 more lines"),))
    assert changed[-1] == Row((Piece("… 2,880 more lines"),), (Piece("… 2,880 more lines"),))


@given(lines, lines)
def test_every_line_that_differs_is_shown_on_its_side(before: str, after: str) -> None:
    found = rows(before, after, Masks())
    gone = [text(row.before) for row in found if row.before and not row.is_same]
    come = [text(row.after) for row in found if row.after and not row.is_same]

    assert (not gone and not come) == (before == after)
    assert set(gone) <= set(before.split("\n"))
    assert set(come) <= set(after.split("\n"))
