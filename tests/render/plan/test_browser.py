"""The page in real Chromium: it filters, opens, stays silent, keeps nobody out, and takes 5,000 steps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.render.plan.html import plan_html
from tests.render.chromium import DESK, PHONE, STILL, Seen, browser, expect, pytestmark, seen
from tests.render.hostile import CORPUS
from tests.render.situations import PLANS, SLACK, create, crowd, delete, notice, plan, publish, update

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.plan.step import Plan

__all__ = ["browser", "pytestmark", "seen"]


def full() -> Plan:
    """A plan with something in every part of the page."""
    return plan(
        publish(),
        update(),
        create(needs=(SLACK,)),
        delete(),
        *PLANS["several lines"]().steps,
        notes=("There is no lock yet.",),
        pending=(notice("github", label="GitHub Sync", link="https://app.gitbook.com/o/1"),),
        unmanaged=(notice("intercom"),),
        partial=True,
    )


def visible(page: Any) -> int:
    return int(page.locator(".step:visible").count())


def test_it_says_nothing_and_asks_for_nothing(seen: Seen) -> None:
    page = seen.open(full())
    page.click("#close")
    page.click("#open")
    page.fill("#find", "slack")
    page.evaluate(STILL)

    assert seen.said == []
    assert seen.asked == [seen.file.as_uri()]


def test_it_filters_by_text_action_and_integration(seen: Seen) -> None:
    page = seen.open(crowd(6, 3, 3))
    expect(page.locator("#shown")).to_have_text("12 steps")

    page.fill("#find", "DOCS-1 slack")
    expect(page.locator("#shown")).to_have_text("0 of 12 steps")
    expect(page.locator("#none")).to_be_visible()
    page.click("#reset")
    expect(page.locator("#shown")).to_have_text("12 steps")
    page.locator("input[value=create]").uncheck()
    expect(page.locator("#shown")).to_have_text("6 of 12 steps")
    page.select_option("#shelf", label="slack")
    expect(page.locator("#shown")).to_have_text("2 of 12 steps")

    assert visible(page) == 2
    assert page.locator(".shelf:visible h2").count() == 1
    assert seen.said == []


def test_a_value_inside_a_closed_step_is_found(seen: Seen) -> None:
    page = seen.open(crowd(14, 9, 4))

    page.fill("#find", "c0999")
    expect(page.locator("#shown")).to_have_text("9 of 27 steps")


def test_values_are_seen_and_lists_of_names_open_and_close(seen: Seen) -> None:
    page = seen.open(crowd(180, 9, 4))
    first = page.locator(".members:not([open])").first

    expect(page.locator("td").first).to_be_visible()
    assert page.locator(".members:not([open])").count() == 3
    first.locator("summary").click()
    assert page.locator(".members:not([open])").count() == 2
    page.click("#open")
    assert page.locator(".members:not([open])").count() == 0
    page.click("#close")
    assert page.locator(".members[open]").count() == 0


def test_counts_follow_the_filter(seen: Seen) -> None:
    page = seen.open(crowd(180, 9, 4))
    page.fill("#find", "github/space/space017")

    expect(page.locator("#shown")).to_have_text("3 of 193 steps")
    assert page.locator(".tile.create .number").inner_text().split() == ["3", "of", "180"]
    assert page.locator(".shelf:visible h2 .create").inner_text() == "+3"
    assert page.locator(".step:visible .label").first.inner_text() == "3 of 60 spaces"
    page.fill("#find", "")
    expect(page.locator("#shown")).to_have_text("193 steps")
    assert page.locator(".tile.create .number").inner_text().split() == ["180"]
    assert seen.said == []


def test_it_is_worked_with_the_keyboard_alone(seen: Seen) -> None:
    page = seen.open(crowd(14, 9, 4))
    second = page.locator(".step").nth(1).locator(".members")

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert second.get_attribute("open") is not None
    page.keyboard.press("Enter")
    assert second.get_attribute("open") is None
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.closest('.step') === document.querySelector('.step')")
    page.keyboard.press("/")
    page.keyboard.type("github")
    expect(page.locator("#shown")).to_have_text("9 of 27 steps")
    page.keyboard.press("Escape")
    expect(page.locator("#shown")).to_have_text("27 steps")


def test_a_link_to_a_step_opens_the_list_that_it_is_in(seen: Seen) -> None:
    page = seen.open(crowd(180, 0, 0))
    page.goto(seen.file.as_uri() + "#installation/github/space/space0013")
    page.evaluate(STILL)
    member = page.locator(".members[open] .member:target")

    assert member.get_attribute("id") == "installation/github/space/space0013"
    assert member.bounding_box()["y"] < DESK["height"]


def test_paper_has_every_list_open(seen: Seen) -> None:
    page = seen.open(crowd(180, 9, 4))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.locator(".members:not([open])").count() == 0
    expect(page.locator("#bar")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".members:not([open])").count() == 3
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "make", [full, lambda: crowd(14, 9, 4), PLANS["nothing to do"]], ids=["full", "many", "none"]
)
def test_axe_finds_nothing_that_keeps_people_out(
    browser: Any, tmp_path: Path, make: Callable[[], Plan], viewport: dict[str, int], scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - comes with make test-browser

    context = browser.new_context(bypass_csp=True, viewport=viewport, color_scheme=scheme)
    page = context.new_page()
    Seen(page, tmp_path / "plan.html").open(make())
    if page.locator("#open").count():
        page.click("#open")
    found = Axe().run(page).response["violations"]
    context.close()

    assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in found] == []


@pytest.mark.parametrize(
    "name", ["one of each", "long names", "long values", "nested values", "wide characters"]
)
def test_nothing_runs_out_of_a_phone_at_the_side(seen: Seen, name: str) -> None:
    seen.page.set_viewport_size(PHONE)
    page = seen.open(PLANS[name]())

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", ["one of each", "long values", "several lines", "nested values"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_value_stands_on_another(seen: Seen, name: str, viewport: dict[str, int]) -> None:
    seen.page.set_viewport_size(viewport)
    page = seen.open(PLANS[name]())
    page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    spilt = page.evaluate(
        "[...document.querySelectorAll('.step td')].filter(cell => cell.scrollHeight > cell.clientHeight + 1)"
        ".map(cell => cell.textContent)"
    )

    assert spilt == []


def test_five_thousand_steps_open_in_under_two_seconds_and_scroll(seen: Seen) -> None:
    seen.file.write_text(plan_html(crowd(3_000, 1_500, 500)), "utf-8")
    page = seen.page

    started = time.perf_counter()
    page.goto(seen.file.as_uri())
    page.evaluate(STILL)
    opened = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(20):
        page.mouse.wheel(0, 20_000)
        page.evaluate(STILL)
    scrolled = time.perf_counter() - started
    page.fill("#find", "space2999")
    expect(page.locator("#shown")).to_have_text("1 of 5,000 steps")

    assert opened < 2
    assert scrolled < 4
    assert page.evaluate("scrollY") >= 0
    assert seen.said == []


def test_hostile_text_does_nothing_in_a_browser(seen: Seen) -> None:
    steps = (
        update(address=type(SLACK)(f"installation/{text}/site/{number}"), label=text)
        for number, text in enumerate(CORPUS)
    )
    page = seen.open(plan(*steps, pending=tuple(notice(text, link=text) for text in CORPUS)))
    page.fill("#find", "a")
    page.evaluate(STILL)

    assert page.locator(".step").count() == len(CORPUS)
    assert seen.said == []
    assert seen.asked == [seen.file.as_uri()]
