"""Draws the pictures of the README with the program itself: `make pictures`."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 80
WINDOW: ViewportSize = {"width": 1100, "height": 860}
NO_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's frame without its web fonts: a picture asks nobody for anything."""
REVIEWED = """\
version: 1
integrations:
  acme-banner: {description: Tells readers what is new}
installations:
  googleanalytics:
    sites:
      api-docs: {configuration: {tracking_id: G-2APIDOCS}}
      changelog: {absent: true}
  plausible:
    sites:
      tag:public: {configuration: {scriptKey: pa-acmePublic}}
  slack:
    configuration: {default_channel: C0777}
    spaces:
      support: {absent: true}
"""
"""What somebody proposes after the example was applied."""


def gbsync(*words: str, folder: Path) -> str:
    """What the program shows."""
    environ = {**os.environ, "GBSYNC_SECRETS_DIR": "docs-team/secrets", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", *words, "--sandbox=world.json"],
        cwd=folder,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def proposed(folder: Path) -> str:
    """The plan of a proposal in colour; writes its report to `plan.html`."""
    shutil.copytree(ROOT / "examples" / "organization", folder / "docs-team")
    gbsync("apply", "docs-team", "--auto-approve", folder=folder)
    (folder / "proposal.yaml").write_text(REVIEWED, "utf-8")
    (folder / "docs-team" / "secrets" / "BANNER_CLIENT_SECRET").write_text("rotated-7f3a9c", "utf-8")
    return gbsync("plan", "docs-team", "proposal.yaml", "--color", "--html", "plan.html", folder=folder)


def draw_terminal(output: str, file: Path) -> None:
    """The output as it looks in a terminal."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi(output.rstrip()))
    console.save_svg(str(file), title="gbsync plan", code_format=NO_FONTS, unique_id="plan")


def draw_page(page: Path) -> None:
    """The report as it looks in a browser, by day and by night."""
    chromium = shutil.which(os.environ.get("GBSYNC_CHROMIUM") or "chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        seen = browser.new_page(viewport=WINDOW)
        seen.goto(page.as_uri())
        seen.screenshot(path=PICTURES / "report-light.png")
        seen.emulate_media(color_scheme="dark")
        seen.screenshot(path=PICTURES / "report-dark.png")
        browser.close()


def main() -> None:
    """Draws them all."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_terminal(proposed(folder), PICTURES / "plan.svg")
        draw_page(folder / "plan.html")


if __name__ == "__main__":
    main()
