"""The page as text: self-contained, within its own policy, every step and no secret in it."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from typing import TYPE_CHECKING

import pytest

from reconciler.diagnostics import Place
from reconciler.plan.classes import Form, classes
from reconciler.plan.step import Notice, Plan
from reconciler.render.plan.graph import nodes
from reconciler.render.plan.html import plan_html
from reconciler.render.plan.html.drawing import MOST_NODES, drawing
from reconciler.render.plan.html.view import Provenance, page_of
from reconciler.resources.resource import Address
from tests.render.situations import BANNER, PLANS, SLACK, config, create, crowd, notice, plan, publish, update

if TYPE_CHECKING:
    from collections.abc import Callable

every_plan = pytest.mark.parametrize("make", PLANS.values(), ids=PLANS)


def allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@every_plan
def test_the_policy_allows_its_own_script_and_style_and_nothing_else(make: Callable[[], Plan]) -> None:
    page = plan_html(make())
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[0].replace(
        "&#39;", "'"
    )
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

    assert f"script-src {allowed(script[0])};" in policy
    assert f"style-src {allowed(style[0])};" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert len(script) == len(style) == 1


@every_plan
def test_the_page_asks_nobody_for_anything(make: Callable[[], Plan]) -> None:
    page = plan_html(make())

    assert not re.search(r"\ssrc=|@import|url\((?!#)|\sstyle=|\son[a-z]+=", page)
    assert re.findall(r"<link[^>]*>", page) == ['<link rel="icon" href="data:,">']


@every_plan
def test_every_step_is_there_once(make: Callable[[], Plan]) -> None:
    made = make()
    page = plan_html(made)

    alone = sum(item.form is Form.ALONE for item in classes(made.steps))

    assert page.count('<article class="step') == len(classes(made.steps))
    assert page.count('class="member"') == len(made.steps) - alone
    assert f"<h1>{made.summary}</h1>" in page


def test_secrets_are_masks() -> None:
    page = plan_html(plan(publish()))

    assert "s3cr3t-client" not in page
    assert "(secret #1)" in page


def test_a_short_plan_is_open_and_a_long_one_closed() -> None:
    assert page_of(crowd(4, 4, 4)).is_open
    assert page_of(crowd(100, 100, 1)).is_open
    assert not page_of(crowd(5, 4, 4, alike=False)).is_open
    assert page_of(crowd(100, 100, 1, alike=False)).is_many


def test_only_an_https_link_can_be_followed() -> None:
    links = ("https://app.gitbook.com/o/1", "http://app.gitbook.com", "javascript:alert(1)", "")
    page = page_of(plan(pending=tuple(notice("x", link=link) for link in links)))

    assert [item.is_link for item in page.parts[0].items] == [True, False, False, False]


def test_what_is_beside_the_steps_is_there_with_its_field_and_its_note() -> None:
    page = page_of(PLANS["forgotten and elsewhere"]())

    assert [part.title for part in page.parts] == [
        "No longer managed, but still set",
        "Managed by files that were not read in this run",
    ]
    assert page.parts[0].items[0].field == "configuration.old_channel"
    assert page.parts[1].items[0].note == "declared in github.yaml, not read"


def test_a_plan_without_steps_says_so_and_has_nothing_to_filter() -> None:
    page = plan_html(plan(pending=(Notice(SLACK),)))

    assert "<h1>No changes.</h1>" in page
    assert 'id="bar"' not in page
    assert "12 declared resources" in page


def test_notes_and_warnings_stand_above() -> None:
    page = page_of(PLANS["with warnings"]())

    assert page.warnings == (
        "gbsync.yaml:24:3: GB031 installation/slack: key chanel is unknown; did you mean channel?",
    )
    assert len(page_of(PLANS["destroy"]()).notes) == 2


def test_boxes_of_the_order_do_not_lie_over_one_another() -> None:
    made = plan(
        publish(), *PLANS["one of each"]().steps, create(Address("installation/slack/site/a"), needs=(SLACK,))
    )
    found = drawing(nodes(made))

    assert found is not None
    assert len(found.arrows) == 2
    for one in found.boxes:
        assert one.x + one.width <= found.width
        assert one.y + one.height <= found.height
        for other in found.boxes:
            apart = one.x + one.width <= other.x or one.y + one.height <= other.y
            assert one is other or apart or other.x + other.width <= one.x or other.y + other.height <= one.y


def test_nothing_is_drawn_where_nothing_waits_or_too_much_does() -> None:
    waiting = (create(Address(f"installation/i{number}"), needs=(BANNER,)) for number in range(MOST_NODES))

    assert drawing(nodes(plan(update()))) is None
    assert drawing(nodes(plan(publish(), *waiting))) is None


def test_five_thousand_steps_are_written_in_a_few_seconds() -> None:
    started = time.perf_counter()
    page = plan_html(crowd(3_000, 1_500, 500))

    assert time.perf_counter() - started < 5
    assert page.count('class="member"') == 5_000


def test_the_head_says_where_the_plan_comes_from() -> None:
    head = plan_html(
        plan(update()), provenance=Provenance("Acme <Docs>", "0f3e2a9c1b7d", "2026-11-28 14:56 UTC")
    )

    assert (
        "<b>Acme &lt;Docs&gt;</b> <code>b1Xq7</code> at <code>https://api.gitbook.com</code>, "
        "commit <code>0f3e2a9c1b7d</code>, 2026-11-28 14:56 UTC</p>"
    ) in head


def test_what_nobody_knows_of_its_origin_is_left_out() -> None:
    assert "<code>b1Xq7</code> at <code>https://api.gitbook.com</code></p>" in plan_html(plan(update()))


def test_values_of_each_stand_in_rows_and_equal_steps_in_a_list() -> None:
    line = Place("gbsync.yaml", 88, 9)
    each = [
        create(
            Address(f"installation/ga/site/s{number}"),
            config("id", after=f"G-{number}", place=line),
            config("on", after=True, place=line),
            label=f"site-{number}",
            place=line,
        )
        for number in range(4)
    ]
    (shelf,) = page_of(plan(*each)).shelves
    (card,) = shelf.cards

    assert (card.label, card.varying, card.preview) == ("4 sites", "configuration.id", "")
    assert [field.name for field in card.fields] == ["configuration.on"]
    assert [member.fields[0].rows[0].after[0].text for member in card.members] == [
        '"G-0"',
        '"G-1"',
        '"G-2"',
        '"G-3"',
    ]
