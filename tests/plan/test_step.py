"""Changes, steps and plans: their signs, their names and Terraform's line."""

from __future__ import annotations

import pytest

from reconciler.plan.step import Action, Change, Plan, Reason, Step
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, Secret

ADDRESS = Address("shelf/a")
UNKNOWN, SET = Change(("script",), unknown=True, after="x"), Change(("title",), after="x")


@pytest.mark.parametrize(
    ("change", "symbol"),
    [
        (Change(("k",), ABSENT, 1), "+"),
        (Change(("k",), 1, ABSENT), "-"),
        (Change(("k",), 1, 2), "~"),
        (Change(("k",), None, 0), "~"),
        (Change(("k",), Secret("a"), Secret("b")), "~"),
        (Change(("k",), ABSENT, 1, unknown=True), "?"),
    ],
)
def test_a_change_has_its_meaning_without_colour(change: Change, symbol: str) -> None:
    assert change.symbol == symbol


def test_the_text_absent_is_a_value_as_any_other() -> None:
    assert Change(("k",), "absent", "x").symbol == "~"


def test_a_change_is_named_as_people_write_it() -> None:
    assert Change(("configuration", "channel")).name == "configuration.channel"


@pytest.mark.parametrize(
    ("action", "changes", "symbol"),
    [
        (Action.CREATE, (SET,), "+"),
        (Action.DELETE, (), "-"),
        (Action.UPDATE, (SET,), "~"),
        (Action.UPDATE, (SET, UNKNOWN), "~"),
        (Action.UPDATE, (UNKNOWN,), "?"),
        (Action.UPDATE, (), "~"),
        (Action.CREATE, (UNKNOWN,), "+"),
    ],
)
def test_a_step_is_unknown_only_where_all_that_an_update_changes_is(
    action: Action, changes: tuple[Change, ...], symbol: str
) -> None:
    assert Step(action, ADDRESS, changes).symbol == symbol


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_but_none_has_a_sentence_of_its_own(reason: Reason) -> None:
    others = {other.sentence for other in Reason if other is not reason}

    assert bool(reason.sentence) is (reason is not Reason.NONE)
    assert reason.sentence not in others


def test_a_plan_counts_what_it_does_and_how_many_requests_that_takes() -> None:
    steps = (
        Step(Action.CREATE, ADDRESS, requests=2),
        Step(Action.DELETE, Address("shelf/b"), requests=3),
        Step(Action.DELETE, Address("shelf/b/book/c"), sends=False, requests=0),
    )
    plan = Plan("org", "https://api.test", steps)

    assert plan.summary == "Plan: 1 to add, 0 to change, 2 to destroy."
    assert plan.requests == 5
    assert [plan.count(action) for action in Action] == [1, 0, 2]


def test_a_plan_without_steps_says_so() -> None:
    assert Plan("org", "https://api.test").summary == "No changes."
