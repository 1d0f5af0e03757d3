from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.clean import clean, inert, is_visible, quoted

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
