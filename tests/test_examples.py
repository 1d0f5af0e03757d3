"""Every example is planned, applied and planned again, as the README says it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if (path / "gbsync.yaml").exists())


def gbsync(
    *args: str, environ: dict[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a user starts it; its lines count as covered too."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "reconciler", *args],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **measured, **(environ or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_converges_over_three_processes(example: Path, tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    folder = example.relative_to(ROOT).as_posix()
    same = (folder, f"--sandbox={world}")
    environ = {"GBSYNC_SECRETS_DIR": f"{folder}/secrets"} if (example / "secrets").is_dir() else {}

    first = gbsync("plan", *same, "--detailed-exitcode", environ=environ)
    applied = gbsync("apply", *same, "--auto-approve", environ=environ)
    second = gbsync("plan", *same, "--detailed-exitcode", environ=environ)

    assert first.returncode == 2, first.stderr
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "Apply complete!" in applied.stdout
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.strip().endswith("No changes.")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_leaves_the_connection_that_somebody_authorized(example: Path, tmp_path: Path) -> None:
    world = tmp_path / "world.json"
    folder = example.relative_to(ROOT).as_posix()
    environ = {"GBSYNC_SECRETS_DIR": f"{folder}/secrets"} if (example / "secrets").is_dir() else {}

    gbsync("apply", folder, f"--sandbox={world}", "--auto-approve", environ=environ)

    installations = json.loads(world.read_text(encoding="utf-8"))["installations"]
    slack = next(item for item in installations if item["integration"] == "slack")
    assert slack["configuration"]["oauth_credentials"]["access_token"] == "sandbox-slack-access-token"


def test_the_starter_file_is_the_quickstart() -> None:
    quickstart = (ROOT / "examples" / "quickstart" / "gbsync.yaml").read_text(encoding="utf-8")
    starter = (ROOT / "reconciler" / "cli" / "starter.yaml").read_text(encoding="utf-8")

    assert quickstart.split("\n", 1)[1] == starter


def test_every_example_names_its_schema_in_the_first_line() -> None:
    files = [path for path in (ROOT / "examples").rglob("*gbsync.yaml") if "ci" not in path.parts]
    missing = [
        path.name for path in files if "$schema=" not in path.read_text(encoding="utf-8").split("\n", 1)[0]
    ]

    assert not missing


def test_the_demo_tells_the_whole_story() -> None:
    shown = gbsync("demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.count("Apply complete!") == 2
    assert shown.stdout.strip().endswith("No changes.")
