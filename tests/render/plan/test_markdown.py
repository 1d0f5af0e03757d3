"""Markdown for pull requests: within its limits whatever the plan, and nothing of weight left out."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.plan.step import Action, Plan
from reconciler.render.markdown import COMMENT_LIMIT, SUMMARY_LIMIT
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.report.markdown import report_markdown
from reconciler.resources.resource import Address
from tests.render.situations import (
    PLANS,
    REPORTS,
    SLACK,
    config,
    create,
    crowd,
    delete,
    notice,
    plan,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parents[1] / "golden"
WRITE = os.environ.get("GBSYNC_GOLDEN") == "write"
SHOWN: dict[str, Callable[[], str]] = {
    "another_file": lambda: plan_markdown(PLANS["an update that another file asks for"]()),
    "with_warnings": lambda: plan_markdown(PLANS["with warnings"]()),
    "one_of_each": lambda: plan_markdown(PLANS["one of each"]()),
    "masked": lambda: plan_markdown(PLANS["masked"]()),
    "hostile_text": lambda: plan_markdown(PLANS["hostile text"]()),
    "left_out": lambda: plan_markdown(crowd(60, 30, 9, alike=False), limit=6000),
    "nothing_to_do": lambda: plan_markdown(plan()),
    "several_lines": lambda: plan_markdown(PLANS["several lines"]()),
    "failed_in_part": lambda: report_markdown(REPORTS["report, failed in part"]()),
    "pending": lambda: plan_markdown(PLANS["pending"]()),
}


def size(text: str) -> int:
    return len(text.encode())


@pytest.mark.parametrize("name", SHOWN)
def test_it_reads_as_its_golden_file(name: str) -> None:
    path, text = GOLDEN / f"{name}.md", SHOWN[name]()
    if WRITE:
        path.write_text(text, "utf-8")

    assert text == path.read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(SHOWN)


@pytest.mark.parametrize("make", PLANS.values(), ids=PLANS)
def test_every_plan_says_its_counts_and_every_deletion(make: Callable[[], Plan]) -> None:
    made = make()
    text = plan_markdown(made)

    assert f"### {made.summary}" in text
    for step in made.steps:
        assert (step.address.key if step.action is Action.DELETE else step.name.split("\x1b")[0]) in text


@given(
    creates=st.integers(0, 400),
    updates=st.integers(0, 400),
    deletes=st.integers(0, 60),
    limit=st.integers(9_000, COMMENT_LIMIT),
    alike=st.booleans(),
)
def test_the_limit_holds_and_no_deletion_and_no_count_is_left_out(
    creates: int, updates: int, deletes: int, limit: int, *, alike: bool
) -> None:
    made = crowd(creates, updates, deletes, alike=alike)
    text = plan_markdown(made, limit=limit)

    assert size(text) <= limit
    assert made.summary in text
    for word, action in (("Add", Action.CREATE), ("Change", Action.UPDATE), ("Destroy", Action.DELETE)):
        count = made.count(action)
        assert (f"<b>{word} {count:,}</b>" in text) == bool(count)
    for step in made.steps:
        assert step.action is not Action.DELETE or step.address in text


def test_creates_are_left_out_before_updates() -> None:
    made = crowd(400, 100, 20, alike=False)
    full = size(plan_markdown(made, limit=SUMMARY_LIMIT))
    left: list[tuple[int, int]] = []
    for limit in range(full + 500, 9_000, -4_000):
        text = plan_markdown(made, limit=limit)
        left.append((_left_out(text, "addition"), _left_out(text, "change")))

    assert left[0] == (0, 0)
    assert all(not changes or additions == 400 for additions, changes in left)
    assert left == sorted(left)


def _left_out(text: str, word: str) -> int:
    found = re.search(rf"\*([\d,]+) more {word}s? left out", text)
    return int(found[1].replace(",", "")) if found else 0


def test_thousands_of_deletions_are_all_named_in_a_comment() -> None:
    steps = (delete(Address(f"installation/slack/space/{number:020d}")) for number in range(2_500))
    text = plan_markdown(plan(*steps))

    assert size(text) <= COMMENT_LIMIT
    assert all(f"{number:020d}" in text for number in range(2_500))


def test_a_job_summary_takes_what_a_comment_does_not() -> None:
    made = crowd(3_000, 1_000, 100, alike=False)

    assert size(plan_markdown(made)) <= COMMENT_LIMIT
    assert COMMENT_LIMIT < size(plan_markdown(made, limit=SUMMARY_LIMIT)) <= SUMMARY_LIMIT


def test_one_step_larger_than_the_limit_is_left_out_and_counted() -> None:
    huge = create(SLACK, *(config(f"key{number}", after="x" * 150) for number in range(60)))
    text = plan_markdown(plan(huge), limit=4_000)

    assert size(text) <= 4_000
    assert "*1 more addition left out here" in text


def test_a_thousand_integrations_still_add_up() -> None:
    made = plan(*(update(address=Address(f"installation/i{number:04d}")) for number in range(1_000)))
    text = plan_markdown(made)

    assert "| 900 more | 0 | 900 | 0 |" in text
    assert size(text) <= COMMENT_LIMIT


def test_a_small_order_is_drawn_and_a_large_one_is_not() -> None:
    assert "```mermaid\nflowchart LR\n" in plan_markdown(PLANS["one of each"]())
    assert "mermaid" not in plan_markdown(
        plan(
            *(
                create(Address(f"installation/i{n}/site/a"), needs=(Address(f"installation/i{n}"),))
                for n in range(30)
            )
        )
    )


def test_what_waits_for_a_person_is_always_there() -> None:
    text = plan_markdown(PLANS["pending"]())

    assert "`https://app.gitbook.com/o/b1Xq7/integrations/github`" in text


def test_many_mentions_are_bounded_and_counted() -> None:
    text = plan_markdown(plan(pending=tuple(notice(f"i{number}") for number in range(80))))

    assert "a person must finish these in the app): 80" in text
    assert "- 30 more" in text


def test_of_many_warnings_the_first_are_listed_and_all_are_counted() -> None:
    (warning,) = PLANS["with warnings"]().problems
    # Equal warnings fold to one; each of these is about a key of its own.
    warnings = tuple(replace(warning, message=f"{warning.message} ({number})") for number in range(70))
    text = plan_markdown(plan(update(), problems=warnings))

    assert text.count("key chanel is unknown") == 50
    assert "\n20 more\n" in text
    assert "<summary>Warnings: 70</summary>" in text
    assert "70 warnings." in text
