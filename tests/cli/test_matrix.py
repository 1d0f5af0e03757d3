"""`gbsync matrix`: prove that every public site has the right key."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="same")
def _same(tmp_path: Path) -> tuple[str, str]:
    """A folder in which the starter file was applied, and its world."""
    same = (str(tmp_path), f"--sandbox={tmp_path / 'world.json'}")
    gbsync("init", str(tmp_path))
    gbsync("apply", *same, "--auto-approve")
    return same


def test_it_proves_that_every_public_site_has_its_key(same: tuple[str, str]) -> None:
    ended = gbsync("matrix", *same, "--show", "tracking_id", "--tag", "public", "--format", "csv")
    rows = list(csv.DictReader(ended.stdout.splitlines()))

    assert ended.returncode == 0, ended.stderr
    assert {row["name"]: row["googleanalytics tracking_id"] for row in rows} == {
        "handbook": "G-1HANDBOOK",
        "api-docs": "G-2APIDOCS",
    }
    assert {row["googleanalytics"] for row in rows} == {"ok"}


@pytest.mark.parametrize(
    ("form", "beginning"), [("text", "  "), ("markdown", "### "), ("csv", '"kind",'), ("json", "{\n")]
)
def test_it_is_written_in_each_form(same: tuple[str, str], form: str, beginning: str) -> None:
    ended = gbsync("matrix", *same, "--format", form)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(beginning)
    assert ended.stdout.endswith("\n")
    assert ended.stderr == ""


def test_only_what_deviates_is_left(same: tuple[str, str]) -> None:
    ended = gbsync("matrix", *same, "--deviating", "--format", "json")
    document = json.loads(ended.stdout)

    assert [row["name"] for row in document["rows"]] == ["organization", "Changelog"]


def test_a_tag_that_nothing_has_is_a_usage_error(same: tuple[str, str]) -> None:
    ended = gbsync("matrix", *same, "--tag", "pubic")

    assert ended.returncode == 1
    assert "--tag pubic: nothing in the catalogue has it; there are: dev, public" in ended.stderr


def test_a_key_that_nothing_knows_is_a_usage_error_and_one_that_nothing_has_is_not(
    same: tuple[str, str],
) -> None:
    misspelt = gbsync("matrix", *same, "--show", "trackingid")
    unset = gbsync("matrix", *same, "--show", "notify_visibility_update")
    foreign = gbsync("matrix", *same, "--show", "lastCheckedAt")

    assert misspelt.returncode == 1
    assert misspelt.stdout == ""
    assert "--show trackingid: no installed integration knows this key" in misspelt.stderr
    assert "did you mean `tracking_id`?" in misspelt.stderr
    assert (unset.returncode, foreign.returncode) == (0, 0), unset.stderr + foreign.stderr


def test_warnings_go_to_stderr(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text(
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\n"
        "installations:\n  googleanalytics: {sites: {site_nowhere: {configuration: {tracking_id: x}}}}\n",
        encoding="utf-8",
    )

    ended = gbsync("matrix", str(file), "--sandbox")

    assert ended.returncode == 0
    assert "missing" in ended.stdout
    assert "site_nowhere" in ended.stderr


def test_it_is_part_of_the_report_unless_only_a_part_was_planned(
    same: tuple[str, str], tmp_path: Path
) -> None:
    page = tmp_path / "plan.html"

    gbsync("plan", *same, "--html", str(page))
    whole = page.read_text(encoding="utf-8")
    gbsync("plan", *same, "--html", str(page), "--target", "installation/slack")
    part = page.read_text(encoding="utf-8")

    assert 'id="matrix"' in whole
    assert "handbook" in whole
    assert 'id="matrix"' not in part
