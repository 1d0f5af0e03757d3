"""Escapes are put away and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.format.escapes import veiled

ESCAPES = st.sampled_from(["\\\\", '\\"', "\\n", "\\u202e", "a", "\ue000", " ", "#", "'"])


@given(st.lists(ESCAPES).map("".join))
def test_the_veil_hides_every_escape_and_is_lifted_whole(inner: str) -> None:
    text = f"a: \"{inner}\"\n'b\\': \\ c\n"
    veil, unveiled = veiled(text)

    assert "\\" not in veil.splitlines()[0]
    assert unveiled(veil) == text


@pytest.mark.parametrize("text", ["a: b\n", 'a: "x\\\n  y"\n', "a: 'x\\'\n"])
def test_what_has_none_on_one_line_is_left_as_it_is(text: str) -> None:
    assert veiled(text)[0] == text
