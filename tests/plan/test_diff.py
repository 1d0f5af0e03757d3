"""The diff: what differs between desired and live, and nothing that nobody declared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diagnostics import Place
from reconciler.plan.diff import created, exact_removals, explain, flat, readable, removed
from reconciler.resources.resource import Address, Declaration, Facts, Resource, place_of
from reconciler.resources.schema import Property, Schema
from reconciler.resources.values import ABSENT, Secret
from tests.toy import TOYS

SHELF, BOOK = TOYS["shelf"], TOYS["shelf_book"]
TOP, UNDER = Address("shelf/a"), Address("shelf/a/book/b")
SCHEMA = Schema(
    {
        "genre": Property("string"),
        "lent": Property("boolean", default=False),
        "size": Property("number", default=1),
        "push": Property("button"),
    },
    required=frozenset({"size"}),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
LABELS = st.dictionaries(st.sampled_from(["genre", "lent", "size", "other"]), VALUES, max_size=4)


def book(labels: Any, *, exact: bool = False, schema: Schema | None = SCHEMA) -> Resource:
    declaration = Declaration(Place("toys.yaml", 1), exact=exact)
    return Resource(UNDER, {"labels": labels}, declaration=declaration, schema=schema)


def live(labels: Any, status: str = "active") -> Resource:
    return Resource(UNDER, {"labels": labels}, Facts(id="b", status=status))


def shelf(**attributes: Any) -> Resource:
    return Resource(TOP, attributes)


def names(desired: Resource, now: Resource) -> list[str]:
    return [change.name for change in readable(BOOK, desired, now).changes]


@given(LABELS.map(lambda labels: {key: value for key, value in labels.items() if value is not None}))
def test_nothing_differs_from_itself(labels: dict[str, Any]) -> None:
    assert readable(BOOK, book(labels), live(labels)).changes == ()


@given(LABELS, LABELS)
def test_a_key_that_no_file_declares_never_differs(declared: dict[str, Any], now: dict[str, Any]) -> None:
    assert set(names(book(declared), live(now))) <= {f"labels.{key}" for key in declared}


@given(LABELS, LABELS)
def test_once_the_changes_are_made_nothing_differs(declared: dict[str, Any], now: dict[str, Any]) -> None:
    made = dict(now)
    for change in readable(BOOK, book(declared), live(now)).changes:
        made.pop(change.path[1], None)
        if change.after is not ABSENT:
            made[change.path[1]] = change.after

    assert names(book(declared), live(made)) == []
    assert {key: made.get(key) for key in now.keys() - declared.keys()} == {
        key: now[key] for key in now.keys() - declared.keys()
    }


def test_a_declared_null_removes_a_key_that_is_set() -> None:
    (change,) = readable(BOOK, book({"genre": None}), live({"genre": "crime"})).changes

    assert (change.before, change.after, change.symbol) == ("crime", ABSENT, "-")


@pytest.mark.parametrize("now", [{}, {"genre": None}, {"lent": False}], ids=["absent", "null", "a default"])
def test_a_declared_null_removes_nothing_that_says_nothing(now: dict[str, Any]) -> None:
    assert names(book({"genre": None, "lent": None}), live(now)) == []


@pytest.mark.parametrize(
    ("key", "value", "status", "differs"),
    [
        ("lent", False, "active", False),
        ("lent", True, "active", True),
        ("size", 1, "active", True),
        ("lent", False, "pending", True),
        ("genre", "crime", "active", True),
    ],
    ids=["its default", "another value", "required", "while it waits", "no default"],
)
def test_an_absent_key_is_as_declared_where_its_default_is(
    key: str, value: Any, status: str, *, differs: bool
) -> None:
    assert bool(names(book({key: value}), live({}, status))) is differs


def test_a_write_only_field_is_never_compared() -> None:
    assert readable(SHELF, shelf(stamp="new"), shelf(stamp="old")).changes == ()


def test_a_field_that_is_not_there_means_what_its_spec_assumes() -> None:
    assert readable(SHELF, shelf(motto="", colours=[]), shelf()).changes == ()
    assert [change.before for change in readable(SHELF, shelf(motto="x"), shelf()).changes] == [""]


def test_the_order_of_a_set_is_no_difference() -> None:
    assert readable(SHELF, shelf(colours=["a", "b"]), shelf(colours=["b", "a"])).changes == ()


def test_true_is_not_one() -> None:
    assert names(book({"lent": True}), live({"lent": 1})) == ["labels.lent"]


def test_what_an_unset_secret_would_change_nobody_can_say() -> None:
    found = readable(BOOK, book({"genre": Secret(known=False)}), live({"genre": "crime"}))

    assert found.changes == ()
    assert found.uncompared == (("labels", "genre"),)


def test_what_a_secret_replaces_is_secret_too() -> None:
    (change,) = readable(BOOK, book({"genre": Secret("new")}), live({"genre": "old"})).changes

    assert isinstance(change.before, Secret)
    assert change.before.reveal() == "old"


def test_a_secret_that_is_so_already_is_no_change() -> None:
    assert names(book({"genre": Secret("same")}), live({"genre": "same"})) == []


def test_where_a_whole_field_is_masked_each_key_of_it_is() -> None:
    masked = Secret(known=False)

    assert readable(BOOK, book({"genre": "x"}), live(masked)).uncompared == (("labels", "genre"),)


def test_exact_ownership_claims_what_the_schema_knows_and_nobody_declared() -> None:
    now = live({"genre": "crime", "lent": False, "size": 2, "push": "x", "_shelfmark": "x1"})

    assert exact_removals(BOOK, book({"size": 2}, exact=True), now) == ("genre",)
    assert exact_removals(BOOK, book({"size": 2}), now) == ()
    assert exact_removals(BOOK, book({"size": 2}, exact=True, schema=None), now) == ()


def test_a_create_sets_every_declared_field_and_key_but_removals() -> None:
    changes = created(BOOK, Resource(UNDER, {"title": "T", "labels": {"genre": "x", "lent": None}}))

    assert [(change.name, change.before, change.after) for change in changes] == [
        ("title", ABSENT, "T"),
        ("labels.genre", ABSENT, "x"),
    ]


def test_a_deletion_takes_what_says_something_and_shows_what_its_guard_lets_it() -> None:
    now = Resource(UNDER, {"title": "T", "labels": {"genre": "x", "empty": "", "null": None}})
    changes = removed(BOOK, now, lambda path, value: f"{path[-1]} of {value}")

    assert [(change.name, change.before, change.after) for change in changes] == [
        ("title", "title of T", ABSENT),
        ("labels.genre", "genre of x", ABSENT),
    ]


def test_a_field_is_flattened_only_where_it_is_owned_by_key() -> None:
    assert [*flat(BOOK, {"title": {"a": 1}, "labels": {"b": {"c": 2}}})] == [
        (("title",), {"a": 1}),
        (("labels", "b"), {"c": 2}),
    ]


def test_a_change_stands_where_its_key_does_or_else_its_field_or_else_its_resource() -> None:
    places: dict[tuple[str | int, ...], Place] = {
        ("labels",): Place("a.yaml", 2),
        ("labels", "genre"): Place("a.yaml", 3),
    }
    desired = Resource(UNDER, {}, declaration=Declaration(Place("a.yaml", 1), places))

    paths = (("labels", "genre"), ("labels", "lent"), ("title",))
    assert [place.line for path in paths if (place := place_of(desired, path))] == [3, 2, 1]
    assert place_of(Resource(UNDER, {}), ("title",)) is None


def test_an_explanation_says_where_and_never_what() -> None:
    before, after = [{"id": "a", "t": Secret("hush")}], [{"id": "a", "t": Secret("hash")}, {"id": "b"}]

    assert explain(before, after) == ("[0]['t']", "[1]")
    assert explain("text", "other") == ()
    assert explain(["text"], "text") == explain("text", ["text"]) == ()
    assert explain([Secret(known=False)], []) == ()
