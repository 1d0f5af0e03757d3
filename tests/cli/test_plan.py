"""`gbsync plan`: what goes to stdout, and what does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_apply import at_terminal
from tests.program import gbsync

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


@pytest.mark.parametrize(
    ("options", "environ", "painted"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        (("--no-color",), {"FORCE_COLOR": "1"}, False),
        (("--color",), {"NO_COLOR": "1"}, True),
        ((), {"GBSYNC_COLOR": "1"}, True),
    ],
    ids=str,
)
def test_colour_is_as_asked(options: tuple[str, ...], environ: dict[str, str], *, painted: bool) -> None:
    ended = gbsync("plan", EXAMPLE, "--sandbox", *options, environ=environ)

    assert ("\x1b[" in ended.stdout) == painted


def test_the_job_summary_has_the_plan_and_then_the_report(tmp_path: Path) -> None:
    summary, world = tmp_path / "summary.md", f"--sandbox={tmp_path / 'world.json'}"
    environ = {"GITHUB_STEP_SUMMARY": str(summary)}

    gbsync("plan", EXAMPLE, world, environ=environ)
    planned = summary.read_text("utf-8")
    gbsync("apply", EXAMPLE, world, "--auto-approve", environ=environ)
    applied = summary.read_text("utf-8").removeprefix(planned)

    assert "### Plan: 3 to add, 1 to change, 0 to destroy." in planned
    assert "### Apply complete! Resources: 3 added, 1 changed, 0 destroyed." in applied
