"""The workflows: actions pinned by commit, least permissions, no text from outside in a shell line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = tuple(sorted((ROOT / ".github" / "workflows").glob("*.yml")))
ACTIONS = tuple(sorted((ROOT / ".github" / "actions").glob("*/action.yml")))
PINNED = re.compile(r"uses: (\./\S+|[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*)$")

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
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
    assert all("permissions" in job and "timeout-minutes" in job for job in workflow["jobs"].values())


@every_document
def test_no_expression_stands_in_a_shell_line(path: Path) -> None:
    assert not [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


@every_document
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    checkouts = [step for step in steps(path) if step.get("uses", "").startswith("actions/checkout@")]

    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
