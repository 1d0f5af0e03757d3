"""`gbsync lock`: what is remembered, and what is adopted without a request that changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox import Store
from tests.test_examples import gbsync

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

    assert run("lock", tmp_path) == (0, "Nothing was applied yet.\n")


def test_adopting_records_what_was_published_and_publishes_nothing(world: Path) -> None:
    forget(world)
    assert "? script" in run("plan", world)[1]

    code, said = run("lock", world, "--adopt")

    assert code == 0
    assert said == (
        "integration/acme-banner: taken to be published as the files say.\n"
        "Recorded 2 addresses; nothing was sent.\n"
    )
    assert run("plan", world)[1].endswith("No changes.\n")
    assert Store.load(world / "world.json").integrations["acme-banner"].version == 1


def test_adopting_leaves_what_plainly_differs_to_the_next_plan(world: Path) -> None:
    forget(changed(world))

    code, said = run("lock", world, "--adopt")

    assert code == 0
    assert said.endswith(
        "Recorded 1 address; nothing was sent.\nA plan still has 1 step; gbsync plan shows them.\n"
    )
    assert run("plan", world, "--detailed-exitcode")[0] == 2


def test_adopting_may_be_narrowed(world: Path) -> None:
    forget(world)

    run("lock", world, "--adopt", "--target", "installation/slack")

    assert list(json.loads(run("lock", world, "--format", "json")[1])["entries"]) == ["installation/slack"]
