"""The real Chromium, for the tests of a page; without it, or without playwright, they are skipped."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.render.plan.html import plan_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.plan.step import Plan

playwright: Any = import_module("playwright.sync_api") if find_spec("playwright") else None
expect: Any = playwright and playwright.expect
CHROMIUM = shutil.which(os.environ.get("GBSYNC_CHROMIUM") or "chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(playwright is None, reason="playwright is not installed: make test-browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: make test-browser"),
]

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1200, "height": 900}
STILL = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Seen:
    """A page, and all that it said or asked for."""

    def __init__(self, page: Any, file: Path) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        self.file = file
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, made: Plan) -> Any:
        self.file.write_text(plan_html(made), "utf-8")
        self.page.goto(self.file.as_uri())
        return self.page


@pytest.fixture
def seen(browser: Any, tmp_path: Path) -> Iterator[Seen]:
    page = browser.new_page(viewport=DESK)
    yield Seen(page, tmp_path / "plan.html")
    page.close()
