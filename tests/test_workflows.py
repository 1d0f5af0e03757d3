"""Our workflows and those we offer: pinned by commit, least permissions, no outside text in the shell."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "ci" / "github"
WORKFLOWS = tuple(
    sorted(path for top in (ROOT, EXAMPLE) for path in (top / ".github" / "workflows").glob("*.yml"))
)
ACTIONS = tuple(sorted((ROOT / ".github" / "actions").glob("*/action.yml")))
PINNED = re.compile(r"uses: (\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*|gbsync/gbsync/\S+@v\d+)$")
"""A path, a commit with its version, or our own action, whose next commit nobody knows yet."""

every_workflow = pytest.mark.parametrize(
    "path", WORKFLOWS, ids=lambda path: path.relative_to(ROOT).as_posix()
)
every_document = pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.stem}"
)


def parsed(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """The steps of every job of a workflow, or those of an action."""
    document = parsed(path)
    for job in document.get("jobs", {"action": document.get("runs", {})}).values():
        yield from job.get("steps", ())


@every_document
def test_every_action_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    uses = [line.strip(" -") for line in path.read_text("utf-8").splitlines() if "uses:" in line]

    assert not [line for line in uses if not PINNED.match(line)]


@every_workflow
def test_a_workflow_may_do_nothing_and_each_job_says_what_it_may(path: Path) -> None:
    workflow = parsed(path)

    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())
    assert all("timeout-minutes" in job for job in workflow["jobs"].values() if "steps" in job)


@every_document
def test_no_expression_stands_in_a_shell_line(path: Path) -> None:
    assert not [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


@every_document
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_actionlint_finds_nothing_in_the_repository_we_offer(tmp_path: Path) -> None:
    """It takes the workflows for those of a repository of its own, as whoever copies them will."""
    programs = Path(sys.executable).parent
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)  # noqa: S607 - git is where PATH says
    linting = [str(programs / "actionlint"), "-shellcheck", str(programs / "shellcheck")]

    found = subprocess.run(linting, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert found.stdout == ""
    assert found.returncode == 0


def test_every_input_and_output_of_the_action_is_documented_with_its_default() -> None:
    action = parsed(ROOT / ".github" / "actions" / "gbsync" / "action.yml")
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    rows = [
        [cell.strip(" `") for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line[:3] == "| `"
    ]
    inputs = {row[0]: row[1] for row in rows if len(row) == 3}
    outputs = [row[0] for row in rows if len(row) == 2]
    defaults = {name: item["default"] for name, item in action["inputs"].items()}

    assert {**inputs, "github-token": ""} == {**defaults, "github-token": ""}
    assert outputs == list(action["outputs"])
