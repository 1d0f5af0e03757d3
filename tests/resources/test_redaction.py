"""What is secret of live values: by name, by title, because a file takes it from a secret, or did once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from reconciler.lock.document import LockEntry
from reconciler.resources.digest import Salt
from reconciler.resources.kind import Checks, FileSyntax, Kind, table
from reconciler.resources.redaction import Redactor
from reconciler.resources.resource import Address
from reconciler.resources.schema import Property, Schema
from reconciler.resources.secret_names import SecretNames, looks_secret, wrapped
from reconciler.resources.values import ABSENT, Secret
from tests.toy import BookCalls, BookSpec, ShelfCalls, ShelfSpec, declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.resources.resource import State

SCHEMA = Schema({"genre": Property("string"), "entry": Property("string", title="API key")})
BOOKS = table(
    Kind("shelf", ShelfSpec, ShelfCalls(), FileSyntax("shelves")),
    Kind(
        "shelf_book",
        BookSpec,
        BookCalls(),
        FileSyntax("books"),
        parent="shelf",
        checks=Checks(schema=lambda _address, _desired, _live: SCHEMA),
    ),
)
ONE, OTHER, ELSEWHERE = map(Address, ("shelf/a/book/1", "shelf/a/book/2", "shelf/b/book/1"))


def redactor(state: State | None = None, entries: Mapping[Address, LockEntry] | None = None) -> Redactor:
    return Redactor.of(state or {}, entries or {}, {}, table=BOOKS, names=SecretNames())


@pytest.mark.parametrize("key", ["api_token", "entry"], ids=["by its name", "by its title"])
def test_a_key_that_is_called_a_secret_is_hidden(key: str) -> None:
    assert redactor().is_secret(ONE, ("labels", key))
    assert redactor().shown(ONE, ("labels", key), "shh") == Secret("shh")


def test_no_other_key_and_no_field_is_hidden_by_name() -> None:
    found = redactor()

    assert not found.is_secret(ONE, ("labels", "genre"))
    assert not found.is_secret(ONE, ("title",))
    assert not found.is_secret(Address("shelf/a"), ("motto",))


def test_what_a_file_takes_from_a_secret_is_hidden_on_all_siblings_and_nowhere_else() -> None:
    found = redactor(declared(shelf__a__book__1={"labels": {"genre": {"deep": Secret("x")}, "mood": "y"}}))

    assert found.is_secret(ONE, ("labels", "genre"))
    assert found.is_secret(OTHER, ("labels", "genre"))
    assert not found.is_secret(OTHER, ("labels", "mood"))
    assert not found.is_secret(ELSEWHERE, ("labels", "genre"))


def test_a_whole_field_that_was_made_from_a_secret_is_hidden() -> None:
    found = redactor(declared(shelf__a__book__1={"title": [Secret("x")]}))

    assert found.is_secret(OTHER, ("title",))
    assert found.shown(OTHER, ("title",), "y") == Secret("y")


def test_what_was_applied_as_a_secret_once_is_hidden_though_no_file_names_it() -> None:
    salt = Salt()
    fields = {"labels.genre": salt.digest(Secret("x")), "labels.mood": salt.digest("y")}
    found = redactor(entries={ONE: LockEntry("toys.yaml", fields)})

    assert found.is_secret(OTHER, ("labels", "genre"))
    assert not found.is_secret(ONE, ("labels", "mood"))


@pytest.mark.parametrize("value", [ABSENT, Secret("x"), Secret(known=False)], ids=repr)
def test_what_is_not_there_or_a_secret_already_stays_as_it_is(value: Any) -> None:
    assert redactor().shown(ONE, ("labels", "api_token"), value) is value


def test_within_a_value_only_what_is_called_a_secret_is_masked() -> None:
    value = {"a": [{"password": "shh", "b": 1}], "token": Secret("x"), "keys": {"c": 2}}

    found = wrapped(value, looks_secret)

    assert found == {
        "a": [{"password": Secret("shh"), "b": 1}],
        "token": Secret("x"),
        "keys": Secret({"c": 2}),
    }
    assert redactor().shown(ONE, ("labels", "genre"), value) == found
    assert redactor().shown(ONE, ("title",), value) is value


UNMASKED = SecretNames(unmask=("a/api_token",))


def test_an_unmasked_live_value_shows_only_if_it_is_declared_in_clear_or_was_applied_so() -> None:
    salt = Salt()
    path = ("labels", "api_token")
    stated = declared(shelf__a__book__1={"labels": {"api_token": "stated"}})
    lock = {ONE: LockEntry("toys.yaml", {"labels.api_token": salt.digest("applied")})}
    found = Redactor.of(stated, lock, {}, table=BOOKS, names=UNMASKED, salt=salt)

    assert found.shown(ONE, path, "stated") == "stated"
    assert found.shown(ONE, path, "applied") == "applied"
    assert found.shown(ONE, path, "anything else") == Secret("anything else")
    assert found.shown(OTHER, path, "stated") == Secret("stated")
    assert found.is_secret(ONE, path)


def test_what_was_applied_masked_is_not_uncovered_by_a_line_of_unmask() -> None:
    salt = Salt()
    lock = {ONE: LockEntry("toys.yaml", {"labels.api_token": salt.digest(Secret("shh", weak=True))})}
    found = Redactor.of({}, lock, {}, table=BOOKS, names=UNMASKED, salt=salt)

    assert found.shown(ONE, ("labels", "api_token"), "shh") == Secret("shh")


def test_unmask_uncovers_no_declared_secret() -> None:
    stated = declared(shelf__a__book__1={"labels": {"api_token": Secret("shh")}})
    found = Redactor.of(stated, {}, {}, table=BOOKS, names=UNMASKED)

    assert found.shown(ONE, ("labels", "api_token"), "shh") == Secret("shh")


def test_what_was_masked_by_a_line_that_is_gone_stays_masked() -> None:
    lock = {ONE: LockEntry("toys.yaml", {"labels.genre": Salt().digest(Secret("shh", weak=True))})}
    found = Redactor.of({}, lock, {}, table=BOOKS, names=SecretNames())

    assert found.is_secret(OTHER, ("labels", "genre"))


def test_a_live_value_with_the_shape_of_a_secret_is_masked() -> None:
    url = "postgres://u:hunter2@db.test/x"

    assert redactor().shown(ONE, ("labels", "genre"), url) == Secret(url)
    assert redactor().shown(ONE, ("labels", "genre"), {"a": url}) == {"a": Secret(url)}
