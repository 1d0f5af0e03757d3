"""The language of the table of kinds: what a spec's marks mean, and what a schema says of its keys."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from reconciler.resources.kind import (
    Assumed,
    Compare,
    FileSyntax,
    FromFile,
    Implicit,
    Kind,
    Mark,
    Writing,
    table,
)
from reconciler.resources.schema import Property, Schema
from reconciler.resources.values import Secret
from tests.toy import TOYS, ShelfCalls

FILE = FromFile(lambda data: data.hex(), ".png")


class Spec(BaseModel):
    """Each mark once."""

    plain: str | None = None
    keyed: Annotated[dict[str, Any] | None, Mark.KEYED, Assumed({})] = None
    unordered: Annotated[list[str] | None, Mark.UNORDERED] = None
    blind: Annotated[str | None, Mark.WRITE_ONLY] = None
    first: Annotated[str | None, Mark.CREATE_ONLY] = None
    given: Annotated[str | None, Mark.READ_ONLY] = None
    ours: Annotated[str | None, Mark.SETTING] = None
    always: Annotated[str | None, Mark.ALWAYS, Assumed("")] = None
    loose: Annotated[str | None, Compare(lambda one, other: one.lower() == other.lower())] = None
    image: Annotated[str | None, FILE] = None
    reach: Annotated[str | None, Implicit("box_lid", "all")] = None
    renamed: str | None = Field(default=None, alias="re-named")


BOX = Kind("box_lid", Spec, ShelfCalls(), FileSyntax("lids"), parent="box")


@pytest.mark.parametrize(
    ("name", "compared", "sent"),
    [
        ("plain", True, True),
        ("keyed", True, True),
        ("unordered", True, True),
        ("always", True, True),
        ("blind", False, True),
        ("first", False, True),
        ("given", False, False),
        ("ours", False, False),
    ],
)
def test_a_mark_says_whether_a_field_is_compared_and_whether_it_is_sent(
    name: str, *, compared: bool, sent: bool
) -> None:
    assert (BOX.fields[name].compared, BOX.fields[name].sent) == (compared, sent)


def test_nothing_is_compared_that_is_not_sent() -> None:
    for kind in (BOX, *TOYS.values()):
        assert all(item.sent for item in kind.fields.values() if item.compared)


def test_a_field_is_called_what_the_api_calls_it() -> None:
    assert "re-named" in BOX.fields
    assert "renamed" not in BOX.fields


def test_a_field_knows_what_its_spec_says_of_it() -> None:
    fields = BOX.fields

    assert fields["always"].assumed == ""
    assert fields["keyed"].assumed == {}
    assert fields["plain"].assumed is None
    assert fields["image"].from_file is FILE
    assert fields["blind"].has(Mark.WRITE_ONLY)
    assert not fields["plain"].has(Mark.WRITE_ONLY)


def test_a_field_is_compared_as_its_spec_says_with_secrets_in_clear() -> None:
    assert BOX.fields["loose"].same("A", "a")
    assert BOX.fields["loose"].same(Secret("A"), "a")
    assert not BOX.fields["plain"].same("A", "a")
    assert BOX.fields["unordered"].same(["a", "b"], ["b", "a"])
    assert BOX.fields["unordered"].same(Secret(["a", "b"]), ["b", "a"])
    assert not BOX.fields["unordered"].same(["a"], ["a", "b"])
    assert not BOX.fields["unordered"].same(["a"], None)


def test_a_kind_knows_its_word_its_keyed_field_and_what_it_cannot_read_back() -> None:
    assert BOX.word == "lid"
    assert BOX.keyed == "keyed"
    assert [item.name for item in BOX.unreadable] == ["blind"]
    assert TOYS["shelf"].keyed == ""


def test_children_exist_by_themselves_only_with_the_value_that_says_so() -> None:
    assert BOX.implicit({"reach": "all"}) == {"box_lid": "reach"}
    assert BOX.implicit({"reach": "some"}) == BOX.implicit({}) == {}


def test_a_table_finds_a_kind_by_its_name_and_cannot_be_changed() -> None:
    made = table(BOX)

    assert made["box_lid"] is BOX
    assert not hasattr(made, "__setitem__")


SCHEMA = Schema(
    {
        "free": Property("string"),
        "owed": Property("string"),
        "usual": Property("boolean", default=False),
        "push": Property("button"),
    },
    required=frozenset({"owed", "usual", "push", "unheard"}),
)


def test_a_schema_knows_what_a_file_can_set_and_what_it_must() -> None:
    assert SCHEMA.settable == {"free", "owed", "usual"}
    assert SCHEMA.defaults == {"usual": False}
    assert SCHEMA.required_keys == {"owed"}


@pytest.mark.parametrize(
    ("writing", "reads", "patches", "requests"),
    [
        (Writing(), False, False, 1),
        (Writing(), False, True, 2),
        (Writing(), True, True, 3),
        (Writing(reads_before_create=True), False, True, 3),
        (Writing(reads_before_create=True), True, True, 3),
        (Writing("whole", reads_before_create=True), False, True, 2),
        (Writing(read_requests=2, create_requests=3, write_requests=4), True, True, 9),
    ],
)
def test_a_kind_says_how_many_requests_a_create_takes(
    writing: Writing, *, reads: bool, patches: bool, requests: int
) -> None:
    assert writing.requests_of_create(reads=reads, patches=patches) == requests


def test_a_kind_says_how_many_requests_an_update_takes() -> None:
    assert Writing().requests_of_update == 2
    assert Writing(read_requests=2, write_requests=3).requests_of_update == 5
