"""The whole GitOps story: branch, plan, merge, apply, a hotfix by hand, the nightly drift, the next apply."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.ci.runner import Runner, clone, git, job, repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SNAPSHOT = "git:origin/gbsync-snapshot"
FILE = """version: 1
organization: ${{ env.GITBOOK_ORGANIZATION }}
sites:
  handbook: {id: site_p4Xo1, tags: [public]}
installations:
  googleanalytics:
    sites:
      tag:public: {configuration: {tracking_id: G-ONE}}
  slack: {configuration: {default_channel: C0123}}
"""


@pytest.fixture
def gitbook(tmp_path: Path) -> Iterator[dict[str, str]]:
    """GitBook, as the sandbox on a port; what leads a job to it."""
    command = [sys.executable, "-m", "reconciler", "sandbox", "--file", str(tmp_path / "world.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline() for _ in range(4)]
        yield dict(re.findall(r"export (\w+)=(\S+)", "".join(lines)))
        serving.terminate()


def call(gitbook: dict[str, str], operation: str, *args: str, body: str = "") -> str:
    """A person who does it by hand, through the API."""
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "api", operation, *args],
        env={**gitbook, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        input=body,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def hotfix(gitbook: dict[str, str], channel: str) -> None:
    """Somebody changes Slack's channel in the app."""
    where = ("-p", f"organizationId={gitbook['GITBOOK_ORGANIZATION']}")
    pairs = json.loads(call(gitbook, "listOrganizationInstallations", *where, "--reveal"))
    slack = next(item["installation"] for item in pairs["items"] if item["integration"]["name"] == "slack")
    body = json.dumps({"configuration": {**slack["configuration"], "default_channel": channel}})
    which = ("-p", "integrationName=slack", "-p", f"installationId={slack['id']}")
    call(gitbook, "updateIntegrationInstallation", *which, "--body", "-", "--auto-approve", body=body)


def work(tmp_path: Path, name: str, gitbook: dict[str, str]) -> Runner:
    """A new job that knows its token."""
    runner = job(tmp_path / "remote.git", tmp_path, name)
    runner.environ |= gitbook
    return runner


def applied(tmp_path: Path, name: str, gitbook: dict[str, str]) -> Runner:
    """The job that applies what was merged, and keeps the lock."""
    runner = work(tmp_path, name, gitbook)
    ended = runner.run("apply", RUN_SNAPSHOT=SNAPSHOT)
    assert runner.outputs["exit-code"] == "0", ended.stdout + ended.stderr
    return runner


def test_from_a_branch_to_production_and_back_after_a_hotfix(tmp_path: Path, gitbook: dict[str, str]) -> None:
    remote = repository(tmp_path, {"gbsync.yaml": FILE})
    applied(tmp_path, "first-apply", gitbook)

    # A branch changes the tracking id; its plan is a comment.
    author = clone(remote, tmp_path / "author")
    (author / "gbsync.yaml").write_text(FILE.replace("G-ONE", "G-TWO"), encoding="utf-8")
    git(author, "commit", "--quiet", "-am", "Measure elsewhere")
    review = work(tmp_path, "review", gitbook)
    (review.checkout / "gbsync.yaml").write_text(FILE.replace("G-ONE", "G-TWO"), encoding="utf-8")
    review.run("plan")
    log = review.gh()
    folder = review.outputs["folder"]
    commented = review.step(
        "comment.sh", COMMENT_FILE=f"{folder}/comment.md", COMMENT_NUMBER="7", GH_TOKEN="t"
    )

    assert review.outputs["summary"] == "Plan: 0 to add, 1 to change, 0 to destroy."
    assert commented.returncode == 0, commented.stderr
    assert json.loads(log.read_text(encoding="utf-8"))[-1][-1] == f"body=@{folder}/comment.md"

    # A fork has no token: it plans against the snapshot of the last apply, and sees the same change.
    fork = job(remote, tmp_path, "fork")
    (fork.checkout / "gbsync.yaml").write_text(FILE.replace("G-ONE", "G-TWO"), encoding="utf-8")
    forked = fork.run("plan", RUN_SNAPSHOT=SNAPSHOT, GITBOOK_ORGANIZATION=gitbook["GITBOOK_ORGANIZATION"])

    assert fork.outputs["summary"] == "Plan: 0 to add, 1 to change, 0 to destroy.", forked.stderr

    # Merged, it is applied.
    git(author, "push", "--quiet", "origin", "HEAD:main")
    merged = applied(tmp_path, "merged", gitbook)

    assert merged.outputs["summary"] == "Apply complete! Resources: 0 added, 1 changed, 0 destroyed."

    # Somebody fixes something by hand; the night says who moved, and the next apply puts it back.
    hotfix(gitbook, "C0HOTFIX")
    night = work(tmp_path, "night", gitbook)
    drifted = night.run("drift")

    assert night.outputs["exit-code"] == "2", drifted.stdout + drifted.stderr
    assert "installation/slack" in drifted.stdout
    assert "live" in drifted.stdout

    again = applied(tmp_path, "again", gitbook)

    assert again.outputs["summary"] == "Apply complete! Resources: 0 added, 1 changed, 0 destroyed."

    quiet = work(tmp_path, "quiet", gitbook)
    quiet.run("drift")

    assert quiet.outputs["exit-code"] == "0"
