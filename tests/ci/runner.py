"""A stand-in for GitHub's runner: a checkout with a real remote, and the steps of the action."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

ACTION = ROOT / ".github" / "actions" / "gbsync"
GH = """#!{python}
import json, pathlib, sys
log = pathlib.Path({log!r})
calls = json.loads(log.read_text()) if log.exists() else []
calls.append(sys.argv[1:])
log.write_text(json.dumps(calls))
if "--paginate" in sys.argv:
    print({found!r})
elif {refused!r}:
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
"""


@dataclass
class Runner:
    """One checkout, and what GitHub sets for a job in it."""

    checkout: Path
    environ: dict[str, str]

    def step(self, script: str, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ACTION / script), *args],
            cwd=self.checkout,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run(self, command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """The step that runs gbsync, with the outputs of this run alone."""
        Path(self.environ["GITHUB_OUTPUT"]).unlink(missing_ok=True)
        return self.step("run.sh", RUN_COMMAND=command, **environ)

    @property
    def outputs(self) -> dict[str, str]:
        lines = Path(self.environ["GITHUB_OUTPUT"]).read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def gh(self, found: str = "", *, refused: bool = False) -> Path:
        """Puts a `gh` on the path that writes down what it is asked and finds the comment `found`."""
        log = Path(self.environ["RUNNER_TEMP"]) / "gh.json"
        folder = Path(self.environ["RUNNER_TEMP"]) / "bin"
        folder.mkdir(exist_ok=True)
        tool = folder / "gh"
        tool.write_text(
            GH.format(python=sys.executable, log=str(log), found=found, refused=refused), encoding="utf-8"
        )
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        return log


def git(folder: Path, *args: str) -> str:
    """Runs git there as somebody."""
    name = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    ended = subprocess.run(["git", *name, *args], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S607
    return ended.stdout.strip()


def clone(remote: Path, folder: Path) -> Path:
    """A clone, as a job's checkout step makes it."""
    git(folder.parent, "clone", "--quiet", str(remote), str(folder))
    return folder


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A bare repository with these files on its main branch."""
    remote = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "-b", "main", str(remote))
    first = clone(remote, folder / "first")
    for name, text in files.items():
        (first / name).write_text(text, encoding="utf-8")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "start")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return remote


def job(remote: Path, folder: Path, name: str) -> Runner:
    """A new job: a fresh clone and a fresh environment."""
    checkout = clone(remote, folder / name)
    temporary = folder / f"{name}-runner"
    temporary.mkdir()
    path = os.pathsep.join([str(temporary / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    environ = {
        "PATH": path,
        "HOME": str(folder),
        "RUNNER_TEMP": str(temporary),
        "GITHUB_OUTPUT": str(temporary / "output"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "GITHUB_REPOSITORY": "acme/docs",
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "RUN_LOCK": "git:origin/gbsync-lock",
    }
    return Runner(checkout, environ)
