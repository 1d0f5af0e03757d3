"""Values as a file says them: what a file cannot say is refused, never bent."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.config.expressions.literal import DEPTH_MAX, Inexpressible, is_key, literal

DEEP: Any = 1
for _ in range(DEPTH_MAX + 1):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("${{ secret.X }}", "$${{ secret.X }}"),
        ("$${{", "$$${{"),
        ({"a": ["${{"]}, {"a": ["$${{"]}),
        (1.5, 1.5),
        (True, True),
        ({"file": {"file": "x", "more": 1}}, {"file": {"file": "x", "more": 1}}),
    ],
)
def test_what_looks_like_an_expression_is_escaped(value: Any, text: Any) -> None:
    assert literal(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "$ {{ x }}",
        "\ud800",
        float("inf"),
        10**500,
        None,
        {"a": None},
        {"<<": {}},
        {"file": "x"},
        DEEP,
        {1: 2},
        object(),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_a_file_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(Inexpressible):
        literal(value)


def test_null_may_stand_inside_where_that_is_a_value() -> None:
    assert literal({"a": [None]}, nulls=True) == {"a": [None]}


KEYS = {"a b": True, "${{ x": False, "<<": False, "\udfff": False, "$": True}


@pytest.mark.parametrize(("key", "can"), KEYS.items(), ids=map(repr, KEYS))
def test_a_key_is_said_as_it_is_or_not_at_all(key: str, *, can: bool) -> None:
    assert is_key(key) is can
