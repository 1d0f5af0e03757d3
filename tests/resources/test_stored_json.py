"""JSON that was stored: nothing is converted, half a character is text, and one line says what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.resources.stored_json import Count, Damaged, Number, StoredModel, Text, Texts, check


class Inner(StoredModel):
    number: Number


class Outer(StoredModel):
    name: Text
    names: Texts = ()
    count: Count = 0
    inner: tuple[Inner, ...] = ()


def test_half_of_a_utf_16_pair_is_text() -> None:
    assert check(Outer, {"name": "\ud800", "names": ["\udfff"]}) == Outer(name="\ud800", names=("\udfff",))


@pytest.mark.parametrize("number", [3, 0.5])
def test_a_whole_number_stays_one(number: float) -> None:
    assert type(check(Inner, {"number": number}).number) is type(number)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({}, "`name` is missing"),
        (3, "it is no object"),
        ({"name": 3}, "`name` is of another type"),
        ({"name": "x", "names": "text"}, "`names` is of another type"),
        ({"name": "x", "names": ["a", 2]}, "`names[1]` is of another type"),
        ({"name": "x", "count": -1}, "`count` is less than zero"),
        ({"name": "x", "count": True}, "`count` is of another type"),
        ({"name": "x", "count": "1"}, "`count` is of another type"),
        ({"name": "x", "inner": [{"number": 1}]}, "`inner` is of another type"),
        ({"name": "x", "inner": ({"number": True},)}, "`inner[0].number` is of another type"),
        ({"name": "x", "inner": ({"number": float("inf")},)}, "`inner[0].number` is not a finite number"),
        ({"name": "x", "more": 1}, "`the document` has a part that this program does not know"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(value: Any, said: str) -> None:
    with pytest.raises(Damaged) as caught:
        check(Outer, value)

    assert str(caught.value) == said


def test_no_error_is_left_that_holds_the_input() -> None:
    with pytest.raises(Damaged) as caught:
        check(Outer, {"name": 3, "secret": "a-secret"})

    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
