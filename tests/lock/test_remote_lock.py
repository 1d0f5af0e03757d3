"""The lock in a shared store: one holder at a time, nothing lost, nobody locked out by himself."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from reconciler.apply.scheduler import Options
from reconciler.errors import LockError
from reconciler.gitbook.client.client import Client
from reconciler.lock.document import Base, LockEntry
from reconciler.lock.lease import Owner
from reconciler.lock.stores.lease_keeper import Watch
from reconciler.lock.stores.remote import RemoteLock
from reconciler.resources.resource import Address
from reconciler.resources.values import Secret
from tests.lock.memory import MemoryDocuments
from tests.planning import ENDPOINT, world

if TYPE_CHECKING:
    from pathlib import Path

NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))
SECTION = "https://api.gitbook.com org1"
SLACK = Address("installation/slack")
DEAD: list[object] = []
"""What killed runs hold: Python would release it with the last reference."""


@dataclass
class Running:
    """A clock that runs on while the machine sleeps."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Hurry:
    """Waits in no time: each wait moves the clocks on instead."""

    running: Running
    dates: MemoryDocuments | None = None
    told: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.running.now

    async def sleep(self, seconds: float) -> None:
        self.told.append(seconds)
        self.running.now += seconds


def base(**fields: str) -> Base:
    return Base({SLACK: LockEntry("a.yaml", fields)}, known=True)


def lock(
    store: MemoryDocuments, who: str = "ada", *, section: str = SECTION, timeout: float = 0.0, **how: object
) -> RemoteLock:
    """A lock whose waits take no time."""
    running = how.pop("running", None)
    running = running if isinstance(running, Running) else Running()
    owner = Owner(f"{who}@laptop", "https://ci.example.com/7" if who == "bob" else "")
    told = how.pop("told", None)
    tell = told.append if isinstance(told, list) else (lambda _text: None)
    clock = Hurry(running)
    return RemoteLock(store, section, owner, timeout, tell, clock, running=running)


async def killed(lock_store: RemoteLock) -> None:
    """The run takes the lease, and from then on neither renews nor releases it."""
    holding = lock_store.hold()
    await holding.__aenter__()
    lock_store._keeper._ended.set()
    DEAD.append(holding)


def with_salt(made: Base, lock_store: RemoteLock) -> Base:
    return replace(made, salt=lock_store.load().salt)


async def test_while_one_holds_it_another_is_refused_and_told_who_and_where() -> None:
    store = MemoryDocuments()
    async with lock(store, "bob").hold():
        with pytest.raises(LockError) as refused:
            async with lock(store, "ada").hold():
                pass
        async with lock(store, "ada", section="https://api.gitbook.com org2").hold():
            pass

    assert str(refused.value).startswith("memory:: bob@laptop (https://ci.example.com/7), since 20")
    assert "--lock-timeout SECONDS" in str(refused.value)
    assert "gbsync lock --release" in str(refused.value)
    async with lock(store, "ada").hold():
        pass


async def test_who_holds_it_may_hold_it_again_and_the_outermost_releases_it() -> None:
    store = MemoryDocuments()
    mine = lock(store)
    async with mine.hold():
        async with mine.hold():
            pass
        assert mine.holder() is not None

    assert mine.holder() is None


async def test_it_is_released_when_the_run_fails_or_is_cancelled() -> None:
    store = MemoryDocuments()
    mine = lock(store)
    with pytest.raises(KeyboardInterrupt):
        async with mine.hold():
            raise KeyboardInterrupt

    async def endless() -> None:
        async with mine.hold():
            await asyncio.sleep(60)

    assert mine.holder() is None
    task = asyncio.ensure_future(endless())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert mine.holder() is None


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_whoever_loses_the_reply_to_his_taking_is_not_locked_out_by_himself(fault: str) -> None:
    store = MemoryDocuments(faults=[fault])
    mine = lock(store)
    async with mine.hold():
        held = mine.holder()
        mine.check()

    assert held is not None
    assert held.owner.name == "ada@laptop"


async def test_a_dead_holder_is_waited_for_one_length_of_his_lease_by_the_clock_of_who_waits() -> None:
    store, told, running = MemoryDocuments(), list[str](), Running()
    dead = lock(store, "bob")
    await killed(dead)
    began = running.now

    async with lock(store, timeout=1000, running=running, told=told).hold():
        waited = running.now - began

    assert 300 < waited <= 306
    assert len(told) == 1
    assert told[0].startswith("memory:: bob@laptop (https://ci.example.com/7), since ")
    assert told[0].endswith(", is applying; waiting for that, 1000 s at most")


async def test_where_the_store_dates_what_it_has_an_old_lease_is_taken_at_once() -> None:
    """The store's clock counts. Those of the machines may be ten minutes off, and so may the store's."""
    store = MemoryDocuments(dates=time.time() - 600)
    dead = lock(store, "bob")
    await killed(dead)
    assert store.dates is not None

    with pytest.raises(LockError, match="bob@laptop"):
        async with lock(store).hold():
            pass
    store.dates += 303
    async with lock(store).hold():
        pass


async def test_a_holder_who_renews_keeps_it_however_long_others_wait() -> None:
    store, running = MemoryDocuments(), Running()
    theirs, mine = lock(store, "bob"), lock(store, timeout=2000, running=running)

    async def renewing(seconds: float) -> None:
        running.now += seconds
        theirs._keeper._renew()

    mine.clock.sleep = renewing  # type: ignore[method-assign]
    async with theirs.hold():
        with pytest.raises(LockError, match="bob@laptop"):
            async with mine.hold():
                pass

    assert running.now >= 3000


async def test_who_lost_the_lease_learns_who_has_it_and_writes_nothing_more() -> None:
    store, running = MemoryDocuments(), Running()
    mine = lock(store, running=running)
    async with mine.hold():
        mine.save(base(a="1"))
        before = store.documents["gbsync.lock"]
        running.now += 400  # the machine slept
        async with lock(store, "bob", timeout=400).hold():
            with pytest.raises(
                LockError, match=r"bob@laptop \(https://ci.example.com/7\), since .* has the lease now"
            ):
                mine.check()
            with pytest.raises(LockError, match="bob@laptop"):
                mine.save(base(a="2"))
        assert store.documents["gbsync.lock"] == before

    async with lock(store, "carol").hold():
        pass


async def test_who_slept_while_nobody_wanted_the_lease_goes_on() -> None:
    store, running = MemoryDocuments(), Running()
    mine = lock(store, running=running)
    async with mine.hold():
        running.now += 4000
        mine.check()
        mine.save(base(a="1"))

    assert mine.load().entries[SLACK].fields == {"a": "1"}


async def test_who_cannot_renew_stops_before_others_may_begin() -> None:
    store, running = MemoryDocuments(), Running()
    mine = lock(store, running=running)
    async with mine.hold():
        running.now += 269
        mine.check()
        running.now += 2
        store.faults += ["before"] * 9
        with pytest.raises(
            LockError, match=r"the lease was not renewed for 271 s \(.*no answer.*another run may"
        ):
            mine.check()


async def test_a_lease_is_renewed_by_itself_and_at_most_as_often_as_said() -> None:
    store = MemoryDocuments()
    mine = RemoteLock(store, SECTION, Owner("ada@laptop"), length=2.0, every=0.1)
    async with mine.hold():
        await asyncio.sleep(0.55)
        held = mine.holder()

    assert held is not None
    assert 2 <= held.renewals <= 5


async def test_a_release_by_hand_stops_the_run_and_only_frees_the_lease_that_was_seen() -> None:
    store = MemoryDocuments()
    mine, other = lock(store), lock(store, "bob")
    async with mine.hold():
        seen = other.holder()
        other.free(seen)
        mine._keeper._renew()
        with pytest.raises(LockError, match="somebody has released the lease of this run"):
            mine.check()
    async with lock(store, "carol").hold():
        with pytest.raises(LockError, match=r"it is carol@laptop, since .* who has the lease now"):
            other.free(seen)
        assert other.holder() is not None


async def test_the_lock_and_the_lease_of_a_newer_version_are_left_as_they_are() -> None:
    store = MemoryDocuments()
    mine = lock(store)
    newer = json.dumps({"format": 2, "salt": "s", "sections": {}})
    store.write("gbsync.lock", newer, None)
    store.write(mine._lease_key, json.dumps({"format": 2}), None)

    for act in (mine.load, lambda: mine.save(base())):
        with pytest.raises(LockError, match="memory:: has format 2, this program knows 1; upgrade gbsync"):
            act()
    with pytest.raises(LockError, match="the lease has format 2, this program knows 1; upgrade gbsync"):
        async with mine.hold():
            pass
    assert store.documents["gbsync.lock"].text == newer
    assert len(store.log) == 2


async def test_a_damaged_lease_keeps_everybody_out_until_somebody_frees_it() -> None:
    store = MemoryDocuments()
    mine = lock(store)
    for text in ("", "[]", '{"format": 1}', '{"format": 1, "held": {"nonce": 3}}', '{"format": true}'):
        stored = store.read(mine._lease_key)
        store.write(mine._lease_key, text, stored.revision if stored else None)
        with pytest.raises(
            LockError, match="the lease is damaged; if no run is applying, `gbsync lock --release`"
        ):
            async with mine.hold():
                pass
    mine.free(None)
    async with mine.hold():
        pass


def test_a_section_that_another_run_has_written_meanwhile_is_not_overwritten() -> None:
    store = MemoryDocuments()
    mine, theirs = lock(store), lock(store, "bob")
    mine.save(base(a="1"))
    theirs.save(with_salt(base(a="2"), theirs))

    with pytest.raises(LockError, match=r"another run has changed it since it was read"):
        mine.save(with_salt_of(mine, base(a="3")))
    assert theirs.load().entries[SLACK].fields == {"a": "2"}


def with_salt_of(lock_store: RemoteLock, made: Base) -> Base:
    """The base with the salt of the document, without reading it as a run would."""
    stored = lock_store.store.read("gbsync.lock")
    assert stored is not None
    return replace(made, salt=type(made.salt)(json.loads(stored.text)["salt"]))


def test_the_lock_of_a_stage_that_an_earlier_version_kept_is_read_and_written_where_it_is() -> None:
    store = MemoryDocuments()
    lock(store).save(base(a="1"))
    store.documents["production.lock"] = store.documents.pop("gbsync.lock")
    mine, new = lock(store), lock(store, section="https://api.gitbook.com org2")
    mine.save(replace(mine.load(), commits=("c1",)))
    new.save(base(b="1"))

    assert mine.load().entries[SLACK].fields == {"a": "1"}
    assert json.loads(store.documents["production.lock"].text)["commits"] == {SECTION: ["c1"]}
    assert list(json.loads(store.documents["gbsync.lock"].text)["sections"]) == [new.section]


def test_ten_sections_that_are_saved_at_once_all_win_in_a_store_that_fails_often() -> None:
    store, rounds = MemoryDocuments(share=0.2), 25 if NIGHTLY else 4

    def write(number: int) -> None:
        mine = RemoteLock(store, f"https://api.gitbook.com org{number}")
        for count in range(rounds):
            mine.save(replace(mine.load(), entries={SLACK: LockEntry(f"{count}.yaml")}, known=True))

    together(write, 10)
    store.share = 0.0
    saved = {
        number: RemoteLock(store, f"https://api.gitbook.com org{number}").load().entries[SLACK].file
        for number in range(10)
    }

    assert saved == dict.fromkeys(range(10), f"{rounds - 1}.yaml")


def test_of_many_runs_one_holds_the_lease_at_a_time_in_a_store_that_fails_often() -> None:
    store, inside, most = MemoryDocuments(share=0.2), list[int](), list[int]()

    async def apply(number: int) -> None:
        mine = RemoteLock(store, SECTION, Owner(f"run{number}"), 120, length=20, every=0.1, poll=0.01)
        for _ in range(10 if NIGHTLY else 2):
            async with mine.hold():
                inside.append(number)
                most.append(len(inside))
                base_ = mine.load()
                await asyncio.sleep(0.01)
                entry = LockEntry(f"{len(base_.entries)}.yaml")
                entries = {**base_.entries, Address(f"installation/n{len(base_.entries)}"): entry}
                mine.save(replace(base_, entries=entries, known=True))
                inside.remove(number)

    together(lambda number: asyncio.run(apply(number)), 5)
    store.share = 0.0
    entries = RemoteLock(store, SECTION).load().entries

    assert set(most) == {1}
    assert len(entries) == len(most)


def together(work: object, number: int) -> None:
    """Does it in so many threads at once. Raises what the first of them raises."""
    failed: list[BaseException] = []

    def run(which: int) -> None:
        try:
            work(which)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [threading.Thread(target=run, args=(which,)) for which in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


CASE = {
    "files": """
installations:
  slack: {configuration: {default_channel: C1}}
  googleanalytics: {sites: {site_p4Xo1: {configuration: {tracking_id: G-1}}}}
  mermaid: {}
""",
    "live": {"installations": {"slack": {"configuration": {"default_channel": "C0"}}}},
}


@pytest.mark.parametrize("taken_before", [2, 4])
async def test_a_run_that_loses_its_lease_stops_before_the_next_request_and_says_who_has_it(
    tmp_path: Path, taken_before: int
) -> None:
    """The machine sleeps in the middle of a run, and another run takes the lease over meanwhile."""
    made, store, running = world(tmp_path, CASE), MemoryDocuments(), Running()
    mine, theirs = lock(store, running=running), lock(store, "bob", running=running)
    made.lock_store = mine  # type: ignore[assignment]
    planned = await made.plan()
    writes: list[int] = []

    def between(_number: int) -> None:
        if len(made.sandbox.commits) == taken_before and not writes:
            writes.append(taken_before)
            running.now += 400
            watch = Watch(running)
            seen = store.documents[mine._lease_key]
            watch.expired(seen, 0, store)
            running.now += 301
            assert theirs._keeper.attempt(watch) is None

    made.sandbox.between = between
    token, transport = Secret(made.sandbox.token), made.sandbox.transport()
    async with (
        Client(endpoint=ENDPOINT, token=token, transport=transport, permit=mine.check) as client,
        mine.hold(),
    ):
        report = await made.run(planned, client, Options(parallelism=1)).work()
    theirs._keeper.release()

    assert writes
    assert len(made.sandbox.commits) <= taken_before + 1
    assert not report.complete
    assert "bob@laptop (https://ci.example.com/7), since" in report.unrecorded
    assert "has the lease now; this run stops here" in report.unrecorded
