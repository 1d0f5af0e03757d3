"""`gbsync lock`: what is remembered, and what is adopted without a request that changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.sandbox import Store
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path

FILE = """version: 1
organization: Qm4TzvXb81LkWc0sYhEo
integrations:
  acme-banner: {title: Acme Banner, script: "// one", scopes: [], secrets: {A: hidden-value-of-a}}
installations:
  slack: {configuration: {default_channel: C9}}
"""


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> Path:
    """A folder whose file was applied to a sandbox."""
    (tmp_path / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    ended = gbsync("apply", str(tmp_path), f"--sandbox={tmp_path / 'world.json'}", "--auto-approve")

    assert ended.returncode == 0, ended.stderr
    return tmp_path


def forget(world: Path) -> None:
    """The lock is lost."""
    store = Store.load(world / "world.json")
    store.lock = {}
    store.save(world / "world.json")


def changed(world: Path) -> Path:
    """The file says something else of Slack."""
    (world / "gbsync.yaml").write_text(FILE.replace("C9", "C10"), encoding="utf-8")
    return world


def run(command: str, world: Path, *args: str) -> tuple[int, str]:
    ended = gbsync(command, str(world), f"--sandbox={world / 'world.json'}", *args)

    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout


def test_the_lock_is_shown_without_a_digest(world: Path) -> None:
    code, said = run("lock", world)

    assert code == 0
    assert "integration/acme-banner  gbsync.yaml\n    version 1 with runtime, script, secrets\n" in said
    assert "installation/slack  gbsync.yaml\n    configuration.default_channel\n" in said
    assert said.endswith("\n2 addresses in the lock.\n")
    assert "sha256" not in said
    assert "scrypt" not in said


def test_the_lock_is_shown_as_json(world: Path) -> None:
    code, said = run("lock", world, "--format", "json")

    assert code == 0
    assert json.loads(said)["entries"]["integration/acme-banner"]["unreadable"] == [
        "runtime",
        "script",
        "secrets",
    ]


def test_without_a_lock_nothing_was_applied(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE, encoding="utf-8")

    assert run("lock", tmp_path) == (0, "Nothing has been applied yet.\n")


def test_adopting_records_what_was_published_and_publishes_nothing(world: Path) -> None:
    forget(world)
    assert "? script" in run("plan", world)[1]

    code, said = run("lock", world, "--adopt")

    assert code == 0
    assert said == (
        "integration/acme-banner: recorded as published as the files say.\n"
        "Recorded 2 addresses; GitBook is unchanged.\n"
    )
    assert run("plan", world)[1].endswith("No changes.\n")
    assert Store.load(world / "world.json").integrations["acme-banner"].version == 1


def test_adopting_leaves_what_plainly_differs_to_the_next_plan(world: Path) -> None:
    forget(changed(world))

    code, said = run("lock", world, "--adopt")

    assert code == 0
    assert said.endswith(
        "Recorded 1 address; GitBook is unchanged.\nA plan still has 1 step; gbsync plan shows them.\n"
    )
    assert run("plan", world, "--detailed-exitcode")[0] == 2


def test_adopting_may_be_narrowed(world: Path) -> None:
    forget(world)

    run("lock", world, "--adopt", "--target", "installation/slack")

    assert list(json.loads(run("lock", world, "--format", "json")[1])["entries"]) == ["installation/slack"]


# what cannot be


CONFLICT = '{\n<<<<<<< HEAD\n "format": 1,\n=======\n "format": 1,\n>>>>>>> other\n}\n'
BROKEN = {
    "cut off": ('{"format": 1, "sal', "is damaged (Unterminated string"),
    "newer": ('{"format": 2, "else": {}}', "has format 2, this program knows 1; upgrade gbsync"),
    "merge markers": (CONFLICT, "holds git's merge-conflict markers; take one side whole"),
    "something else": ('["a"]', "is not a lock file of gbsync; restore it from git, or name another"),
    "no text": ("\ufeff\x00", "is damaged"),
    "a kind of the future": (
        json.dumps({
            "format": 1,
            "salt": "s",
            "sections": {"http://127.0.0.1:1 Qm4TzvXb81LkWc0sYhEo": {"webhook/x": {"file": "f.yaml"}}},
        }),
        "names webhook/x, which this program does not know; upgrade gbsync",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("command", [("plan",), ("apply", "--auto-approve"), ("drift",), ("lock", "--adopt")])
def test_a_lock_that_cannot_be_read_is_one_message_and_stays_as_it_is(
    tmp_path: Path, command: tuple[str, ...], text: str, said: str
) -> None:
    """The endpoint answers nobody: the lock is looked at before anything is asked."""
    (tmp_path / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    lock = tmp_path / "gbsync.lock"
    lock.write_text(text, encoding="utf-8")

    environ = {"GITBOOK_TOKEN": "made-up", "GITBOOK_ENDPOINT": "http://127.0.0.1:1"}
    ended = gbsync(*command, str(tmp_path), environ=environ)

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stderr.startswith(f"Error: {lock}: {said}")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
    assert lock.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--format", "xml"), "'xml' is not one of 'text', 'json'"),
        (("--adopt", "--lock-timeout", "soon"), "'soon' is not a valid float"),
        (("--lock-timeout", "-1"), "-1.0 is not in the range"),
        (("--nonsense",), "No such option"),
        (("--lock", "."), ".: cannot be read"),
        (("--lock", "/nonexistent/x.lock", "--adopt"), "/nonexistent/x.lock: its folder cannot be written"),
        (("--target", "[", "--lock", "x.lock"), "--target [: matches nothing; "),
    ],
)
def test_nonsense_is_one_message_and_nothing_is_written(
    tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE, encoding="utf-8")
    ended = gbsync("lock", str(tmp_path), *args, environ={"GITBOOK_TOKEN": "x"})

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["gbsync.yaml"]


def test_without_files_it_says_what_is_missing(tmp_path: Path) -> None:
    ended = gbsync("lock", str(tmp_path), "--sandbox")

    assert ended.returncode == 1
    assert "gbsync.yaml" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_showing_may_be_narrowed(world: Path) -> None:
    target = run("lock", world, "--target", "installation/*")[1]
    exclude = run("lock", world, "--exclude", "integration/acme-banner", "--format", "json")[1]

    assert target.endswith("\n1 address in the lock.\n")
    assert "integration/acme-banner" not in target
    assert list(json.loads(exclude)["entries"]) == ["installation/slack"]


def test_what_is_begun_and_not_recorded_is_said(world: Path) -> None:
    store = Store.load(world / "world.json")
    (section,) = store.lock["sections"].values()
    section["integration/acme-banner"]["intent"] = {"version": 1, "fingerprints": {}}
    store.save(world / "world.json")

    assert "a publish was started but not recorded; the next plan checks" in run("lock", world)[1]
    assert json.loads(run("lock", world, "--format", "json")[1])["entries"]["integration/acme-banner"] == {
        "file": "gbsync.yaml",
        "fields": dict.fromkeys(("organization", "scopes", "title"), "gbsync.yaml"),
        "version": 1,
        "unreadable": ["runtime", "script", "secrets"],
        "interrupted": True,
    }


def test_adopting_where_nothing_is_live_records_nothing(tmp_path: Path) -> None:
    (tmp_path / "gbsync.yaml").write_text(FILE.split("installations", maxsplit=1)[0], encoding="utf-8")

    code, said = run("lock", tmp_path, "--adopt")

    assert code == 0
    assert said == (
        "Recorded 0 addresses; GitBook is unchanged.\nA plan still has 1 step; gbsync plan shows them.\n"
    )


def test_adopting_twice_changes_nothing(world: Path) -> None:
    run("lock", world, "--adopt")
    before = Store.load(world / "world.json").lock
    run("lock", world, "--adopt")

    assert Store.load(world / "world.json").lock == before


UNMANAGED = {
    "salt": "s",
    "sections": {"http://sandbox.localhost Qm4TzvXb81LkWc0sYhEo": {}},
    "unmanaged": 3,
}


@pytest.mark.parametrize("lock", [{"x": 1}, {"salt": "s"}, {"salt": "s", "sections": 3}, UNMANAGED])
def test_a_sandbox_whose_lock_is_nonsense_is_one_message(world: Path, lock: dict[str, Any]) -> None:
    store = Store.load(world / "world.json")
    store.lock = lock
    store.save(world / "world.json")

    ended = gbsync("lock", str(world), f"--sandbox={world / 'world.json'}")

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: {world / 'world.json'}: is damaged in section")
    assert ended.stderr.count("\n") == 1
