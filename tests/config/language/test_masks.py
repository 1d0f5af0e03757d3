"""A misspelt name in `mask` or `unmask` gets a near miss; one for a live key alone is left in peace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.files import faults

if TYPE_CHECKING:
    from pathlib import Path

KEYS = """installations:
  slack:
    configuration: {house_code: "${{ secret.CODE }}"}
    spaces: {7fQm2WvA91bXcR0tYk3L: {configuration: {room: "${{ secret.ROOM }}"}}}
"""


@pytest.mark.parametrize(
    ("line", "near_miss"),
    [
        ("mask: [house_coed]", "house_code"),
        ("unmask: [house_coed]", "house_code"),
        ("mask: [slack/romo]", "slack/room"),
        ("unmask: [slcak/house_code]", "slack/house_code"),
    ],
)
def test_a_name_that_no_key_has_gets_the_nearest_key(tmp_path: Path, line: str, near_miss: str) -> None:
    (problem,) = faults(tmp_path, f"{line}\n{KEYS}")

    assert "GB123" in problem
    assert f"did you mean `{near_miss}`?" in problem


@pytest.mark.parametrize(
    "line",
    [
        "mask: [house_code]",
        "mask: [HOUSE]",
        "mask: [slack/room]",
        "unmask: [house_code, slack/room]",
        "mask: [only_live_has_this]",
        'mask: ["${{ env.NAME }}"]',
    ],
)
def test_a_name_that_a_key_has_or_none_is_like_is_fine(tmp_path: Path, line: str) -> None:
    assert not faults(tmp_path, f"{line}\n{KEYS}", environ={"NAME": "house_coed"})


def test_nothing_is_said_where_a_file_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "more.gbsync.yaml").write_text("a: [")

    assert not any("GB123" in problem for problem in faults(tmp_path, f"mask: [house_coed]\n{KEYS}"))


def test_a_message_about_yaml_shows_nothing_that_the_file_masks(tmp_path: Path) -> None:
    text = "mask: [house_code]\ninstallations: {slack: {configuration: {house_code: 0123}}}\n"
    (problem,) = (line for line in faults(tmp_path, text) if "GB012" in line)

    assert "0123" not in problem
