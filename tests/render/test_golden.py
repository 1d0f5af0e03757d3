"""What people see, as golden text; `GBSYNC_GOLDEN=write pytest tests/render` writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reconciler.render.columns import columns
from reconciler.render.plan.text import plan_text
from reconciler.render.problems.text import problems_text
from reconciler.render.report.text import report_text
from tests.render.situations import PLANS, PROBLEMS, REPORTS, crowd

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
WRITE = os.environ.get("GBSYNC_GOLDEN") == "write"

SHOWN: dict[str, Callable[[], str]] = {
    **{name: lambda make=make: plan_text(make()) for name, make in PLANS.items()},  # type: ignore[misc]
    **{name: lambda make=make: report_text(make()) for name, make in REPORTS.items()},  # type: ignore[misc]
    **{name: lambda make=make: problems_text(make()) for name, make in PROBLEMS.items()},  # type: ignore[misc]
    "unmanaged, listed": lambda: plan_text(PLANS["unmanaged, counted"](), show_unmanaged=True),
    "one of each, wide": lambda: plan_text(PLANS["one of each"](), width=140),
    "long names, narrow": lambda: plan_text(PLANS["long names"](), width=50),
    "one of each, in colour": lambda: plan_text(PLANS["one of each"](), color=True),
    "report, failed in part, in colour": lambda: report_text(REPORTS["report, failed in part"](), color=True),
}


def golden(name: str) -> Path:
    return GOLDEN / f"{re.sub(r'[^a-z0-9]+', '_', name)}.txt"


@pytest.mark.parametrize("name", SHOWN)
def test_it_reads_as_its_golden_file(name: str) -> None:
    text = SHOWN[name]() + "\n"
    if WRITE:
        golden(name).write_text(text, "utf-8")

    assert text == golden(name).read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.glob("*.txt")} == {golden(name).name for name in SHOWN}


@pytest.mark.parametrize("name", PLANS)
def test_the_last_line_is_the_one_that_tools_look_for(name: str) -> None:
    plan = PLANS[name]()

    assert plan_text(plan).splitlines()[-1] == plan.summary


@pytest.mark.parametrize("name", PLANS)
def test_every_line_fits_in_eighty_columns_unless_one_word_does_not(name: str) -> None:
    wide = [line for line in plan_text(PLANS[name]()).splitlines() if columns(line) > 80]

    assert not [line for line in wide if len(line.split()) > 2]


@pytest.mark.parametrize("name", PLANS)
def test_colour_adds_nothing_but_colour(name: str) -> None:
    plan = PLANS[name]()
    painted = [line.rstrip() for line in ANSI.sub("", plan_text(plan, color=True)).split("\n")]

    assert painted == plan_text(plan).split("\n")


@pytest.mark.parametrize("width", [0, 1, 13])
def test_a_terminal_of_no_width_is_taken_for_a_narrow_one(width: int) -> None:
    made = PLANS["wide characters"]()

    assert plan_text(made, width=width) == plan_text(made, width=40)
    assert report_text(REPORTS["report, moved"](), width=width).splitlines()


def test_deletions_come_first() -> None:
    lines = plan_text(crowd(3, 3, 3)).splitlines()
    symbols = [line[2] for line in lines if re.match(r"  [-+~] docs-", line)]

    assert symbols == ["-", "~", "+"] * 3


def test_the_summary_comes_first_when_there_are_more_than_twenty_steps() -> None:
    assert plan_text(crowd(7, 7, 6)).count("Plan: ") == 1
    assert plan_text(crowd(7, 7, 7)).splitlines()[0] == "Plan: 7 to add, 7 to change, 7 to destroy."


def test_warnings_are_left_to_whoever_shows_problems() -> None:
    assert "GB031" not in plan_text(PLANS["with warnings"]())


def test_plain_text_needs_no_rich() -> None:
    script = (
        "import sys; from tests.render.situations import PLANS;"
        "from reconciler.render.plan.text import plan_text;"
        "[plan_text(make()) for make in PLANS.values()]; print('rich' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
