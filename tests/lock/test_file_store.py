"""`gbsync.lock` on the disk: whole or not at all, and one run at a time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from reconciler.errors import LockError
from reconciler.lock.document import Base, LockEntry
from reconciler.lock.stores.file import LockFile, held, replace_file
from reconciler.resources.resource import Address
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BASE = Base({Address("installation/slack"): LockEntry("a.yaml", {"x": "1"})}, known=True)
HOLD = """
import asyncio, sys
from pathlib import Path
from reconciler.lock.stores.file import held

async def main():
    async with held(Path(sys.argv[1])):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
WRITE = """
import sys
from pathlib import Path
from reconciler.lock.stores.file import replace_file
number = 0
while True:
    number += 1
    replace_file(Path(sys.argv[1]), "x" * 200_000 + str(number) + "\\n")
    print(number, flush=True)
"""


def lock_at(path: Path, organization: str = "org1", timeout: float = 0.0) -> LockFile:
    return LockFile.of(path, endpoint="https://api.gitbook.com", organization=organization, timeout=timeout)


def process(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@asynccontextmanager
async def holder(path: Path) -> AsyncIterator[int]:
    """Another process holds the file; its id."""
    other = process(HOLD, path)
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        yield other.pid
    finally:
        other.kill()
        other.wait()
        other.stdout.close()


def test_where_there_is_no_file_nothing_is_known(tmp_path: Path) -> None:
    base = lock_at(tmp_path / "gbsync.lock").load()

    assert base.entries == {}
    assert not base.known
    assert base.fresh


def test_what_is_saved_is_loaded_and_other_organizations_stay(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    lock_at(path).save(BASE)
    two = lock_at(path, "org2").load()
    lock_at(path, "org2").save(Base(salt=two.salt))

    assert lock_at(path).load().entries == BASE.entries
    assert lock_at(path).load().salt == BASE.salt
    assert lock_at(path, "org2").load().known


def test_saving_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    lock_at(path).save(BASE)
    before = path.read_bytes()
    lock_at(path).save(lock_at(path).load())

    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"<<<<<<< HEAD\n"])
def test_a_damaged_file_is_an_error_that_names_it_and_is_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "gbsync.lock"
    path.write_bytes(content)

    with pytest.raises(LockError, match=str(path)):
        lock_at(path).load()
    with pytest.raises(LockError, match=str(path)):
        lock_at(path).save(BASE)
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_an_error_with_its_cause(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="cannot be written"):
        replace_file(tmp_path / "nowhere" / "gbsync.lock", "x")


def test_a_lock_that_is_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    real, link = tmp_path / "real.lock", tmp_path / "gbsync.lock"
    lock_at(real).save(BASE)
    before = real.read_bytes()
    link.symlink_to(real)

    for act in (lock_at(link).load, lambda: lock_at(link).save(BASE), lock_at(link).hold):
        with pytest.raises(LockError, match=r"gbsync\.lock: is a link"):
            act()
    assert (link.is_symlink(), real.read_bytes()) == (True, before)


def test_what_says_who_holds_a_lock_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".gbsync.lock.held").symlink_to(tmp_path / "precious")

    async def hold() -> None:
        async with lock_at(tmp_path / "gbsync.lock").hold():
            pass

    with pytest.raises(LockError, match="cannot be written"):
        asyncio.run(hold())
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_lock_that_is_no_file_is_told_and_nothing_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    found = {}
    for name in ("pipe", "loop", "/dev/zero", "x" * 5000):
        for act in (lock_at(tmp_path / name).load, lambda name=name: lock_at(tmp_path / name).save(BASE)):
            with pytest.raises(LockError) as told:
                act()
            found[name[:9]] = str(told.value)

    assert "named pipe that nobody writes to" in found["pipe"]
    assert "is a link" in found["loop"]
    assert "it is a device and no file" in found["/dev/zero"]
    assert len(found["x" * 9]) < 500


def test_permissions_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.lock"
    real.write_text("old")
    real.chmod(0o640)

    replace_file(real, "new")

    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_that_new_files_have(tmp_path: Path) -> None:
    replace_file(tmp_path / "gbsync.lock", "x")
    (tmp_path / "other").write_text("x")

    assert (tmp_path / "gbsync.lock").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    for _ in range(5):
        writer = process(WRITE, path)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

        assert path.read_text().startswith("x" * 200_000)
        assert path.read_text().endswith("\n")


async def test_a_second_run_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    async with holder(path) as pid:
        with pytest.raises(LockError) as raised:
            async with lock_at(path).hold():
                pass

    assert f"process {pid} on " in str(raised.value)
    assert "--lock-timeout SECONDS" in str(raised.value)


async def test_a_second_run_waits_as_long_as_it_is_told_to(tmp_path: Path) -> None:
    path, told = tmp_path / "gbsync.lock", list[str]()
    entered = asyncio.Event()

    async def second() -> None:
        async with held(path, timeout=10, tell=told.append):
            entered.set()

    async with held(path):
        waiting = asyncio.ensure_future(second())
        await asyncio.sleep(0.5)
        assert not entered.is_set()
    await waiting

    assert entered.is_set()
    assert len(told) == 1
    assert told[0].startswith(f"{path}: process {os.getpid()} on ")
    assert told[0].endswith("is applying with it; waiting for that, 10 s at most")


async def test_a_second_run_gives_up_when_its_time_is_over(tmp_path: Path) -> None:
    path, started = tmp_path / "gbsync.lock", time.monotonic()
    async with holder(path) as pid:
        with pytest.raises(LockError, match=f"process {pid} on "):
            async with held(path, timeout=0.5):
                pass

    assert time.monotonic() - started >= 0.5


async def test_a_second_run_goes_on_as_soon_as_the_first_process_ends(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    async with holder(path) as pid:
        asyncio.get_running_loop().call_later(0.3, os.kill, pid, signal.SIGTERM)
        async with held(path, timeout=30):
            assert json.loads((tmp_path / ".gbsync.lock.held").read_text())["pid"] == os.getpid()


async def test_a_run_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    async with holder(path) as pid:
        os.kill(pid, signal.SIGKILL)

    async with held(path):
        assert json.loads((tmp_path / ".gbsync.lock.held").read_text())["pid"] == os.getpid()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_is_held_leaves_nothing_beside_it(tmp_path: Path) -> None:
    async with held(tmp_path / "gbsync.lock"):
        assert names(tmp_path) == [".gbsync.lock.held"]

    assert names(tmp_path) == []


async def test_a_holder_that_signed_with_nonsense_is_another_run(tmp_path: Path) -> None:
    path = tmp_path / "gbsync.lock"
    async with holder(path):
        (tmp_path / ".gbsync.lock.held").write_text("nonsense")
        with pytest.raises(LockError, match="another run is applying with it"):
            async with held(path):
                pass


async def test_a_folder_that_cannot_be_written_is_an_error_before_anything(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="its folder cannot be written"):
        async with held(tmp_path / "nowhere" / "gbsync.lock"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
async def test_a_full_disk_is_not_taken_for_another_run(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - POSIX alone

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        with pytest.raises(LockError, match=r"its folder cannot be written \(File too large\); make room"):
            async with held(tmp_path / "gbsync.lock", timeout=10):
                pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
