"""Real processes against a sandbox on a port: killed, interrupted, out of disk, and two at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.lock.document import decode
from reconciler.sandbox import ORGANIZATION, Behaviour, Fault, Faults, Sandbox
from reconciler.sandbox.server import running
from reconciler.sandbox.wire import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of processes are POSIX"),
]
FILE = f"""\
version: 1
organization: {ORGANIZATION}
integrations:
  acme-banner: {{title: Banner, script: // built, scopes: [], secrets: {{}}, target: site}}
installations:
  acme-banner: {{sites: {{site_p4Xo1: {{}}}}}}
  slack: {{configuration: {{default_channel: C1}}}}
  googleanalytics:
    sites:
      site_p4Xo1: {{configuration: {{tracking_id: G-1}}}}
      site_w8Yn5: {{configuration: {{tracking_id: G-2}}}}
"""
LIMITED = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from reconciler.cli import main
main(sys.argv[2:])
"""
PATIENCE = 60
NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))
MOMENTS = range(1, 20) if NIGHTLY else (2, 5, 7, 10, 13, 18)
"""Requests of a run before which it is ended; there are eighteen, the first six for the plan."""


@dataclass
class Ground:
    """A sandbox on a port, a folder with a file, and the processes that work there."""

    folder: Path
    sandbox: Sandbox = field(default_factory=lambda: Sandbox(behaviour=Behaviour(own_keys="once")))
    url: str = ""

    @property
    def lock(self) -> Path:
        return self.folder / "gbsync.lock"

    @property
    def events(self) -> Path:
        return self.folder / "events.jsonl"

    def start(self, *args: str, limit: int = 0, events: str = "") -> subprocess.Popen[str]:
        """`gbsync apply` in a process of its own; one short of disk has none left for coverage either."""
        before = ["-c", LIMITED, str(limit)] if limit else ["-m", "reconciler"]
        audit_log = ["--events", events or str(self.events)]
        measured = {name for name in os.environ if name.startswith("COVERAGE_")} if limit else set()
        around = {name: value for name, value in os.environ.items() if name not in measured}
        return subprocess.Popen(
            [sys.executable, *before, "apply", "gbsync.yaml", "--auto-approve", *audit_log, *args],
            cwd=self.folder,
            env={**around, "GITBOOK_ENDPOINT": self.url, "GITBOOK_TOKEN": self.sandbox.token},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, *args: str, **how: Any) -> tuple[int, str, str]:
        """Its exit code, and what it says."""
        process = self.start(*args, **how)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def told(self) -> list[dict[str, Any]]:
        """The events on the disk; a line that was cut short tells nothing."""
        found = []
        for line in self.events.read_text("utf-8").splitlines() if self.events.exists() else ():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def check(self) -> None:
        """Nothing is lost, nothing is there twice, and the lock is whole."""
        store = self.sandbox.store
        if self.lock.exists():
            decode(self.lock.read_text("utf-8"), "the lock")
        for name in ("acme-banner", "slack", "googleanalytics"):
            assert len(store.installations_of(integration=name)) <= 1
        assert "oauth_credentials" in store.installations_of(integration="slack")[0].configuration

    def converge(self) -> None:
        """The next run carries on from what is live, and the one after has nothing left to do."""
        self.sandbox.between, self.sandbox.faults = lambda _number: None, Faults()
        code, out, err = self.apply()
        again, same, _ = self.apply()
        self.check()

        assert (code, again) == (0, 0), out + err
        assert "No changes." in same
        assert self.sandbox.store.integrations["acme-banner"].document["script"] == "// built"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    found = Ground(tmp_path)
    (tmp_path / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    with running(found.sandbox) as url:
        found.url = url
        yield found


@contextmanager
def at(ground: Ground, phase: int, name: signal.Signals, *, carried_out: bool = True) -> Iterator[list[Any]]:
    """The signal reaches the process in the list when its request of this number does."""
    processes: list[subprocess.Popen[str]] = []
    first = len(ground.sandbox.log)

    def between(_number: int) -> None:
        if len(ground.sandbox.log) - first + 1 == phase and processes:
            processes[0].send_signal(name)
            if not carried_out:
                raise Broken(Fault.RESET)

    ground.sandbox.between = between
    yield processes


@pytest.mark.parametrize("carried_out", [True, False], ids=["carried out", "not carried out"])
@pytest.mark.parametrize("phase", MOMENTS)
def test_a_run_killed_at_any_request_is_carried_on_by_the_next(
    ground: Ground, phase: int, *, carried_out: bool
) -> None:
    with at(ground, phase, signal.SIGKILL, carried_out=carried_out) as processes:
        processes.append(ground.start())
        processes[0].communicate(timeout=PATIENCE)

    ground.check()
    announced = {line["address"] for line in ground.told() if line["phase"] == "send"}

    assert {entry.subject for entry in ground.sandbox.commits} <= announced
    ground.converge()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", MOMENTS if NIGHTLY else (3, 7, 13, 18))
def test_one_signal_ends_it_after_the_steps_in_flight_with_a_report(
    ground: Ground, phase: int, name: signal.Signals
) -> None:
    with at(ground, phase, name) as processes:
        processes.append(ground.start("--parallelism", "1"))
        out, err = processes[0].communicate(timeout=PATIENCE)

    ground.check()
    ends = [line["outcome"] for line in ground.told() if line["phase"] == "end"]
    code = processes[0].returncode

    assert set(ends) <= {"done", "already applied", "skipped"}
    if not ends:  # while it plans
        assert code in (130, -name), out + err
        assert not ground.sandbox.commits
    elif "skipped" in ends:
        assert (code, "Apply incomplete!" in out) == (130, True), out + err
    else:  # nothing was left to be stopped
        assert (code, "Apply complete!" in out) == (0, True), out + err
    assert phase not in range(7, 15) or "skipped" in ends, "in the middle of it something is left"
    ground.converge()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_two_signals_end_it_at_once_and_what_was_in_flight_is_unknown(
    ground: Ground, name: signal.Signals
) -> None:
    ground.sandbox.faults = Faults(rates={Fault.HANG: 1.0}, operations=frozenset({"publishIntegration"}))
    process = ground.start("--parallelism", "1")

    def between(_number: int) -> None:
        if any(line["phase"] == "send" for line in ground.told()):
            ground.sandbox.between = lambda _number: None
            process.send_signal(name)
            threading.Timer(0.5, process.send_signal, [name]).start()

    ground.sandbox.between = between
    out, err = process.communicate(timeout=PATIENCE)
    ground.check()
    ends = {line["address"]: line["outcome"] for line in ground.told() if line["phase"] == "end"}

    assert process.returncode == 130, out + err
    assert ends["integration/acme-banner"] == "unknown"
    assert "Apply incomplete!" in out
    ground.converge()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_under_the_events_ends_it_before_the_first_write(ground: Ground) -> None:
    code, out, err = ground.apply(events="/dev/full")

    assert code != 0
    assert "the events cannot be written: No space left on device" in out + err
    assert not ground.sandbox.commits
    ground.converge()


@pytest.mark.parametrize("room", [1, 100, 700, 1300, 1900, 2700])
def test_a_disk_that_fills_up_ends_it_before_the_next_write(ground: Ground, room: int) -> None:
    code, out, err = ground.apply("--parallelism", "1", limit=room)
    ground.check()
    announced = {line["address"] for line in ground.told() if line["phase"] == "send"}

    assert code != 0
    assert "cannot be written" in out + err
    assert "Traceback" not in err
    assert {entry.subject for entry in ground.sandbox.commits} <= announced
    ground.converge()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder that nobody may write to")
def test_a_folder_that_cannot_be_written_to_ends_it_before_anything_is_sent(ground: Ground) -> None:
    code, out, err = ground.apply("--lock", "/proc/gbsync.lock")

    assert code == 1, out + err
    assert "/proc/gbsync.lock: its folder cannot be written (" in err
    assert "make room, or name another file with --lock" in err
    assert not ground.sandbox.commits


def test_a_second_apply_is_told_who_holds_the_lock_or_waits_for_it(ground: Ground) -> None:
    answered = threading.Event()

    def between(_number: int) -> None:
        if any(line["phase"] == "send" for line in ground.told()):
            answered.wait(PATIENCE)

    ground.sandbox.between = between
    first = ground.start()
    while not any(line["phase"] == "send" for line in ground.told()):
        assert first.poll() is None
    other = ground.folder / "other.jsonl"
    refused, _, err = ground.apply(events=str(other))
    second = ground.start("--lock-timeout", "30", events=str(other))
    assert second.stderr is not None
    told = second.stderr.readline()
    answered.set()
    out, _ = second.communicate(timeout=PATIENCE)
    first.communicate(timeout=PATIENCE)

    who = f"gbsync.lock: process {first.pid} on "
    assert refused == 1
    assert who in err
    assert who in told
    assert "is applying with it; waiting for that, 30 s at most" in told
    assert second.returncode in (0, 5), out
    assert first.returncode == 0
    assert ground.sandbox.store.integrations["acme-banner"].version == 1
    ground.converge()
