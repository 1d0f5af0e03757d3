"""`--lock git:…` as people and pipelines use it: who applies, who waits, what a killed run leaves behind."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import chdir
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.sandbox.server import running
from tests.cli.test_processes import FILE, Ground, at
from tests.lock.servers import GIT, clone_of_bare, git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK = "git:origin/gbsync-lock"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of processes are POSIX"),
]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """A clone with the files, and a sandbox on a port."""
    clone = clone_of_bare(tmp_path)
    made = Ground(clone)
    (clone / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    commit(clone, "files")
    with running(made.sandbox) as url:
        made.url = url
        settings = {**GIT, "GITBOOK_ENDPOINT": url, "GITBOOK_TOKEN": made.sandbox.token}
        for name, value in {
            **settings,
            "GITHUB_ACTIONS": "",
            "CI_JOB_URL": "https://ci.example.com/7",
        }.items():
            monkeypatch.setenv(name, value)
        yield made


def commit(clone: Path, message: str) -> None:
    git(clone, "add", "gbsync.yaml")
    git(clone, "commit", "--quiet", "--allow-empty", f"--message={message}")


@pytest.fixture
def gbsync(ground: Ground, capsys: pytest.CaptureFixture[str]) -> Any:
    """A command in the clone, in this process: its code, and what it says."""

    def command(*args: str) -> tuple[int, str]:
        with chdir(ground.folder):
            code = run([*args, f"--lock={LOCK}"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def document(ground: Ground) -> dict[str, Any]:
    """The lock on the branch."""
    text = git(ground.folder.parent / "bare.git", "show", "gbsync-lock:gbsync.lock")
    return dict(json.loads(text))


def test_the_lock_lives_on_the_branch_and_an_older_commit_is_refused(ground: Ground, gbsync: Any) -> None:
    code, said = gbsync("apply", "--auto-approve")
    assert code == 0, said
    assert "No changes." in gbsync("plan")[1]
    assert "installation/slack" in gbsync("lock")[1]
    assert git(ground.folder, "status", "--porcelain") == ""
    first = git(ground.folder, "rev-parse", "HEAD")
    commit(ground.folder, "second")
    assert gbsync("apply", "--auto-approve")[0] == 0
    second = git(ground.folder, "rev-parse", "HEAD")
    git(ground.folder, "checkout", "--quiet", first)
    code, said = gbsync("apply", "--auto-approve")

    assert code == 3
    assert f"commit {first[:12]} is older than {second[:12]}, which was applied last" in said
    assert list(document(ground)["commits"].values()) == [[first, second]]
    assert gbsync("apply", "--auto-approve", "--allow-older")[0] == 0
    assert list(document(ground)["commits"].values()) == [[second, first]]


def test_an_older_commit_that_was_never_applied_is_refused_where_history_is_there(
    ground: Ground, gbsync: Any
) -> None:
    for message in ("second", "third"):
        commit(ground.folder, message)
    code, said = gbsync("apply", "--auto-approve")
    assert code == 0, said
    git(ground.folder, "checkout", "--quiet", "HEAD~1")
    assert gbsync("apply", "--auto-approve")[0] == 3
    git(ground.folder, "checkout", "--quiet", "main")
    commit(ground.folder, "revert")

    code, said = gbsync("apply", "--auto-approve")
    assert code == 0, said


def test_a_lock_in_the_files_own_repository_keeps_no_commits_and_one_beside_it_does(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    def applied(lock: str) -> list[Any]:
        with chdir(ground.folder):
            assert run(["apply", "--auto-approve", f"--lock={lock}"]) == 0, capsys.readouterr().err
        return list(json.loads((ground.folder / lock).read_text()).get("commits", {}).values())

    assert applied("gbsync.lock") == []
    (ground.folder / ".gitignore").write_text("cached.lock\n")
    assert applied("cached.lock") == [[git(ground.folder, "rev-parse", "HEAD")]]


def test_the_intent_of_a_publish_is_on_the_branch_before_it_is_sent(ground: Ground, gbsync: Any) -> None:
    intents: list[Any] = []

    def between(_number: int) -> None:
        if "acme-banner" not in ground.sandbox.store.integrations and is_there(ground):
            entries = next(iter(document(ground)["sections"].values()))
            intents.append(entries["integration/acme-banner"].get("intent"))

    ground.sandbox.between = between
    code, said = gbsync("apply", "--auto-approve")

    assert code == 0, said
    assert intents
    assert {intent["version"] for intent in intents} == {None}


def is_there(ground: Ground) -> bool:
    """Whether the branch has a lock."""
    bare = ground.folder.parent / "bare.git"
    return bool(git(bare, "branch", "--list")) and "gbsync.lock" in git(
        bare, "ls-tree", "--name-only", "gbsync-lock"
    ).split("\n")


def test_a_run_that_is_ended_while_it_plans_leaves_no_lease(ground: Ground, gbsync: Any) -> None:
    with at(ground, 3, signal.SIGTERM) as processes:
        processes.append(ground.start(f"--lock={LOCK}"))
        out, err = processes[0].communicate(timeout=60)
    ground.sandbox.between = lambda _number: None

    assert processes[0].returncode == 130, out + err
    assert gbsync("apply", "--auto-approve")[0] == 0


def test_a_killed_run_keeps_others_out_until_its_lease_is_released_and_nothing_is_published_twice(
    ground: Ground, gbsync: Any
) -> None:
    with at(ground, 9, signal.SIGKILL) as processes:
        processes.append(ground.start(f"--lock={LOCK}"))
        processes[0].communicate(timeout=60)
    ground.sandbox.between = lambda _number: None
    code, said = gbsync("apply", "--auto-approve")
    asked, question = gbsync("lock", "--release")

    assert (code, asked) == (1, 1)
    assert "(https://ci.example.com/7), since 20" in said
    assert "is applying; wait until that ends, or add --lock-timeout SECONDS" in said
    assert "stdin is not a terminal" in question
    released = gbsync("lock", "--release", "--auto-approve")[1]
    assert released.endswith("Released.\n")
    assert gbsync("lock", "--release") == (0, "No run holds the lock.\n")
    code, said = gbsync("apply", "--auto-approve")
    assert code == 0, said
    assert ground.sandbox.store.integrations["acme-banner"].version == 1
    assert "No changes." in gbsync("plan")[1]


def test_what_has_no_lease_cannot_be_released(ground: Ground, capsys: pytest.CaptureFixture[str]) -> None:
    with chdir(ground.folder):
        codes = [run(["lock", "--release"]), run(["lock", "--release", "--adopt"])]
    said = capsys.readouterr().err

    assert codes == [1, 1]
    assert "gbsync.lock: a file has no lease; the system frees it when the process ends that holds it" in said
    assert "--adopt and --release: do different things; give one of them" in said
