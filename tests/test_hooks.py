"""The hooks that `.pre-commit-hooks.yaml` offers: what they match, and that they run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
FOR_FILES = {"validate", "fmt"}
"""The commands that are about files alone, so that a hook can run them."""

every_hook = pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])


def run(hook: dict[str, Any], folder: Path) -> int:
    """Runs the hook as pre-commit does, on all files of the folder that it matches; gives its exit code."""
    program, *words = shlex.split(hook["entry"])
    matched = sorted(path.name for path in folder.iterdir() if re.search(hook["files"], path.name))
    files = matched if hook.get("pass_filenames", True) else []
    installed = Path(sys.executable).with_name(program)
    return subprocess.run(
        [installed, *words, *files], cwd=folder, capture_output=True, check=False
    ).returncode


def test_every_command_about_files_has_a_hook_and_no_other() -> None:
    commands = {shlex.split(hook["entry"])[1] for hook in HOOKS}

    assert commands == FOR_FILES & COMMANDS.keys()


@every_hook
@pytest.mark.parametrize(
    "name", ["gbsync.yaml", "slack.gbsync.yaml", "infra/gbsync.yaml", "infra/a.gbsync.yaml"]
)
def test_a_hook_matches_what_a_folder_is_read_for(hook: dict[str, Any], name: str) -> None:
    assert re.search(hook["files"], name)


@every_hook
@pytest.mark.parametrize("name", ["mygbsync.yaml", "gbsync.yaml.bak", "gbsync.lock", "gitbook-manifest.yaml"])
def test_a_hook_leaves_other_files_alone(hook: dict[str, Any], name: str) -> None:
    assert not re.search(hook["files"], name)


@every_hook
def test_a_hook_lets_a_good_file_pass(
    hook: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITBOOK_ORGANIZATION", "org_1")
    shutil.copy(ROOT / "examples/quickstart/gbsync.yaml", tmp_path)

    assert run(hook, tmp_path) == 0


@every_hook
def test_a_hook_stops_a_broken_file(hook: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text("version: [1\n", "utf-8")

    assert run(hook, tmp_path) != 0
