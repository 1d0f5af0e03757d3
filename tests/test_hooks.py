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
from reconciler.cli.hook_files import runs_of

ROOT = Path(__file__).resolve().parent.parent
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
FOR_FILES = {"validate", "fmt"}
"""The commands that are about files alone, so that a hook can run them."""
SCHEMA = "https://example.com/gbsync.schema.json"
BROKEN = "version: [1\n"

every_hook = pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])


def matched(hook: dict[str, Any], folder: Path) -> list[str]:
    """The files of the folder that pre-commit hands to the hook."""
    wanted = (".yaml", ".yml") if hook["types"] == ["yaml"] else None
    files = (path for path in folder.rglob("*") if path.is_file())
    names = sorted(
        path.relative_to(folder).as_posix() for path in files if not wanted or path.suffix in wanted
    )
    return [name for name in names if not re.search(hook["exclude"], name)]


def run(hook: dict[str, Any], folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Runs the hook as pre-commit does, on these files or all that it matches, with no variable set."""
    args: list[str] = hook["args"]
    program, *words = [*shlex.split(hook["entry"]), *args]
    installed = Path(sys.executable).with_name(program)
    return subprocess.run(
        [installed, *words, *(files or matched(hook, folder))],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_about_files_has_a_hook_and_no_other() -> None:
    commands = {shlex.split(hook["entry"])[1] for hook in HOOKS}

    assert commands == FOR_FILES & COMMANDS.keys()


@every_hook
def test_a_hook_passes_on_the_examples_with_no_variable_set(hook: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    done = run(hook, tmp_path)

    assert done.returncode == 0, done.stdout
    assert done.stdout in ("", "No problems.\n")


@every_hook
@pytest.mark.parametrize(
    "name",
    [
        "examples/quickstart/gbsync.yaml",
        "examples/organization/catalogue.gbsync.yaml",
        "examples/ci/github/base.yaml",
        "examples/ci/github/staging.yaml",
        "examples/ci/gitlab/production.yaml",
    ],
)
def test_a_hook_stops_every_file_that_gbsync_reads_when_it_is_broken(
    hook: dict[str, Any], tmp_path: Path, name: str
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    file = tmp_path / name
    file.write_text(file.read_text("utf-8") + BROKEN, "utf-8")
    done = run(hook, tmp_path, name)

    assert name in matched(hook, tmp_path)
    assert done.returncode == 1
    assert name in done.stdout + done.stderr


def test_a_file_that_another_one_names_is_checked_with_it(tmp_path: Path) -> None:
    (hook,) = (hook for hook in HOOKS if hook["id"] == "gbsync-validate")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    manifest = "examples/organization/integrations/banner/gitbook-manifest.yaml"
    (tmp_path / manifest).write_text(BROKEN, "utf-8")
    done = run(hook, tmp_path, manifest)

    assert done.returncode == 1
    assert f"{manifest}:2:1" in done.stdout


@every_hook
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mkdocs.yaml", BROKEN),
        ("gbsync.yaml.bak", BROKEN),
        ("mygbsync.yaml", BROKEN),
        (".github/workflows/a.yml", "on: push\na:   1\n"),
        ("other.yaml", f"# yaml-language-server: $schema=other.json\n{BROKEN}"),
        ("late.yaml", f"a: 1\n# yaml-language-server: $schema=gbsync.schema.json\n{BROKEN}"),
    ],
)
def test_a_hook_leaves_other_files_alone(hook: dict[str, Any], tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, "utf-8")
    done = run(hook, tmp_path, name)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_text("utf-8") == text


@pytest.mark.parametrize(
    ("files", "runs"),
    [
        (["a/gbsync.yaml", "a/b.gbsync.yaml"], [("a",)]),
        (
            ["a/base.yaml", "a/one.yaml", "a/two.yaml"],
            [("a/base.yaml", "a/one.yaml"), ("a/base.yaml", "a/two.yaml")],
        ),
        (["a/base.yaml"], [("a/base.yaml",)]),
        (["a/gbsync.yaml", "a/prod.yaml"], [("a",), ("a", "a/prod.yaml")]),
        (["a/one.yaml", "a/two.yaml"], [("a/one.yaml",), ("a/two.yaml",)]),
    ],
)
def test_what_a_file_belongs_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], runs: list[tuple[str, ...]]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [*files, "a/deep/er/x.js", "mkdocs.yaml"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(
            "" if "mk" in name else f"# yaml-language-server: $schema={SCHEMA}\n", "utf-8"
        )

    assert list(runs_of(files)) == list(runs_of(files[:1])) == list(runs_of(["a/deep/er/x.js"])) == runs
    assert not runs_of(["mkdocs.yaml", "gone.yaml"])
