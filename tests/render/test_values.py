from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.masks import Masks
from reconciler.render.values import (
    LONGEST,
    MOST_LINES,
    Marked,
    difference,
    digest,
    inline,
    is_nested,
    is_text,
    pair,
    tall,
)
from reconciler.resources.digest import Digest, Salt
from reconciler.resources.values import ABSENT, FileText, SealedText, Secret, Source

SCRIPT = FileText.of("export default {};\n", Source("file", "dist/index.js"))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a b ", '"a b "'),
        ("", '""'),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        (ABSENT, "(none)"),
        ("absent", '"absent"'),
        ("(secret #1)", '"(secret #1)"'),
        (Secret("x"), "(secret #1)"),
        ({"a": [Secret("x"), "b"]}, '{"a": [(secret #1), "b"]}'),
        ((1, 2), "[1, 2]"),
        (Digest("sha256:0123456789abcdef"), "(sha256:0123456789ab)"),
        (Digest("scrypt:0123456789abcdef"), "(secret #1)"),
    ],
)
def test_a_value_in_one_line(value: Any, shown: str) -> None:
    assert inline(value, Masks()) == shown


def test_a_file_is_its_name_its_size_and_its_digest() -> None:
    assert inline(SCRIPT, Masks()) == f"dist/index.js (19 characters, {digest(SCRIPT)[:19]})"


def test_text_that_cannot_be_read_back_is_its_size_and_its_digest() -> None:
    text = SealedText("one();\ntwo();\n")

    assert inline(text, Masks()) == f"(14 characters, {digest(text)[:19]})"
    assert tall({"script": text}, Masks())[1].strip() == f'"script": {inline(text, Masks())}'
    assert not is_text(text)
    assert [line.text for line in difference(ABSENT, text, Masks())] == [inline(text, Masks())]


def test_a_digest_is_the_one_of_saved_plans() -> None:
    assert digest(SCRIPT) == Salt().digest(str(SCRIPT))


@given(json_values)
def test_one_line_is_one_line_and_bounded(value: Any) -> None:
    text = inline(value, Masks())

    assert "\n" not in text
    assert len(text) <= 12 * LONGEST


@given(json_values)
def test_a_secret_never_shows(value: Any) -> None:
    hidden = Secret(value)

    assert inline({"a": [hidden]}, Masks()) == '{"a": [(secret #1)]}'
    assert tall({"a": [hidden]}, Masks()) == ["{", '  "a": [', "    (secret #1)", "  ]", "}"]
    assert pair(hidden, hidden, Masks()) == ("(secret #1)", "(secret #1)")


def test_of_long_texts_the_part_shows_where_they_differ() -> None:
    before, after = "a" * 500 + "x" + "b" * 500, "a" * 500 + "y" + "b" * 500

    one, other = pair(before, after, Masks())

    assert one != other
    assert one.startswith('…"aaa')
    assert "x" in one
    assert "y" in other
    assert one.endswith('"… (1,001 characters)')


def test_a_long_nested_value_is_cut() -> None:
    text = inline(list(range(500)), Masks())

    assert text.startswith("[0, 1, 2")
    assert text.endswith("… (2,390 characters)")


def test_only_text_with_a_break_inside_has_several_lines() -> None:
    assert is_text("a\nb")
    assert not is_text("a\n")
    assert not is_text(SCRIPT)
    assert not is_text(Secret("a\nb"))


def test_only_mappings_and_lists_are_nested() -> None:
    assert is_nested({})
    assert is_nested([])
    assert not is_nested("{}")


def test_spaces_at_the_end_of_a_line_show() -> None:
    assert tall("a  \nb", Masks()) == ["a··", "b"]


def test_a_difference_has_the_lines_that_differ_and_one_around_them() -> None:
    before, after = "1\n2\n3\n4\n5", "1\n2\nthree\n4\n5"

    assert difference(before, after, Masks()) == [
        Marked(" ", "2"),
        Marked("-", "3"),
        Marked("+", "three"),
        Marked(" ", "4"),
    ]


def test_changes_far_apart_have_a_gap_between_them() -> None:
    before = "\n".join(str(number) for number in range(20))
    after = before.replace("3\n4", "3\nfour").replace("17", "seventeen")

    assert Marked("…", "") in difference(before, after, Masks())


def test_a_new_item_of_a_list_is_all_that_differs() -> None:
    before, after = [{"id": 1}], [{"id": 1}, {"id": 2}]

    assert [line.text for line in difference(before, after, Masks()) if line.symbol == "+"] == [
        "  {",
        '    "id": 2',
        "  }",
    ]


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_difference_is_bounded_and_empty_only_between_equals(one: list[str], other: list[str]) -> None:
    before, after = "\n".join(one), "\n".join(other)

    marked = difference(before, after, Masks())

    assert len(marked) <= MOST_LINES + 1
    assert any(line.symbol in "+-" for line in marked) == (before != after)


def test_a_difference_too_long_says_how_many_lines_it_has() -> None:
    marked = difference("\n".join("a" * 900), "\n".join("b" * 900), Masks())

    assert marked[-1] == Marked("…", "1,800 lines changed")
    assert {line.symbol for line in marked} == {"-", "+", "…"}


def test_a_new_value_too_long_says_so() -> None:
    marked = difference(ABSENT, "\n".join("a" * 900), Masks())

    assert marked[-1] == Marked("…", "900 lines in all")
    assert len(marked) == MOST_LINES + 1
