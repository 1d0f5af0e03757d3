"""The action's shell steps, in a stand-in for the runner's environment and against a real git remote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ci.runner import Runner, git, job, repository

if TYPE_CHECKING:
    import subprocess

FILE = """version: 1
organization: ${{ env.GITBOOK_ORGANIZATION }}
installations:
  slack: {configuration: {default_channel: C0123}}
"""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return job(repository(tmp_path, {"gbsync.yaml": FILE}), tmp_path, "job")


def remote(runner: Runner) -> Path:
    """The repository that the checkout is of."""
    return Path(git(runner.checkout, "remote", "get-url", "origin"))


def plan(runner: Runner, command: str = "plan", **environ: str) -> subprocess.CompletedProcess[str]:
    world = runner.checkout.parent / "world.json"
    sandbox = {"RUN_PATHS": "gbsync.yaml", "RUN_ARGUMENTS": f"--sandbox={world}"}
    return runner.run(command, **{**sandbox, **environ})


def test_a_plan_says_what_changes_and_leaves_its_files(runner: Runner) -> None:
    ended = plan(runner)

    folder = Path(runner.outputs["folder"])
    assert ended.returncode == 0, ended.stderr
    assert runner.outputs["exit-code"] == "2"
    assert runner.outputs["changes"] == "true"
    assert runner.outputs["summary"] == "Plan: 0 to add, 1 to change, 0 to destroy."
    assert {"plan.json", "plan.md", "plan.html"} <= {item.name for item in folder.iterdir()}
    assert "C0123" in Path(runner.environ["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("merged", [True, False])
def test_a_pull_request_shows_first_what_it_changes(runner: Runner, tmp_path: Path, *, merged: bool) -> None:
    """The checkout is one commit deep: the merge of both branches, or the branch alone."""
    git(runner.checkout, "switch", "--quiet", "-c", "change")
    (runner.checkout / "gbsync.yaml").write_text(
        (runner.checkout / "gbsync.yaml").read_text("utf-8") + "  mermaid: {externalIds: [mine]}\n", "utf-8"
    )
    git(runner.checkout, "commit", "--quiet", "-am", "change")
    git(runner.checkout, "commit", "--quiet", "--allow-empty", "-m", "one more")
    if merged:
        git(runner.checkout, "switch", "--quiet", "--detach", "origin/main")
        git(runner.checkout, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    git(runner.checkout, "push", "--quiet", "origin", "HEAD:refs/heads/merge")
    remote, shallow = tmp_path / "remote.git", tmp_path / "shallow"
    git(remote, "config", "uploadpack.allowReachableSHA1InWant", "true")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=merge", f"file://{remote}", str(shallow))

    ended = plan(Runner(shallow, runner.environ), GITHUB_BASE_REF="main")

    comment = (Path(runner.outputs["folder"]) / "comment.md").read_text("utf-8")
    assert ended.returncode == 0, ended.stderr
    assert "the base of this pull request" not in ended.stderr
    assert comment.index("Changed by these files") < comment.index("mine") < comment.index("There before")
    assert ("does not show where" in comment) is not merged


def test_a_base_that_cannot_be_fetched_is_a_warning_and_no_failure(runner: Runner) -> None:
    ended = plan(runner, GITHUB_BASE_REF="gone")
    off = plan(runner, GITHUB_BASE_REF="gone", RUN_AGAINST="false")

    assert (ended.returncode, off.returncode) == (0, 0)
    assert "::warning title=gbsync::the base of this pull request could not be fetched" in ended.stderr
    assert "::warning" not in off.stderr
    assert runner.outputs["exit-code"] == "2"


def test_after_an_apply_a_plan_has_no_changes(runner: Runner) -> None:
    applied = plan(runner, "apply")
    code = runner.outputs["exit-code"]

    plan(runner)

    assert (applied.returncode, code) == (0, "0"), applied.stderr
    assert runner.outputs["exit-code"] == "0"
    assert runner.outputs["changes"] == "false"


@pytest.mark.parametrize(
    "text", ["$(touch owned)", "`touch owned`", "x; touch owned", "--out=../owned\n&& touch owned"]
)
def test_nothing_in_an_input_is_read_as_shell(runner: Runner, text: str) -> None:
    plan(runner, RUN_PATHS=text)
    plan(runner, text)

    assert not (runner.checkout / "owned").exists()


def test_a_broken_file_is_annotated_and_fails_the_job(runner: Runner) -> None:
    (runner.checkout / "gbsync.yaml").write_text("version: 1\norganisation: x\n", encoding="utf-8")

    ended = plan(runner)
    verdict = runner.step("verdict.sh", VERDICT_COMMAND="plan", VERDICT_CODE=runner.outputs["exit-code"])

    assert "::error file=gbsync.yaml,line=2" in ended.stderr
    assert verdict.returncode == 1


@pytest.mark.parametrize(
    ("command", "code", "ends"),
    [("plan", 0, 0), ("plan", 2, 0), ("plan", 3, 3), ("drift", 2, 2), ("apply", 5, 5)],
)
def test_changes_fail_a_drift_and_not_a_plan(runner: Runner, command: str, code: int, ends: int) -> None:
    ended = runner.step("verdict.sh", VERDICT_COMMAND=command, VERDICT_CODE=str(code))

    assert ended.returncode == ends


@pytest.mark.parametrize(
    ("found", "method", "target"), [("", "POST", "issues/7/comments"), ("41", "PATCH", "issues/comments/41")]
)
def test_the_plan_is_one_comment_that_is_updated_in_place(
    runner: Runner, found: str, method: str, target: str
) -> None:
    log = runner.gh(found)
    plan(runner)
    file = Path(runner.outputs["folder"]) / "comment.md"

    ended = runner.step("comment.sh", COMMENT_FILE=str(file), COMMENT_NUMBER="7", GH_TOKEN="t")
    calls = json.loads(log.read_text(encoding="utf-8"))

    assert ended.returncode == 0, ended.stderr
    assert file.read_text(encoding="utf-8").startswith("<!--")
    assert calls[-1][2:5] == ["--method", method, f"repos/acme/docs/{target}"]
    assert calls[-1][-1] == f"body=@{file}"


def test_of_several_comments_the_first_is_updated(runner: Runner) -> None:
    log = runner.gh("41\n42")
    plan(runner)
    file = Path(runner.outputs["folder"]) / "comment.md"

    runner.step("comment.sh", COMMENT_FILE=str(file), COMMENT_NUMBER="7", GH_TOKEN="t")

    assert json.loads(log.read_text(encoding="utf-8"))[-1][4] == "repos/acme/docs/issues/comments/41"


@pytest.mark.parametrize("found", ["", "41"])
def test_a_token_that_may_not_comment_is_a_warning(runner: Runner, found: str) -> None:
    runner.gh(found, refused=True)
    plan(runner)
    file = Path(runner.outputs["folder"]) / "comment.md"

    ended = runner.step("comment.sh", COMMENT_FILE=str(file), COMMENT_NUMBER="7", GH_TOKEN="t")

    assert ended.returncode == 0
    assert "HTTP 403" in ended.stderr
    assert "::warning title=gbsync::the pull request has no comment" in ended.stderr


def comment(runner: Runner, **environ: str) -> list[str]:
    """The lines of the comment that a plan leaves."""
    plan(runner, **environ)
    return (Path(runner.outputs["folder"]) / "comment.md").read_text(encoding="utf-8").splitlines()


def test_two_stages_have_a_comment_each_and_a_stage_keeps_its_own(runner: Runner) -> None:
    markers = [
        comment(runner, RUN_PATHS=f"gbsync.yaml\n{stage}.yaml", GITBOOK_ORGANIZATION=organization)[0]
        for stage, organization in (("a", "one"), ("b", "one"), ("a", "two"), ("a", "one"))
    ]

    assert markers[0] == "<!-- gbsync plan gbsync.yaml-a.yaml-one -->"
    assert len(set(markers)) == 3
    assert markers[3] == markers[0]


def test_no_name_of_a_file_ends_the_marker(runner: Runner) -> None:
    lines = comment(runner, RUN_PATHS="a --> @all.yaml", GITBOOK_ORGANIZATION="x" * 500)

    assert lines[0].startswith("<!-- gbsync plan a-all.yaml-xxx")
    assert lines[0].count("-->") == 1
    assert len(lines[0]) < 200


def test_a_comment_never_shows_an_older_plan_for_one_that_could_not_be_made(runner: Runner) -> None:
    good = comment(runner)
    (runner.checkout / "gbsync.yaml").write_text("version: 1\norganisation: @all\n", encoding="utf-8")

    bad = comment(runner, GITHUB_RUN_ID="12")

    assert bad[0] == good[0]
    assert bad[1] == "### No plan could be made"
    assert bad[3] == "[The job](https://github.com/acme/docs/actions/runs/12) says why."
    assert "Plan: " not in "".join(bad)


def test_a_comment_says_that_a_guard_refuses(runner: Runner) -> None:
    text = FILE + "protect: [installation/mermaid]\n"
    (runner.checkout / "gbsync.yaml").write_text(
        text.replace("  slack:", "  mermaid: {absent: true}\n  slack:"), encoding="utf-8"
    )

    lines = comment(runner)

    assert runner.outputs["exit-code"] == "3"
    assert lines[1].startswith("> **Refused by a guard.** [The job](")
    assert "### Plan: 0 to add, 1 to change, 1 to destroy." in lines


def test_an_apply_keeps_its_events_and_a_snapshot_whatever_it_is_told_to_do(runner: Runner) -> None:
    world = runner.checkout.parent / "world.json"
    arguments = f"--sandbox={world}\n--parallelism=1\n--target=installation/slack\n--fail-fast"

    ended = plan(runner, "apply", RUN_SNAPSHOT="git:origin/gbsync-snapshot", RUN_ARGUMENTS=arguments)
    folder = Path(runner.outputs["folder"])

    assert runner.outputs["exit-code"] == "0", ended.stderr
    snapshot = git(remote(runner), "show", "gbsync-snapshot:gbsync.snapshot.json")
    assert "installation/slack" in snapshot
    assert '"phase": "end"' in (folder / "events.jsonl").read_text(encoding="utf-8")
    assert "no snapshot" not in ended.stderr


def test_a_snapshot_that_cannot_be_recorded_is_a_warning(runner: Runner) -> None:
    ended = plan(runner, "apply", RUN_SNAPSHOT="git:nowhere/gbsync-snapshot")

    assert ended.returncode == 0
    assert runner.outputs["exit-code"] == "0"
    assert "::warning title=gbsync::no snapshot was recorded" in ended.stderr
