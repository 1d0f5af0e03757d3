"""Preconditions: what a fresh read says of a step, and what a write sends then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.payload import patch_body, remaining_keys, whole_body
from reconciler.apply.preconditions import Preconditions, desired_value, value_of
from reconciler.plan.conflict import Conflict
from reconciler.plan.expected import Expected, Identity
from reconciler.plan.step import Action, Step
from reconciler.resources.digest import Salt
from reconciler.resources.redaction import Redactor
from reconciler.resources.resource import Address, Facts, Resource
from reconciler.resources.values import ABSENT, Secret
from tests.toy import TOYS

if TYPE_CHECKING:
    from collections.abc import Mapping

SHELF, BOOK = TOYS["shelf"], TOYS["shelf_book"]
TOP, UNDER = Address("shelf/a"), Address("shelf/a/book/b")
JUDGE = Preconditions(TOYS, Salt("s"), {TOP: Resource(TOP, {}, Facts(id="top"))}, Redactor(TOYS))
EXPECTED = Expected(Identity("b", "top"), {"labels.genre": "crime"})
UPDATE = Step(Action.UPDATE, UNDER, expected=EXPECTED, desired={"labels": {"genre": "essay"}})


def book(labels: Mapping[str, Any] | None = None, id_: str = "b") -> Resource:
    return Resource(UNDER, {"labels": labels or {}}, Facts(id=id_, status="active"))


def moved(step: Step, now: Resource | None) -> list[tuple[Any, ...]]:
    return [(item.name, item.before, item.planned, item.now) for item in JUDGE.conflicts(step, now)]


def test_as_planned_nothing_has_moved_and_something_is_left_to_do() -> None:
    now = book({"genre": "crime"})

    assert moved(UPDATE, now) == []
    assert JUDGE.unsatisfied(UPDATE, now) == ("labels.genre",)
    assert not JUDGE.is_satisfied(UPDATE, now)


def test_what_somebody_else_did_already_is_met_and_no_conflict() -> None:
    now = book({"genre": "essay"})

    assert moved(UPDATE, now) == []
    assert JUDGE.is_satisfied(UPDATE, now)


def test_what_somebody_changed_to_something_else_is_told_with_all_three_values() -> None:
    assert moved(UPDATE, book({"genre": "poem"})) == [("labels.genre", "crime", "essay", "poem")]
    assert moved(UPDATE, book()) == [("labels.genre", "crime", "essay", ABSENT)]


def test_what_no_file_declares_may_change_as_it_likes() -> None:
    assert moved(UPDATE, book({"genre": "crime", "_shelfmark": "x2"})) == []


def test_another_object_at_the_same_address_is_not_the_one_that_was_planned() -> None:
    now = book({"genre": "essay"}, id_="other")

    assert moved(UPDATE, now) == [("id", "b", "b", "other")]
    assert not JUDGE.is_satisfied(UPDATE, now)


def test_the_same_object_under_another_parent_has_moved() -> None:
    judge = replace(JUDGE, known={TOP: Resource(TOP, {}, Facts(id="new"))})

    assert judge.conflicts(UPDATE, book({"genre": "crime"})) == (
        Conflict("parent", "top", "top", "new", identity=True),
    )


@pytest.mark.parametrize("action", [Action.UPDATE, Action.DELETE])
def test_what_is_gone_has_moved_unless_it_was_to_be_made(action: Action) -> None:
    step = replace(UPDATE, action=action)

    assert moved(step, None) == [("id", "b", "b", ABSENT)]
    assert moved(replace(step, action=Action.CREATE), None) == []
    assert JUDGE.is_satisfied(step, None) is (action is Action.DELETE)


def test_a_deletion_is_held_against_everything_that_it_was_decided_on() -> None:
    step = replace(UPDATE, action=Action.DELETE, desired={})

    assert moved(step, book({"genre": "crime"})) == []
    assert moved(step, book({"genre": "poem"})) == [("labels.genre", "crime", ABSENT, "poem")]
    assert not JUDGE.is_satisfied(step, book())


def test_a_default_that_the_server_filled_in_is_nobodys_change() -> None:
    step = replace(UPDATE, expected=Expected(Identity("b")), desired={"labels": {"lent": True}})

    assert moved(step, book({"lent": False})) == []
    assert moved(step, book({"lent": "x"})) == [("labels.lent", ABSENT, True, "x")]


def test_where_one_of_the_values_is_secret_all_three_are() -> None:
    step = replace(UPDATE, desired={"labels": {"genre": Secret("essay")}})
    ((_, *values),) = moved(step, book({"genre": "poem"}))

    assert all(isinstance(value, Secret) for value in values)


def test_a_shelf_made_by_somebody_else_meanwhile_is_not_overwritten() -> None:
    step = Step(Action.CREATE, TOP, desired={"name": "A"})
    now = Resource(TOP, {"name": "B"}, Facts(id="a", version=1))

    assert ("version", ABSENT, 1, 1) in moved(step, now)


# what a write sends


def test_a_patch_sends_all_keys_back_as_a_server_may_replace_the_field() -> None:
    now = book({"genre": "crime", "_oauth": "token"})

    assert patch_body(BOOK, {"labels": {"genre": "essay"}}, now) == {
        "labels": {"genre": "essay", "_oauth": "token"}
    }


def test_a_removal_leaves_its_key_out_until_the_server_asks_for_a_null() -> None:
    now = book({"genre": "crime", "_oauth": "token"})
    desired = {"labels": {"genre": None}}

    assert patch_body(BOOK, desired, now) == {"labels": {"_oauth": "token"}}
    assert patch_body(BOOK, desired, now, nulls=("genre",)) == {"labels": {"genre": None, "_oauth": "token"}}


def test_a_patch_leaves_out_what_is_so_already() -> None:
    now = Resource(UNDER, {"title": "T", "labels": {"genre": "crime"}})

    assert patch_body(BOOK, {"title": "T", "labels": {"genre": "crime"}}, now) == {}
    assert patch_body(BOOK, {"title": "U"}, now) == {"title": "U"}


def test_a_whole_write_keeps_what_is_live_and_nobody_declared() -> None:
    now = Resource(TOP, {"name": "A", "motto": "old"})

    step = replace(UPDATE, desired={"name": "B"})

    assert whole_body(SHELF, step, now) == {"name": "B", "motto": "old"}
    assert whole_body(SHELF, step, None) == {"name": "B"}


def test_a_whole_write_leaves_out_what_its_step_leaves_out() -> None:
    now = Resource(TOP, {"name": "A", "motto": "old"})
    step = replace(UPDATE, desired={"name": "B", "motto": ""}, left_out=frozenset({"motto"}))

    assert whole_body(SHELF, step, now) == {"name": "B"}


def test_a_key_that_was_to_go_and_is_in_the_reply_was_kept() -> None:
    step = replace(UPDATE, desired={"labels": {"genre": None, "lent": True}})

    assert remaining_keys(BOOK, step, book({"genre": "crime"})) == ("genre",)
    assert remaining_keys(BOOK, step, book({"lent": True})) == ()


def test_a_value_is_found_by_the_name_of_its_field_or_key() -> None:
    now = Resource(UNDER, {"title": "T", "labels": {"genre": "crime", "lent": None}})

    assert [value_of(BOOK, now, name) for name in ("title", "labels.genre", "labels.lent", "other")] == [
        "T",
        "crime",
        ABSENT,
        ABSENT,
    ]
    assert [desired_value(BOOK, UPDATE, name) for name in ("labels.genre", "labels.lent", "title")] == [
        "essay",
        ABSENT,
        ABSENT,
    ]
