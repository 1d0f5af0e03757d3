"""Real processes whose output lacks signs, is closed, full or not read: no traceback, and a true code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.lock.document import decode
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full"),
]
NIGHTLY = bool(os.environ.get("GBSYNC_NIGHTLY"))
PATIENCE = 60
TITLE = "Bannière │ 日本 🐎 “x” → y"
"""Signs that cp1252 has, that only Unicode has, one beyond the basic plane, and those of our own tables."""
FILE = f"""\
version: 1
organization: {ORGANIZATION}
integrations:
  acme-banner:
    title: {TITLE}
    description: |
      {TITLE}
      {TITLE}
    script: // built
    scopes: []
    secrets: {{}}
    target: site
installations:
  acme-banner: {{sites: {{site_p4Xo1: {{}}}}}}
  slack: {{configuration: {{default_channel: "{TITLE}"}}}}
"""
WRITES = 6
"""Publish, install, bind, PATCH of what is bound or installed: at most."""

COMMANDS: dict[str, tuple[tuple[str, ...], tuple[int, ...], Any]] = {
    "validate": (("validate", "."), (0,), None),
    "validate json": (("validate", ".", "--format", "json"), (0,), json.loads),
    "plan": (("plan", ".", "--detailed-exitcode"), (2,), None),
    "plan json": (("plan", ".", "--json", "-"), (0,), json.loads),
    "plan markdown": (("plan", ".", "--markdown", "-"), (0,), None),
    "plan html": (("plan", ".", "--html", "-"), (0,), None),
    "show effective": (("show", "--effective", "."), (0,), None),
    "drift": (("drift", "."), (2,), None),
    "drift json": (("drift", ".", "--format", "json"), (2,), json.loads),
    "matrix": (("matrix", "."), (0,), None),
    "matrix csv": (("matrix", ".", "--format", "csv"), (0,), None),
    "matrix json": (("matrix", ".", "--format", "json"), (0,), json.loads),
    "graph": (("graph", "."), (0,), None),
    "graph dot": (("graph", ".", "--format", "dot"), (0,), None),
    "export": (("export", "."), (0,), yaml.safe_load),
    "status": (("status", "."), (0,), None),
    "status json": (("status", ".", "--format", "json"), (0,), json.loads),
    "api": (("api", "listSites"), (0,), json.loads),
    "api yaml": (("api", "listSites", "--format", "yaml"), (0,), yaml.safe_load),
    "lock json": (("lock", ".", "--format", "json"), (0,), json.loads),
    "schema": (("schema",), (0,), json.loads),
    "help": (("--help",), (0,), None),
}
"""Per name a command, the codes that it ends with, and how its result is read where it is a document."""
ENCODINGS = ("ascii", "cp1252", "latin-1")
FEW = {(name, "ascii") for name in COMMANDS} | {
    ("plan", "cp1252"),
    ("export", "cp1252"),
    ("matrix", "latin-1"),
}
ENDS = ("closed", "left", "full")
"""Closed before it began, its reader gone before it began, or on a device without room."""
APPLY = ("apply", ".", "--auto-approve", "--events", "events.jsonl")


@dataclass
class Place:
    """A folder with a file, a sandbox on a port, and what a process said there."""

    folder: Path
    sandbox: Sandbox = field(default_factory=Sandbox)
    url: str = ""

    def run(self, *args: str, out: str = "read", err: str = "read", encoding: str = "utf-8") -> Ended:
        """`gbsync` in a process of its own, its two outputs as they are called."""
        before = len(self.sandbox.log)
        with output(out) as stdout, output(err) as stderr:
            closed = "".join(f" {number}>&-" for number, end in ((1, out), (2, err)) if end == "closed")
            process = subprocess.Popen(
                ["/bin/sh", "-c", f'exec "$0" "$@"{closed}', sys.executable, "-m", "reconciler", *args],
                cwd=self.folder,
                env={
                    **os.environ,
                    "GITBOOK_ENDPOINT": self.url,
                    "GITBOOK_TOKEN": self.sandbox.token,
                    "GITBOOK_ORGANIZATION": ORGANIZATION,
                    "PYTHONIOENCODING": encoding,
                },
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
            with process:
                try:
                    said, told = process.communicate(timeout=PATIENCE)
                finally:
                    process.kill()
        writes = sum(OPERATIONS[entry.operation].writes for entry in self.sandbox.log[before:])
        return Ended(process.returncode, said or b"", told or b"", writes)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and how many requests it sent that may change something."""

    code: int
    out: bytes
    err: bytes
    writes: int

    def check(self) -> None:
        """What holds for all of them."""
        assert b"Traceback" not in self.out + self.err, self.err.decode()
        assert b"Exception ignored" not in self.err, self.err.decode()
        assert self.code != 1 or not self.writes, self.err.decode()
        assert self.code != 5 or self.writes, self.err.decode()


@contextmanager
def output(end: str) -> Iterator[Any]:
    """What a process gets for an output."""
    if end == "left":
        reader, writer = os.pipe()
        os.close(reader)
        yield writer
        os.close(writer)
    elif end == "full":
        with Path("/dev/full").open("wb") as full:
            yield full
    else:
        yield subprocess.PIPE


@contextmanager
def made(folder: Path) -> Iterator[Place]:
    """A place whose titles no small encoding has."""
    found = Place(folder)
    store = found.sandbox.store
    for site in [*store.sites.values()]:
        store.sites[site.id] = replace(site, title=f"{TITLE} {site.id}")
    (folder / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    with running(found.sandbox) as url:
        found.url = url
        yield found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with made(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One place for all that only read."""
    with made(tmp_path_factory.mktemp("shared")) as found:
        yield found


PAIRS = [
    (name, encoding) for name in COMMANDS for encoding in ENCODINGS if NIGHTLY or (name, encoding) in FEW
]


@pytest.mark.parametrize(("name", "encoding"), PAIRS, ids=lambda value: value)
def test_every_form_comes_through_in_any_encoding(shared: Place, name: str, encoding: str) -> None:
    args, codes, read = COMMANDS[name]
    ended = shared.run(*args, encoding=encoding)
    text = ended.out.decode(encoding)

    ended.check()
    assert ended.code in codes, ended.err.decode(encoding)
    assert text.strip()
    if read is not None:  # a document is the same in any encoding, read as UTF-8 too
        assert read(text) == read(ended.out.decode())
        assert "?" not in text.replace("/?", "").replace("(?", "") or name == "schema"
    if name in ("api", "api yaml"):
        assert {item["title"] for item in read(text)["items"]} >= {f"{TITLE} site_p4Xo1"}


def test_an_apply_in_ascii_writes_its_files_as_utf_8(place: Place) -> None:
    planned = place.run(
        "plan", ".", "--out", "p.json", "--markdown", "p.md", "--html", "p.html", encoding="ascii"
    )
    ended = place.run(*APPLY, "--json", "stream.jsonl", encoding="ascii")
    files = [place.folder / name for name in ("events.jsonl", "stream.jsonl", "p.json", "p.md", "p.html")]

    ended.check()
    planned.check()
    assert (ended.code, planned.code) == (0, 0), ended.err.decode()
    assert b'Banniere | ?? ? "x" -> y' in ended.out
    assert all(file.read_text("utf-8") for file in files)
    assert "日本" in files[3].read_text("utf-8")


READING = ("plan", "export", "validate", "help")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", COMMANDS if NIGHTLY else READING)
def test_a_result_that_nobody_reads_is_no_error_and_one_that_is_lost_is(
    shared: Place, name: str, end: str
) -> None:
    args, codes, _ = COMMANDS[name]
    ended = shared.run(*args, out=end)

    ended.check()
    if end == "full":
        assert ended.code == 1
        assert b"Error: stdout: No space left on device; a part of the output is lost" in ended.err
    else:
        assert ended.code in codes, ended.err.decode()


OUTPUTS = [(end, "read") for end in ENDS] + [("read", end) for end in ENDS] + [("closed", "closed")]


@pytest.mark.parametrize(("out", "err"), OUTPUTS)
def test_an_apply_is_carried_out_and_recorded_whatever_becomes_of_its_output(
    place: Place, out: str, err: str
) -> None:
    ended = place.run(*APPLY, out=out, err=err)
    events = [json.loads(line) for line in (place.folder / "events.jsonl").read_text("utf-8").splitlines()]
    lock = decode((place.folder / "gbsync.lock").read_text("utf-8"), "the lock")

    ended.check()
    assert ended.code == 0, ended.err.decode()
    assert 0 < ended.writes <= WRITES
    assert sum(event["phase"] == "sent" for event in events) == ended.writes
    assert [entries for entries in lock["sections"].values() if "installation/slack" in entries]
    assert out != "read" or b"Apply complete!" in ended.out


@pytest.mark.parametrize("option", ["--events", "--json"])
def test_an_apply_that_could_not_be_recorded_sends_nothing_and_says_so(place: Place, option: str) -> None:
    ended = place.run("apply", ".", "--auto-approve", option, "/dev/full")

    ended.check()
    assert (ended.code, ended.writes) == (1, 0)
    assert b"No space left on device" in ended.err


def test_a_plan_that_the_approver_could_not_see_is_not_carried_out(shared: Place) -> None:
    ended = shared.run("apply", ".", out="left")

    ended.check()
    assert (ended.code, ended.writes) == (1, 0)
    assert b"the plan could not be shown completely" in ended.err


def test_events_are_followed_no_longer_than_somebody_reads(place: Place) -> None:
    done = place.run(*APPLY)
    ended = place.run("events", "acme-banner", "--follow", "--interval", "0.1", out="left")

    ended.check()
    assert (done.code, ended.code) == (0, 0), ended.err.decode()


def test_a_file_that_cannot_be_read_is_a_problem_with_its_place_at_once(place: Place) -> None:
    (place.folder / "loop").symlink_to("loop")
    os.mkfifo(place.folder / "pipe")
    ended = place.run("validate", "loop", "pipe", "x" * 5000, "/dev/zero", "--offline", err="read")
    told = (ended.out + ended.err).decode()

    ended.check()
    assert ended.code == 1
    assert "loop:1:1: GB001: cannot be read: too many levels of symbolic links" in told
    assert "pipe:1:1: GB001: cannot be read: it is a named pipe that nobody writes to" in told
    assert "x:1:1: GB001: cannot be read: file name too long" in told
    assert "/dev/zero:1:1: GB001: cannot be read: it is a device and no file" in told
