from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.text import (
    ELLIPSIS,
    chop,
    clean,
    columns,
    counted,
    cut,
    duration,
    fold,
    inert,
    is_visible,
    pad,
    quoted,
    squeezed,
    wrap,
)

anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything)
def test_clean_text_only_shows(text: str) -> None:
    assert all(map(is_visible, clean(text)))


@given(anything)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(anything)
def test_clean_text_can_be_written_as_utf_8(text: str) -> None:
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)


@given(st.text(st.characters(categories=("L", "N", "P"), max_codepoint=0x24F)))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\t", "\\t"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202e", "\\u202e"),
        ("\u2028", "\\u2028"),
        ("\u200b", "\\u200b"),
        ("\ufe01", "\\ufe01"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u3164", "\\u3164"),
        ("\N{NO-BREAK SPACE}", "\\xa0"),
        ("⚠\ufe0f", "⚠\ufe0f"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_combining_marks_do_not_pile_up() -> None:
    text = clean("e" + "\u0301" * 50)

    assert sum(map(bool, map(unicodedata.combining, text))) == 4


def test_accents_stay() -> None:
    assert clean("e\u0301 ñ") == "e\u0301 ñ"


def test_quoted_text_can_be_told_from_what_it_quotes() -> None:
    assert quoted('a"b\\n\n ') == '"a\\"b\\\\n\\n "'


@given(anything, anything)
def test_different_texts_are_quoted_differently(one: str, other: str) -> None:
    assert (quoted(one) == quoted(other)) == (one == other)


@pytest.mark.parametrize(
    "line",
    [
        "::error::x",
        "  ::set-output name=a::b",
        "\t::add-mask::x",
        "##[group]x",
        "a ##[command]x",
        "##vso[task.x]y",
    ],
)
def test_no_line_is_a_command_to_a_runner(line: str) -> None:
    text = inert(f"before\n{line}\nafter")

    assert not any(item.lstrip().startswith("::") for item in text.splitlines())
    assert "##[" not in text
    assert "##vso[" not in text


@pytest.mark.parametrize(
    "line", ["std::vector", "a: b", "## Title", "#1", "[x](#y)", ":: is not here: x ::"[3:]]
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert inert(line) == line


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


def test_numbers_agree_with_their_words() -> None:
    assert counted(1, "step") == "1 step"
    assert counted(5000, "step") == "5,000 steps"
    assert counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "1 s"), (1.2, "2 s"), (90, "90 s"), (91, "2 min"), (5400, "90 min"), (5401, "2 h")],
)
def test_a_duration_is_rounded_up_in_one_unit(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@given(anything, st.integers(4, 40))
def test_a_squeezed_text_fits_and_keeps_both_ends(text: str, width: int) -> None:
    short = squeezed(clean(text), width)

    assert columns(short) <= width
    assert short == clean(text) or ELLIPSIS in short
    assert columns(clean(text)) > width or short == clean(text)


def test_what_differs_at_its_end_still_does_when_it_is_squeezed() -> None:
    assert squeezed("handbook-spc00000000000000001", 20) == "handbook-…0000000001"
