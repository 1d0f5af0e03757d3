"""Broken files, each with its expected message; `GBSYNC_GOLDEN=write pytest tests/config` writes them anew.

A case is a file, or a folder for several: `gbsync.yaml` parts, or overlays in the order of their names.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from reconciler.config.rules import RULES
from tests.config.files import problems, told, write
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BAD = ROOT / "tests" / "bad"
WRITE = os.environ.get("GBSYNC_GOLDEN") == "write"
CASES = sorted(path for path in BAD.iterdir() if path.is_dir() or path.suffix == ".yaml")
ENVIRON = {
    "CHANNEL": "C0123",
    "EMPTY": "",
    "SLACK_TOKEN": "made-up-for-a-test",
    "GITBOOK_TOKEN": "made-up-for-a-test",
}


def body_errors(case: Path, folder: Path) -> str:
    """What reading a copy of the case says, a line for each problem."""
    write(folder, {"secrets/BROKEN": b"\xff\xfe", ".git/HEAD": ""})
    project = folder / "project"
    paths: tuple[str, ...] = ()
    if case.is_dir():
        shutil.copytree(case, project, symlinks=True)
        overlays = sorted(path.name for path in project.glob("[0-9]-*.yaml"))
        paths = tuple(overlays) or (".",)
    else:
        project.mkdir()
        shutil.copy(case, project / case.name)
        paths = (case.name,)
    found = problems(project, *paths, environ=ENVIRON, secrets_dir=folder / "secrets")
    return "".join(f"{told(problem, project)}\n" for problem in found).replace(str(project), "FOLDER")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_file_gets_its_message(case: Path, tmp_path: Path) -> None:
    expected = case.with_suffix(".txt")
    said = body_errors(case, tmp_path)
    if WRITE:
        expected.write_text(said, encoding="utf-8")

    assert said == expected.read_text("utf-8")


def test_the_corpus_is_large_and_nothing_in_it_is_fine() -> None:
    said = {path.stem: path.read_text("utf-8") for path in BAD.glob("*.txt")}

    assert said.keys() == {case.stem for case in CASES}
    assert len(said) >= 150
    assert all(said.values())


def test_every_message_says_what_to_do() -> None:
    lines = [line for path in BAD.glob("*.txt") for line in path.read_text("utf-8").splitlines()]

    assert not [line for line in lines if "; " not in line.partition(": ")[2]]


def test_every_rule_that_files_can_break_is_broken_by_some() -> None:
    said = "\n".join(path.read_text("utf-8") for path in BAD.glob("*.txt"))
    offline = {rule.id for rule in RULES.values() if not rule.live and not rule.paths}

    assert not {rule for rule in offline if rule not in said}
