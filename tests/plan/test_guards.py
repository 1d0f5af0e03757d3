"""What a plan may not do without being asked, in numbers; the words of each refusal are in the plan cases."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.guards import SMALL, Allowances, refusals
from reconciler.plan.step import Action, Limits, Plan, Step
from reconciler.resources.resource import Address


def deleting(count: int, live: int, most: float = 0.3) -> Plan:
    """A plan that deletes so many of so many."""
    steps = tuple(Step(Action.DELETE, Address(f"installation/i{number}")) for number in range(count))
    return Plan("org", "https://x", steps, live_count=live, declared_count=1, limits=Limits(most))


def refused(plan: Plan, **allowed: int | bool) -> tuple[str, ...]:
    return refusals(plan, table=KINDS, allowed=Allowances(**allowed))  # type: ignore[arg-type]  # by name


@given(st.integers(0, 60), st.integers(SMALL, 60), st.integers(0, 100))
def test_a_share_is_exact(count: int, live: int, percent: int) -> None:
    more = Fraction(count, live) > Fraction(percent, 100)

    assert bool(refused(deleting(count, live, percent / 100))) is (more and count > 0)


@pytest.mark.parametrize(
    ("count", "live", "share"), [(29, 100, 0.29), (57, 100, 0.57), (58, 100, 0.58), (333, 1000, 0.333)]
)
def test_a_share_that_a_float_cannot_hold_is_what_was_written(count: int, live: int, share: float) -> None:
    assert not refused(deleting(count, live, share))
    assert refused(deleting(count + 1, live, share))


@pytest.mark.parametrize("count", range(SMALL))
def test_a_share_says_nothing_of_fewer_than_ten(count: int) -> None:
    assert not refused(deleting(count, SMALL - 1))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_a_number_counts_however_many_are_live(count: int, live: int, most: int) -> None:
    assert bool(refused(deleting(count, live, most))) is (count > most)


@given(st.integers(1, 30), st.integers(0, 30))
def test_an_allowance_is_the_real_number_or_a_refusal(count: int, allowed: int) -> None:
    assert bool(refused(deleting(count, 100, 0), deletes=allowed)) is (count != allowed)


def test_an_allowance_does_not_open_what_is_protected() -> None:
    plan = Plan(
        "org",
        "https://x",
        (Step(Action.DELETE, Address("installation/slack")),),
        declared_count=1,
        limits=Limits(protect=("installation/*",)),
    )

    assert refused(plan, deletes=1, unpublish=True, empty=True)


def test_what_is_made_or_changed_is_no_business_of_the_guards() -> None:
    steps = tuple(
        Step(action, Address(f"integration/{action}")) for action in Action if action is not Action.DELETE
    )
    plan = Plan("org", "https://x", steps, declared_count=2, limits=Limits(0, ("**",)))

    assert not refused(plan)


@pytest.mark.parametrize(
    ("declared", "partial", "destroy", "is_refused"),
    [(0, False, False, True), (1, False, False, False), (0, True, False, False), (0, False, True, False)],
)
def test_files_that_declare_nothing(declared: int, partial: bool, destroy: bool, is_refused: bool) -> None:  # noqa: FBT001 - columns
    plan = Plan("org", "https://x", declared_count=declared, partial=partial, destroy=destroy)

    assert bool(refused(plan)) is is_refused
    assert not refused(plan, empty=True)


def test_an_input_that_says_nothing_is_no_wish_to_delete_also_in_a_part_of_a_plan() -> None:
    plan = Plan("org", "https://x", declared_count=3, partial=True, limits=Limits(silent=("over.yaml",)))

    assert refused(plan) == ("over.yaml: says nothing; was it cut short? If that is meant: --allow-empty",)
    assert not refused(plan, empty=True)


def test_many_unpublished_are_counted_and_the_first_are_named() -> None:
    steps = tuple(Step(Action.DELETE, Address(f"integration/i{number}")) for number in range(7))
    plan = Plan("org", "https://x", steps, declared_count=7)

    (reason,) = refused(plan)

    assert reason.startswith("the plan unpublishes 7 (integration/i0, integration/i1")
    assert "integration/i4 and 2 more)" in reason
    assert not refused(plan, unpublish=True)


def test_of_many_that_are_protected_some_are_named_and_the_others_counted() -> None:
    steps = tuple(Step(Action.DELETE, Address(f"installation/i{number}")) for number in range(40))
    plan = Plan("org", "https://x", steps, declared_count=1, limits=Limits(1000, ("installation/*",)))

    (refusal,) = refused(plan)
    assert refusal.startswith("installation/i0, installation/i1, ")
    assert " and 35 more are protected (installation/*), and this plan deletes them; " in refusal
