"""Widths are what a terminal shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.clean import clean
from reconciler.render.columns import ELLIPSIS, chop, columns, cut, fold, pad, squeezed, wrap

anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything, st.integers(3, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    text = clean(text)

    assert columns(cut(text, width)) <= width
    assert cut(text, 10_000) == text


@given(st.text(st.sampled_from("ab 名é"), max_size=60), st.integers(4, 30))
def test_folding_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = fold(text, width)

    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(st.text(st.sampled_from("ab名"), max_size=60), st.integers(2, 30))
def test_pieces_make_the_text_again(text: str, width: int) -> None:
    assert "".join(chop(text, width)) == text


def test_a_long_word_has_a_line_of_its_own() -> None:
    assert wrap("see https://app.gitbook.com/o/1 for more", 12) == [
        "see",
        "https://app.gitbook.com/o/1",
        "for more",
    ]


def test_wide_characters_take_two_columns() -> None:
    assert columns("名前") == 4
    assert columns("e\u0301") == 1
    assert pad("名", 4) == "名  "


@given(anything, st.integers(4, 40))
def test_a_squeezed_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = squeezed(clean(text), width)

    assert columns(short) <= width
    assert short == clean(text) or ELLIPSIS in short
    assert columns(clean(text)) > width or short == clean(text)


def test_what_differs_at_its_end_still_does_when_it_is_squeezed() -> None:
    assert squeezed("handbook-spc00000000000000001", 20) == "handbook-…0000000001"
