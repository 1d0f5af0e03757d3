"""What cannot be done, or must not be done, without a step that is left out."""

from __future__ import annotations

from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.approval.restrict import restricted
from reconciler.plan.step import Action, Plan, Reason, Step
from reconciler.resources.resource import Address

BANNER, INSTALLED = Address("integration/banner"), Address("installation/banner")


def test_what_is_deleted_for_another_deletion_stays_with_it() -> None:
    """An installation goes only because its integration does: alone, nobody has asked for that."""
    first = Step(Action.DELETE, INSTALLED, reason=Reason.DEPENDENCY)
    then = Step(Action.DELETE, BANNER, reason=Reason.DECLARED_ABSENT, needs=(INSTALLED,))
    plan = Plan("o", "https://api.gitbook.com", (first, then))

    without_cause = restricted(plan, {BANNER: "nobody has approved it"}, table=KINDS)
    without_first = restricted(plan, {INSTALLED: "nobody has approved it"}, table=KINDS)

    assert without_cause.steps == without_first.steps == ()
    assert [item.why for item in without_cause.left_out] == [
        "is deleted only because of integration/banner, which is left out",
        "nobody has approved it",
    ]


def test_a_plan_of_which_nothing_is_left_out_is_the_same() -> None:
    plan = Plan("o", "https://api.gitbook.com", (Step(Action.DELETE, BANNER),))

    assert restricted(plan, {}, table=KINDS) is plan
