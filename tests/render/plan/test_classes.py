"""What is alike is said once: counted lines and bytes at any size, deviants by themselves, names first."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply.report import Outcome, Result
from reconciler.diagnostics import Place
from reconciler.plan.step import Action, Notice, Plan, Reason, Step
from reconciler.render.markdown import COMMENT_LIMIT
from reconciler.render.plan.classes import Mention, mentions, names_of, places_text, some
from reconciler.render.plan.graph import dot, mermaid
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.order import step_classes
from reconciler.render.plan.text import plan_text
from reconciler.render.report.markdown import report_markdown
from reconciler.render.report.text import report_text
from reconciler.resources.resource import Address
from tests.render.situations import PLANS, config, create, crowd, delete, plan, report, update

if TYPE_CHECKING:
    from collections.abc import Sequence

LINE = Place("gbsync.yaml", 1575, 9, "tag:public")


def site(number: int, before: int = 25, after: int = 50, *, of: str = "plausible") -> Step:
    """A site whose id says nothing, as those of the API do."""
    address = Address(f"installation/{of}/site/site_{number * 7919 % 100003:05}")
    change = config("sample_rate", before, after, place=LINE)
    return update(change, address=address, label=f"site-{number}", place=LINE)


def others() -> tuple[Step, ...]:
    return (
        update(),
        delete(),
        create(),
        update(config("emoji", "wave", "tada"), address=Address("installation/github"), label="GitHub Sync"),
        create(Address("installation/intercom"), config("app_id", after="A"), label="Intercom"),
    )


def lines(text: str) -> int:
    return len(text.splitlines())


def size(text: str) -> int:
    return len(text.encode())


def test_three_hundred_equal_changes_and_five_others_are_forty_lines_and_eight_kilobytes() -> None:
    made = plan(*(site(number) for number in range(300)), *others())
    text, comment = plan_text(made), plan_markdown(made)

    assert lines(text) <= 40
    assert size(comment) <= 8_000
    assert re.search(r"^  ~ 300 sites +gbsync.yaml:1575 \(tag:public\)$", text, re.MULTILINE)
    assert "@@ ~ 300 sites of plausible  gbsync.yaml:1575 (tag:public) @@" in comment
    assert all(step.name in text and step.name in comment for step in others())


def test_of_three_hundred_the_five_that_had_another_value_are_seen_at_once() -> None:
    made = plan(*(site(number, 10 if number % 60 == 7 else 25) for number in range(300)))
    text, comment = plan_text(made), plan_markdown(made)

    assert lines(text) <= 20
    assert "~ 5 sites, unlike 295 others" in text
    assert "      site-7, site-67, site-127, site-187, site-247\n" in text
    assert "~ 5 sites of plausible, unlike 295 others" in comment
    assert size(comment) <= 4_000


def twelve() -> Plan:
    """Three thousand changes in twelve classes."""
    names = ("plausible", "fathom", "heap")
    return plan(*(site(number, number // 250, of=names[number % 3]) for number in range(1_000)),
                *(site(number, 9, number // 500, of="hotjar") for number in range(1_000, 2_000)),
                *(delete(Address(f"installation/slack/site/s{number:04}"), Reason.NO_LONGER_DECLARED,
                         label=f"old-{number}", place=None) for number in range(1_000)))  # fmt: skip


def test_three_thousand_changes_lose_nothing_to_the_limit_of_a_comment() -> None:
    made = twelve()
    found = step_classes(made.steps)
    comment = plan_markdown(made)

    assert len(made.steps) == 3_000
    assert 12 <= len(found) <= 16
    assert size(comment) <= COMMENT_LIMIT
    assert "left out here" not in comment
    for item in found:
        number = f"{len(item.steps):,}"
        assert f"{item.first.symbol} {number} sites of {item.root}" in comment
    assert all(step.address.key in comment for step in made.steps if step.action is Action.DELETE)
    assert lines(plan_text(made)) < 150


def test_a_file_of_one_installation_on_an_old_lock_says_in_a_few_lines_what_it_did_not_read() -> None:
    names = [f"integration-{number}" for number in range(8)]
    unread = (
        Notice(
            Address(f"installation/{name}/site/s{number}"), f"site-{number}", note=f"declared in {name}.yaml"
        )
        for name in names
        for number in range(280)
    )
    made = plan(update(), declared_in_unread_file=tuple(unread))

    assert lines(plan_text(made)) <= 45
    assert "Managed by files that were not read in this run: 2,240" in plan_text(made)
    assert size(plan_markdown(made)) <= 8_000
    assert lines(plan_text(made, expand=True)) > 2_240


def test_an_apply_that_is_stopped_at_a_hundred_does_not_list_the_other_198() -> None:
    steps = [site(number) for number in range(298)]
    why = "not started, because the run was stopped"
    results = [
        Result(step, Outcome.DONE) if number < 100 else Result(step, Outcome.SKIPPED, why)
        for number, step in enumerate(steps)
    ]
    made = report(*results, interrupted=True)
    text, summary = report_text(made), report_markdown(made)

    assert lines(text) <= 16
    assert "  ~ 198 sites of plausible\n      not started" in text
    assert "~ 198 sites of plausible" in summary
    assert summary.count(why) == 1
    assert lines(report_text(made, expand=True)) > 396
    assert text.splitlines()[-2:] == ["", made.summary]


def test_what_failed_alike_is_said_once_with_every_name() -> None:
    failed = [Result(site(number), Outcome.FAILED, "GitBook refuses the request") for number in range(40)]
    text = report_text(report(*failed))

    assert text.count("GitBook refuses the request") == 1
    assert all(f"site-{number}" in text for number in range(40))


def test_values_of_each_are_one_line_each_and_have_a_cap() -> None:
    each = [
        create(Address(f"installation/ga/site/s{number}"), config("id", after=f"G-{number}", place=LINE),
               config("on", after=True, place=LINE), label=f"site-{number}", place=LINE)
        for number in range(30)
    ]  # fmt: skip
    text = plan_text(plan(*each))

    assert "      + configuration.on  true\n      + configuration.id, a value each:\n" in text
    assert '          site-2   "G-2"\n' in text
    assert "          … and 18 more (--expand)\n" in text
    assert all(f'"G-{number}"' in plan_text(plan(*each), expand=True) for number in range(30))
    assert all(f'"G-{number}"' in plan_markdown(plan(*each)) for number in range(30))


def test_expanded_every_step_stands_by_itself() -> None:
    made = plan(*(site(number) for number in range(50)))
    comment = plan_markdown(made, expand=True)

    for step in made.steps:
        assert f"{step.name}  {step.address}" in plan_text(made, expand=True)
        assert f"@@ ~ {step.name}  {step.address}" in comment


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 12), st.booleans())
def test_every_step_is_in_one_class_of_the_document(
    creates: int,
    updates: int,
    deletes: int,
    alike: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    document = plan_document(crowd(creates, updates, deletes, alike=alike))
    told = document["gbsync"]["classes"]
    addresses = [address for item in told for address in item["addresses"]]

    assert sorted(addresses) == sorted(item["address"] for item in document["resource_changes"])
    assert all(item["count"] == len(item["addresses"]) for item in told)
    assert len({item["fingerprint"] for item in told}) == len(told)


@pytest.mark.parametrize("expand", [False, True])
def test_names_stand_in_their_natural_order(expand: bool) -> None:  # noqa: FBT001
    text = plan_text(plan(*(site(number) for number in (10, 2, 1, 9))), expand=expand)

    assert [text.index(f"site-{name}") for name in ("1", "2", "9", "10")] == sorted(
        text.index(f"site-{name}") for name in ("1", "2", "9", "10")
    )


def test_two_that_have_one_name_are_told_apart_by_their_keys() -> None:
    steps = [replace(site(number), label=label) for number, label in enumerate(("Docs", "Docs", "", "API"))]

    assert names_of(steps) == ("Docs (site_00000)", "Docs (site_07919)", "site_15838", "API")


def test_a_list_of_names_says_how_many_more_and_is_never_cut_for_one() -> None:
    names = [str(number) for number in range(20)]

    assert (
        some(names, 18)
        == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, … and 2 more (--expand)"
    )
    assert some(names, 19) == ", ".join(names)


def test_of_many_places_the_first_is_named_and_the_others_are_counted() -> None:
    places = [Place("a.yaml", number) for number in range(1, 5)]

    assert places_text(places[:2]) == "a.yaml:1, a.yaml:2"
    assert places_text(places) == "a.yaml:1 and 3 other lines"


def told(notices: Sequence[Mention]) -> list[int]:
    return [len(item.notices) for item in notices]


def test_notices_with_a_link_of_their_own_are_never_one() -> None:
    some_notices = [Notice(Address(f"installation/a/site/{number}"), note="x") for number in range(3)]
    linked = [replace(item, link=f"https://app.gitbook.com/{item.address.key}") for item in some_notices]

    assert told(mentions(some_notices)) == [3]
    assert told(mentions(some_notices, expand=True)) == [1, 1, 1]
    assert told(mentions(linked)) == [1, 1, 1]


def test_an_empty_picture_says_that_it_is_empty() -> None:
    empty = PLANS["nothing to do"]()

    assert '  empty["No changes."]\n' in mermaid(empty)
    assert '  empty [label="No changes."];\n' in dot(empty)


def test_the_message_that_matters_stands_last_and_alone() -> None:
    for make in PLANS.values():
        *_, before, last = ["", *plan_text(make()).splitlines()]

        assert (before, last) == ("", make().summary)
