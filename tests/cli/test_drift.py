"""`gbsync drift` as a nightly job runs it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox import Store
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Path:
    """A folder in which the starter file was applied."""
    gbsync("init", str(tmp_path))
    gbsync("apply", str(tmp_path), f"--sandbox={tmp_path / 'world.json'}", "--auto-approve")
    return tmp_path


def by_hand(world: Path) -> None:
    """Somebody changes Slack's default channel in the app."""
    store = Store.load(world / "world.json")
    slack = store.installations_of(integration="slack")[0]
    store.put_installation(replace(slack, configuration={**slack.configuration, "default_channel": "C0HAND"}))
    store.save(world / "world.json")


def test_nothing_moved_exits_with_0(world: Path) -> None:
    ended = gbsync("drift", str(world), f"--sandbox={world / 'world.json'}")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("\nNo drift.\n")


@pytest.mark.parametrize(
    ("form", "beginning"), [("text", "slack\n"), ("json", "{\n"), ("markdown", "<!-- gbsync drift-")]
)
def test_what_moved_exits_with_2_in_every_form(world: Path, form: str, beginning: str) -> None:
    by_hand(world)

    ended = gbsync("drift", str(world), f"--sandbox={world / 'world.json'}", "--format", form)

    assert ended.returncode == 2, ended.stderr
    assert ended.stdout.startswith(beginning)
    assert "C0HAND" in ended.stdout
    assert ended.stderr == ""


def test_a_narrowed_look_says_that_it_is_one(world: Path) -> None:
    by_hand(world)
    same = (str(world), f"--sandbox={world / 'world.json'}", "--format", "json")

    without = gbsync("drift", *same, "--exclude", "installation/slack")
    only = gbsync("drift", *same, "--target", "installation/slack/space/release-notes")

    assert without.returncode == 0
    assert json.loads(without.stdout)["partial"]
    assert [item["who"] for item in json.loads(only.stdout)["items"]] == ["live"]


def test_a_warning_goes_to_stderr(world: Path) -> None:
    file = world / "gbsync.yaml"
    file.write_text(
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\n"
        "installations:\n  googleanalytics: {sites: {site_nowhere: {configuration: {tracking_id: x}}}}\n",
        encoding="utf-8",
    )

    ended = gbsync("drift", str(file), f"--sandbox={world / 'world.json'}")

    assert ended.returncode == 2
    assert "warning: " in ended.stderr
    assert "site_nowhere" in ended.stderr


def test_the_job_summary_says_who_moved(world: Path, tmp_path: Path) -> None:
    by_hand(world)
    summary = tmp_path / "summary.md"

    gbsync(
        "drift",
        str(world),
        f"--sandbox={world / 'world.json'}",
        environ={"GITHUB_STEP_SUMMARY": str(summary)},
    )

    assert "### Drift: 1 field moved (1 live)." in summary.read_text("utf-8")
    assert "C0HAND" in summary.read_text("utf-8")


def test_a_summary_that_cannot_be_written_stops_nothing(world: Path) -> None:
    ended = gbsync(
        "drift", str(world), f"--sandbox={world / 'world.json'}", environ={"GITHUB_STEP_SUMMARY": str(world)}
    )

    assert ended.returncode == 0
    assert "the job summary cannot be written: Is a directory" in ended.stderr
