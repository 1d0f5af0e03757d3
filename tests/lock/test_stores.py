"""The stores that machines share, against real servers: git by path and over HTTP, and S3."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.errors import LockError, UsageError
from reconciler.lock.document import LockEntry
from reconciler.lock.lease import Owner
from reconciler.lock.stores.address import document_store, is_remote
from reconciler.lock.stores.documents import Moved, Unanswered, read_surely, write_surely
from reconciler.lock.stores.git import GitBranch
from reconciler.lock.stores.remote import RemoteLock
from reconciler.resources.resource import Address
from tests.lock.servers import GIT, Trouble, clone_of_bare, git, git_http, s3
from tests.lock.test_remote_lock import killed, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.lock.stores.documents import DocumentStore

NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))
SLACK = Address("installation/slack")
BRANCH = "git:origin/gbsync-lock"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


class Places:
    """Where the lock of a test is; each machine opens it anew."""

    def __init__(self, name: str, environ: dict[str, str], folder: str) -> None:
        self.name, self.environ, self.folder = name, environ, folder

    def open(self) -> DocumentStore:
        return document_store(self.name, environ=self.environ, folder=self.folder)

    def lock(self, number: int, **how: Any) -> RemoteLock:
        return RemoteLock(self.open(), f"https://api.gitbook.com org{number}", **how)


def environ(**more: str) -> dict[str, str]:
    return {**os.environ, **GIT, **more}


@contextmanager
def place(
    kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble | None = None
) -> Iterator[Places]:
    if kind == "s3":
        with s3(trouble) as url:
            point_to(url, monkeypatch)
            # moto keeps its buckets as long as the process lives.
            yield Places(f"s3://locks/{folder.name}/gbsync.lock", environ(), str(folder))
    elif kind == "http":
        with git_http(folder, trouble) as url:
            yield Places(BRANCH, environ(), str(clone_of_bare(folder, url=f"{url}/bare.git")))
    else:
        yield Places(BRANCH, environ(), str(clone_of_bare(folder)))


def point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """obstore reads the environment of the process itself."""
    settings = {"ENDPOINT_URL": url, "ALLOW_HTTP": "true", "REGION": "us-east-1", "ACCESS_KEY_ID": "a"}
    for name, value in {**settings, "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)


every_place = pytest.mark.parametrize("kind", ["path", "http", "s3"])


@every_place
def test_a_document_is_written_only_over_what_was_read(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place(kind, tmp_path, monkeypatch) as where:
        one, two = where.open(), where.open()
        assert one.read(one.key) is None
        first = write_surely(one, one.key, "one: é\n", None)
        with pytest.raises(Moved):
            write_surely(two, two.key, "two\n", None)
        second = write_surely(two, two.key, "two\n", first)
        with pytest.raises(Moved):
            write_surely(one, one.key, "three\n", first)
        write_surely(one, "other", "beside\n", None)
        stored = two.read(two.key)

    assert stored is not None
    assert (stored.text, stored.revision) == ("two\n", second)


@every_place
def test_writers_that_save_at_once_all_win_where_a_fifth_of_the_requests_fails(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers, rounds = {"s3": (8, 25)}.get(kind, (10, 3)) if NIGHTLY else (4, 2)
    trouble = Trouble(share=0.2)

    def write(number: int) -> None:
        mine = where.lock(number)
        for count in range(rounds):
            mine.save(replace(mine.load(), entries={SLACK: LockEntry(f"{count}.yaml")}, known=True))

    with place(kind, tmp_path, monkeypatch, trouble) as where:
        together(write, writers)
        trouble.share = 0.0
        saved = [where.lock(number).load().entries[SLACK].file for number in range(writers)]

    assert saved == [f"{rounds - 1}.yaml"] * writers


@every_place
def test_one_run_at_a_time_has_the_lease_where_a_fifth_of_the_requests_fails(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, one = list[int](), list[int](), threading.Lock()
    trouble = Trouble(share=0.2)

    async def apply(number: int) -> None:
        mine = where.lock(0, owner=Owner(f"run{number}"), timeout=300, length=60, poll=0.1)
        async with mine.hold():
            with one:
                inside.append(number)
                most.append(len(inside))
            await asyncio.sleep(0.05)
            mine.check()
            with one:
                inside.remove(number)

    with place(kind, tmp_path, monkeypatch, trouble) as where:
        together(lambda number: asyncio.run(apply(number)), 8 if NIGHTLY else 3)
        trouble.share = 0.0
        assert where.lock(0).holder() is None

    assert set(most) == {1}


@every_place
async def test_a_killed_holder_is_waited_for_no_longer_than_a_lease(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place(kind, tmp_path, monkeypatch) as where:
        dead = where.lock(0, owner=Owner("dead"), length=2.0)
        await killed(dead)
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with where.lock(0, timeout=30, poll=0.2).hold():
            waited = loop.time() - started
            with pytest.raises(LockError, match=r"somebody, since .* has the lease now"):
                dead.check()

    assert waited < 8


async def test_a_store_that_ignores_conditions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with s3(conditional=False) as url:
        point_to(url, monkeypatch)
        where = Places("s3://locks/gbsync.lock", environ(), ".")
        for _ in range(2):
            with pytest.raises(
                LockError, match="overwrites what it was told not to overwrite, so two runs could"
            ):
                async with where.lock(0).hold():
                    pass


async def test_where_the_store_has_a_clock_nobody_waits_for_a_run_that_died_long_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3() as url:
        point_to(url, monkeypatch)
        where = Places("s3://locks/gbsync.lock", environ(), ".")
        dead = where.lock(0, length=0.5)
        await killed(dead)
        await asyncio.sleep(4.5)
        async with where.lock(0).hold():
            pass


def test_a_bucket_that_is_not_there_and_one_that_cannot_be_reached_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with s3() as url:
        point_to(url, monkeypatch)
        missing = Places("s3://nowhere/gbsync.lock", environ(), ".").open()
        assert missing.read(missing.key) is None
        with pytest.raises(
            LockError, match=r"s3://nowhere/gbsync.lock: is not there .*; create the bucket first"
        ):
            missing.write(missing.key, "x", None)
    gone = Places("s3://locks/gbsync.lock", environ(), ".").open()
    with pytest.raises(
        LockError, match=r"s3://locks/gbsync.lock: cannot be read .*; try again when the store can"
    ):
        read_surely(gone, gone.key, pause=lambda _seconds: None)


def test_a_save_is_one_commit_with_the_commit_before_as_its_parent_and_touches_nothing_else(
    tmp_path: Path,
) -> None:
    clone, bare = clone_of_bare(tmp_path), tmp_path / "bare.git"
    (clone / "work").write_text("in progress")
    git(clone, "add", "work")
    before = git(clone, "status", "--porcelain"), sorted(path.name for path in (clone / ".git").iterdir())
    mine = Places(BRANCH, environ(), str(clone)).lock(0)
    for count in range(3):
        mine.save(replace(mine.load(), entries={SLACK: LockEntry(f"{count}.yaml")}, known=True))
    log = git(bare, "log", "--format=%s|%b|%cn|%P", "gbsync-lock").replace("\n\n", "\n").splitlines()

    assert git(bare, "rev-list", "--count", "gbsync-lock") == "3"
    assert [line.count("[skip ci]") for line in log if "skip" in line] == [1, 1, 1]
    assert log[-1].endswith("|Ada|")
    assert git(bare, "ls-tree", "--name-only", "gbsync-lock") == "gbsync.lock"
    assert (
        git(clone, "status", "--porcelain"),
        sorted(path.name for path in (clone / ".git").iterdir()),
    ) == before
    assert git(clone, "rev-parse", "--is-shallow-repository") == "false"


def test_a_shallow_clone_is_enough_and_files_beside_the_lock_stay(tmp_path: Path) -> None:
    clone, bare = clone_of_bare(tmp_path), tmp_path / "bare.git"
    (clone / "gbsync.snapshot.json").write_text("{}")
    git(clone, "add", ".")
    for _ in range(3):
        git(clone, "commit", "--quiet", "--allow-empty", "--message=more")
    git(clone, "push", "--quiet", "origin", "HEAD:gbsync-lock", "HEAD:main")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{bare}", "shallow")
    mine = Places(BRANCH, environ(), str(tmp_path / "shallow")).lock(0)
    mine.save(mine.load())

    assert git(bare, "ls-tree", "--name-only", "gbsync-lock").split() == [
        "gbsync.lock",
        "gbsync.snapshot.json",
    ]
    assert git(bare, "rev-list", "--count", "gbsync-lock") == "5"


def test_a_token_of_the_environment_opens_the_remote_and_is_on_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    real = next(folder for folder in os.environ["PATH"].split(":") if os.access(f"{folder}/git", os.X_OK))
    spy.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/spoken\nexec {real}/git "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    with git_http(tmp_path, login="x-access-token:hidden-token") as url:
        clone = clone_of_bare(tmp_path, url=f"{url}/bare.git")
        git(clone, "config", f"http.{url}/.extraheader", "AUTHORIZATION: basic another")
        mine = Places(BRANCH, environ(GBSYNC_LOCK_TOKEN="hidden-token"), str(clone)).lock(0)
        mine.save(mine.load())
        git(clone, "config", "--unset", f"http.{url}/.extraheader")
        settings = clone / ".git" / "config"
        address = url.replace("//", "//x-access-token:hidden-token@")
        settings.write_text(settings.read_text().replace(f"url = {url}", f"url = {address}"))
        in_the_address = Places(BRANCH, environ(), str(clone)).lock(1)
        in_the_address.save(in_the_address.load())
        wrong = Places(BRANCH, environ(GBSYNC_LOCK_TOKEN="another-token"), str(clone)).open()
        with pytest.raises(Unanswered) as refused:
            wrong.read(wrong.key)

    assert git(tmp_path / "bare.git", "rev-list", "--count", "gbsync-lock") == "2"
    assert "push" in (tmp_path / "spoken").read_text()
    assert "hidden-token" not in (tmp_path / "spoken").read_text()
    assert "another-token" not in str(refused.value)


def test_the_header_that_a_checkout_has_left_opens_the_remote_and_a_job_token_has_its_own_name(
    tmp_path: Path,
) -> None:
    with git_http(tmp_path, login="gitlab-ci-token:job") as url:
        clone = clone_of_bare(tmp_path, url=f"{url}/bare.git")
        job = Places(BRANCH, environ(GBSYNC_LOCK_TOKEN="job", CI_JOB_TOKEN="job"), str(clone)).lock(0)
        job.save(job.load())
        git(clone, "config", f"http.{url}/.extraheader", "AUTHORIZATION: Basic Z2l0bGFiLWNpLXRva2VuOmpvYg==")
        checkout = Places(BRANCH, environ(), str(clone)).lock(1)
        checkout.save(checkout.load())

    assert git(tmp_path / "bare.git", "rev-list", "--count", "gbsync-lock") == "2"


def test_a_branch_that_refuses_pushes_is_told_with_what_the_server_says(tmp_path: Path) -> None:
    clone = clone_of_bare(tmp_path)
    hook = tmp_path / "bare.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n")
    hook.chmod(0o755)
    store = Places(BRANCH, environ(), str(clone)).open()

    with pytest.raises(
        LockError, match=f"{BRANCH}: cannot be written .*protected.*; check that you may write there"
    ):
        write_surely(store, store.key, "x", None, pause=lambda _seconds: None)


def test_a_branch_that_is_deleted_meanwhile_is_not_made_again_without_what_others_had_there(
    tmp_path: Path,
) -> None:
    where = Places(BRANCH, environ(), str(clone_of_bare(tmp_path)))
    mine, theirs = where.lock(0), where.lock(1)
    for lock_store in (theirs, mine):
        lock_store.save(replace(lock_store.load(), entries={SLACK: LockEntry("a.yaml")}, known=True))
    base = mine.load()
    git(tmp_path / "bare.git", "branch", "--delete", "--force", "gbsync-lock")

    with pytest.raises(LockError, match="somebody has removed the lock since it was read"):
        mine.save(replace(base, entries={SLACK: LockEntry("b.yaml")}))
    assert git(tmp_path / "bare.git", "branch", "--list") == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("git:origin", "has the form git:REMOTE/BRANCH"),
        ("git:/branch", "has the form git:REMOTE/BRANCH"),
        ("git:--upload-pack=x/branch", "has the form git:REMOTE/BRANCH"),
        ("git:origin/-x", "has the form git:REMOTE/BRANCH"),
        ("git:origin/a..b", "has the form git:REMOTE/BRANCH"),
        ("git:origin/a:b", "has the form git:REMOTE/BRANCH"),
        ("git:elsewhere/branch", "git knows no such remote here"),
        ("ftp://host/key", "is no place for a lock"),
        ("s3://bucket", "has the form s3://BUCKET/KEY"),
        ("s3://bucket/folder/", "has the form s3://BUCKET/KEY"),
        ("gs://me:password@bucket/key", "has the form gs://BUCKET/KEY"),
    ],
)
def test_a_place_that_is_none_is_told_before_anything_is_sent(
    name: str, message: str, tmp_path: Path
) -> None:
    folder = str(clone_of_bare(tmp_path))

    assert is_remote(name)
    with pytest.raises(UsageError, match=message) as refused:
        read_surely(document_store(name, environ=environ(), folder=folder), "gbsync.lock")
    assert "password" not in str(refused.value)


def test_a_file_may_have_any_name_that_is_no_place() -> None:
    assert not any(map(is_remote, ("gbsync.lock", "a/b.lock", "C:\\locks\\x.lock", "github/x", "/git:x")))


def test_a_branch_has_its_name_and_no_clock(tmp_path: Path) -> None:
    store = Places(BRANCH, environ(), str(clone_of_bare(tmp_path))).open()

    assert isinstance(store, GitBranch)
    assert (store.name, store.now(), store.others()) == (BRANCH, None, ())
