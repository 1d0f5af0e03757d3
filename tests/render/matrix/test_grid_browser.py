"""The matrix in real Chromium: it keeps nobody out, runs out of no phone, and is there at once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.render.plan.html import plan_html
from tests.render.chromium import DESK, PHONE, STILL, Seen, browser, expect, pytestmark, seen
from tests.render.matrix.test_forms import SHOWN, hostile, large
from tests.render.situations import PLANS

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.plan.matrix import Matrix

__all__ = ["browser", "pytestmark", "seen"]


def opened(seen: Seen, matrix: Matrix) -> Any:
    seen.file.write_text(plan_html(PLANS["one of each"](), matrix), "utf-8")
    seen.page.goto(seen.file.as_uri())
    seen.page.click("#matrix > summary")
    return seen.page


def test_it_opens_and_shows_its_cells(seen: Seen) -> None:
    page = opened(seen, SHOWN)

    assert page.locator("#matrix td.drift").inner_text() == '"G-9" (file "G-2")'
    assert page.locator("#matrix tbody tr").count() == 5
    assert seen.said == []
    assert seen.asked == [seen.file.as_uri()]


def test_it_has_a_filter_and_heads_of_its_own(seen: Seen) -> None:
    page = opened(seen, replace(large(), rows=large().rows[-90:]))
    canvas = page.locator("#matrix .canvas")
    canvas.evaluate("element => { element.scrollTop = 900; }")
    head = page.locator("#matrix thead th").first.bounding_box()

    assert abs(head["y"] - canvas.bounding_box()["y"]) < 3
    page.select_option("#standing", "*")
    expect(page.locator("#rows")).to_have_text("1 of 90 rows")
    page.select_option("#standing", "")
    page.fill("#row", "site 1990")
    expect(page.locator("#rows")).to_have_text("1 of 90 rows")
    assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_that_keeps_people_out(
    browser: Any, tmp_path: Path, viewport: dict[str, int], scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - comes with make test-browser

    context = browser.new_context(bypass_csp=True, viewport=viewport, color_scheme=scheme)
    opened(Seen(context.new_page(), tmp_path / "plan.html"), SHOWN)
    found = Axe().run(context.pages[0]).response["violations"]
    context.close()

    assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in found] == []


def test_nothing_runs_out_of_a_phone_at_the_side(seen: Seen) -> None:
    seen.page.set_viewport_size(PHONE)
    page = opened(seen, large())

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_forty_integrations_on_two_thousand_sites_open_in_under_two_seconds(seen: Seen) -> None:
    seen.file.write_text(plan_html(PLANS["one of each"](), large()), "utf-8")

    started = time.perf_counter()
    seen.page.goto(seen.file.as_uri())
    seen.page.click("#matrix > summary")
    seen.page.evaluate(STILL)

    assert time.perf_counter() - started < 2


def test_hostile_text_does_nothing_in_a_browser(seen: Seen) -> None:
    opened(seen, hostile("<img src=x onerror=alert(1)>"))

    assert seen.said == []
    assert seen.asked == [seen.file.as_uri()]
