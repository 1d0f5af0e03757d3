"""`gbsync plan`: what goes to stdout, and what does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.test_apply import at_terminal
from tests.test_examples import gbsync

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = "examples/quickstart"


def test_what_is_written_to_stdout_is_alone_there() -> None:
    ended = gbsync("plan", EXAMPLE, "--sandbox", "--json", "-")
    page = gbsync("plan", EXAMPLE, "--sandbox", "--html=-")

    assert json.loads(ended.stdout)["format_version"]
    assert page.stdout.startswith("<!doctype html>")


def test_two_results_do_not_both_go_to_stdout() -> None:
    ended = gbsync("plan", EXAMPLE, "--sandbox", "--json", "-", "--markdown", "-")

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "--json, --markdown: only one result can go to stdout" in ended.stderr


def test_a_warning_is_told_beside_it_on_stderr(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text(
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\n"
        "installations:\n  slack: {configuration: {default_chanel: C1}}\n",
        encoding="utf-8",
    )

    ended = gbsync("plan", str(file), "--sandbox", "--json", "-")

    assert json.loads(ended.stdout)["resource_changes"]
    assert "default_chanel" in ended.stderr


def test_a_dumb_terminal_gets_no_colour() -> None:
    code, screen = at_terminal(b"", "plan", EXAMPLE, "--sandbox")

    assert code == 0
    assert "Plan: 3 to add" in screen
    assert "\x1b" not in screen
