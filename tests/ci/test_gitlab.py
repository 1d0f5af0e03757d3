"""The pipeline for GitLab: its lines run as a runner runs them, against a real git remote and the sandbox."""

from __future__ import annotations

import json
import os
import re
import shutil
import string
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.ci.runner import clone, git
from tests.ci.test_story import call, gitbook
from tests.conftest import NIGHTLY, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["gitbook"]
EXAMPLE = ROOT / "examples" / "ci" / "gitlab"
PIPELINE: dict[str, Any] = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text("utf-8"))
# dash takes less than bash does; both are tried at night.
SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)][: 2 if NIGHTLY else 1]
JOBS = ("plan", "apply staging", "apply production", "drift")


def whole(name: str) -> dict[str, Any]:
    """A job with what it extends under it."""
    job = PIPELINE[name]
    above = whole(job["extends"]) if "extends" in job else {}
    return {**above, **job, "variables": {**above.get("variables", {}), **job.get("variables", {})}}


@dataclass
class Pipeline:
    """A project, and what leads its jobs to GitBook."""

    folder: Path
    gitbook: dict[str, str]
    shell: str = "bash"

    @property
    def remote(self) -> Path:
        return self.folder / "docs.git"

    def job(self, name: str, stage: str = "staging", *, without: tuple[str, ...] = (), **more: str) -> Ended:
        """A job in a fresh clone, with these files and variables changed and those variables not set."""
        files = {name: text for name, text in more.items() if name.endswith("_yaml")}
        number = len(list(self.folder.iterdir()))
        checkout = clone(self.remote, self.folder / f"job-{number}")
        for file, text in files.items():
            (checkout / file.replace("_yaml", ".yaml")).write_text(text, encoding="utf-8")
        given = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "CI_SERVER_URL": f"file://{self.folder}",
            "CI_PROJECT_PATH": "docs",
            "CI_MERGE_REQUEST_PROJECT_URL": f"file://{self.folder}/docs",
            "CI_JOB_TOKEN": "job-token",
            "STAGE": stage,
            **self.gitbook,
            **{name: text for name, text in more.items() if name not in files},
        }
        environ = expanded({**given, **whole(name)["variables"]})
        for variable in without:
            environ.pop(variable, None)
        lines = "\n".join(whole(name)["script"])
        done = subprocess.run(
            [self.shell, "-c", f"set -e\n{lines}"],
            cwd=checkout,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(checkout, done.returncode, done.stdout, done.stderr)


@dataclass
class Ended:
    """How a job ended, and where it ran."""

    checkout: Path
    code: int
    out: str
    err: str

    def text(self, name: str) -> str:
        return (self.checkout / name).read_text(encoding="utf-8")


def expanded(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables, each with those in it replaced, as GitLab does it."""
    found = dict(variables)
    for _ in variables:
        found = {name: string.Template(text).safe_substitute(found) for name, text in found.items()}
    return found


@pytest.fixture(params=SHELLS)
def pipeline(tmp_path: Path, gitbook: dict[str, str], request: pytest.FixtureRequest) -> Pipeline:
    made = Pipeline(tmp_path, gitbook, request.param)
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", str(made.remote))
    first = clone(made.remote, tmp_path / "first")
    shutil.copytree(EXAMPLE, first, dirs_exist_ok=True)
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "start")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return made


def applied(pipeline: Pipeline, stage: str = "staging") -> Ended:
    ended = pipeline.job(f"apply {stage}", stage)
    assert ended.code == 0, ended.out + ended.err
    return ended


def branches(pipeline: Pipeline) -> set[str]:
    return set(re.findall(r"refs/heads/(\S+)", git(pipeline.folder, "ls-remote", str(pipeline.remote))))


def test_what_is_planned_is_applied_and_the_lock_is_kept_for_the_next_job(pipeline: Pipeline) -> None:
    planned = pipeline.job("plan")
    first = applied(pipeline)
    again = applied(pipeline)
    after = pipeline.job("plan")

    assert planned.code == 0, planned.out + planned.err
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in planned.out
    assert json.loads(planned.text("counts.json")) == {"create": 2, "update": 0, "delete": 0}
    assert "### Plan: 2 to add" in planned.text("plan.md")
    assert "Apply complete! Resources: 2 added, 0 changed, 0 destroyed." in first.out
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in again.out
    assert after.out.endswith("No changes.\n")
    assert branches(pipeline) == {"main", "gbsync-lock-staging"}


def test_a_stage_keeps_its_own_lock_and_a_second_change_goes_on_top_of_the_first(pipeline: Pipeline) -> None:
    applied(pipeline)
    applied(pipeline, "production")
    later = applied(pipeline)

    names = git(pipeline.remote, "ls-tree", "--name-only", "gbsync-lock-staging").splitlines()
    assert "Apply complete! Resources: 0 added, 2 changed, 0 destroyed." in later.out
    assert branches(pipeline) == {"main", "gbsync-lock-staging", "gbsync-lock-production"}
    assert [name for name in names if not name.endswith(".lease")] == ["gbsync.lock", "gbsync.snapshot.json"]


def test_a_fork_without_a_token_is_planned_against_the_snapshot(pipeline: Pipeline) -> None:
    applied(pipeline)
    changed = "version: 1\nvariables: {ga: G-FORK}\n"

    ended = pipeline.job(
        "plan", without=("GITBOOK_TOKEN", "GITBOOK_ENDPOINT", "CI_JOB_TOKEN"), staging_yaml=changed
    )

    assert ended.code == 0, ended.out + ended.err
    assert "Made from a snapshot" in ended.out
    assert "Plan: 0 to add, 2 to change, 0 to destroy." in ended.out


def test_the_night_says_who_moved_and_fails(pipeline: Pipeline) -> None:
    applied(pipeline)
    quiet = pipeline.job("drift")
    where = ("-p", f"organizationId={pipeline.gitbook['GITBOOK_ORGANIZATION']}")
    pairs = json.loads(call(pipeline.gitbook, "listOrganizationInstallations", *where, "--reveal"))
    google = next(i["installation"] for i in pairs["items"] if i["integration"]["name"] == "googleanalytics")
    which = ("integrationName=googleanalytics", f"installationId={google['id']}", "siteId=site_p4Xo1")
    words = [word for pair in which for word in ("-p", pair)]
    body = json.dumps({"configuration": {"tracking_id": "G-HAND"}})
    call(
        pipeline.gitbook,
        "updateIntegrationSiteInstallation",
        *words,
        "--body",
        "-",
        "--auto-approve",
        body=body,
    )

    drifted = pipeline.job("drift")

    assert quiet.code == 0, quiet.out + quiet.err
    assert drifted.code == 2
    assert "live moved  configuration.tracking_id" in drifted.out


def test_what_was_applied_in_part_is_recorded_and_fails_the_job(pipeline: Pipeline) -> None:
    broken = "version: 1\nvariables: {ga: G-1}\ninstallations:\n  nowhere: {}\n"

    ended = pipeline.job("apply staging", staging_yaml=broken)

    assert ended.code == 1
    assert "nowhere" in ended.err
    names = git(pipeline.remote, "ls-tree", "--name-only", "gbsync-lock-staging")
    assert "snapshot" not in names


def test_a_remote_that_cannot_be_reached_fails_rather_than_start_without_a_lock(pipeline: Pipeline) -> None:
    ended = pipeline.job("plan", CI_MERGE_REQUEST_PROJECT_URL="file:///nowhere")

    assert ended.code == 1
    assert "git:project/gbsync-lock-staging: cannot be read" in ended.err


def test_the_lock_of_the_scripts_before_is_read_and_goes_on(pipeline: Pipeline) -> None:
    """They kept one file for each stage on the same branch, under the name of the stage."""
    applied(pipeline)
    work = clone(pipeline.remote, pipeline.folder / "older")
    git(work, "checkout", "--quiet", "gbsync-lock-staging")
    git(work, "mv", "gbsync.lock", "staging.lock")
    git(work, "commit", "--quiet", "-m", "as before")
    git(work, "push", "--quiet", "origin", "HEAD")
    later = applied(pipeline)
    names = git(pipeline.remote, "ls-tree", "--name-only", "gbsync-lock-staging").splitlines()

    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in later.out
    assert "does not know" not in later.out
    assert "gbsync.lock" not in names
    assert "staging.lock" in names


def test_every_job_of_a_stage_waits_for_its_turn_and_production_for_staging() -> None:
    groups = [whole(name)["resource_group"] for name in JOBS if name.startswith("apply")]

    assert len(set(groups)) == len(groups)
    assert whole("apply production")["needs"] == ["apply staging"]
    assert set(JOBS) == {name for name in PIPELINE if not name.startswith(".")} - {"stages", "default"}
