from __future__ import annotations

from reconciler.plan.step import Action
from reconciler.render.plan.order import groups, tally
from tests.render.situations import BANNER, SLACK, create, crowd, delete, plan, publish, update


def test_a_publication_and_an_installation_of_one_name_are_one_group() -> None:
    steps = (publish(), update(address=type(SLACK)("installation/acme-banner")))

    assert [group.name for group in groups(steps)] == ["acme-banner"]
    assert BANNER.root.key == "acme-banner"


def test_groups_that_delete_come_first_and_in_a_group_deletions() -> None:
    found = groups((update(), create(), delete(), delete(SLACK)))

    assert [group.name for group in found] == ["googleanalytics", "slack"]
    assert [step.action for step in found[1].steps] == [Action.DELETE, Action.UPDATE, Action.CREATE]


def test_the_counts_of_all_groups_are_the_counts_of_the_plan() -> None:
    made = crowd(14, 9, 4)
    _, *rows = tally(made)
    sums = [sum(int(row[column].replace("-", "0")) for row in rows) for column in (1, 2, 3)]

    assert sums == [made.count(action) for action in Action]
    assert tally(plan()) == [("integration", "add", "change", "destroy")]
