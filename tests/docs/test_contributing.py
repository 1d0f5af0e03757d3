"""The pages for people who change the code: what they name exists, and the ladder is the enforced one."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.test_architecture import LADDER

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PACKAGE = ROOT / "reconciler"
PLACES = (
    ROOT,
    PACKAGE,
    PACKAGE / "config" / "language",
    PACKAGE / "gitbook" / "client",
    PACKAGE / "gitbook" / "kinds",
    PACKAGE / "apply",
)
NAMED = re.compile(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|md|yaml))?|[a-z_]+\.py)`")


def test_the_architecture_page_shows_the_ladder_that_the_test_enforces() -> None:
    table = ARCHITECTURE.split("## The packages")[1].split("The *engine*")[0]

    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == LADDER


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    named = set(NAMED.findall(page))
    lost = [name for name in named if not any((place / name).exists() for place in PLACES)]

    assert named
    assert not lost


def test_the_table_of_places_gives_each_question_a_file_by_its_whole_path() -> None:
    """Somebody who asks where a change goes must not search for the file that the row means."""
    table = ARCHITECTURE.split("## Where does it go?")[1].split("## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]
    questions = {row[0]: re.findall(r"`([a-z_/]+(?:\.py)?)`", row[-1]) for row in rows if len(row) > 1}
    lost = [
        path
        for paths in questions.values()
        for path in paths
        if "/" in path and not (PACKAGE / path).exists()
    ]

    assert len(questions) > 20
    assert not lost
    assert all(any("/" in path for path in paths) for paths in questions.values())
