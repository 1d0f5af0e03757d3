"""`gbsync apply` at a terminal: what it asks, and what it takes for an answer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reconciler.sandbox import Store
from tests.conftest import ROOT
from tests.program import gbsync

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
EXAMPLE = "examples/quickstart"


def at_terminal(typed: bytes, *args: str) -> tuple[int, str]:
    """Exit code and screen of a process at a terminal, where this is typed once it asks."""
    controller, terminal = os.openpty()
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", *args],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "dumb", **measured},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - takes the terminal
    )
    os.close(terminal)
    screen, asked = b"", False
    while part := _read(controller):
        screen += part
        if not asked and b"Only 'yes'" in screen:
            asked = True
            os.write(controller, typed)
    os.close(controller)
    return process.wait(timeout=60), screen.decode()


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError:
        return b""


def channel(world: Path) -> str:
    slack = Store.load(world).installations_of(integration="slack")[0]
    return str(slack.configuration["default_channel"])


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (b"yes\n", 0, "Apply complete! Resources: 3 added, 1 changed, 0 destroyed."),
        (b"y\n", 1, "not approved; nothing was done"),
        (b"\x04", 1, "accepted: \r\nError: not approved; nothing was done"),
        (b"\x03", 130, "Interrupted."),
    ],
    ids=["yes", "y", "the end", "Ctrl-C"],
)
def test_only_a_yes_is_taken_as_yes_and_one_ctrl_c_ends_the_wait(
    typed: bytes, code: int, said: str, tmp_path: Path
) -> None:
    world = tmp_path / "world.json"
    gbsync("api", "listSpacesInOrganizationById", f"--sandbox={world}")
    ended, screen = at_terminal(typed, "apply", EXAMPLE, f"--sandbox={world}")

    assert ended == code, screen
    assert said in screen
    assert not world.exists() or channel(world) == ("C0123" if code == 0 else "C0000")


def test_without_changes_nobody_is_asked(tmp_path: Path) -> None:
    world = f"--sandbox={tmp_path / 'world.json'}"
    gbsync("apply", EXAMPLE, world, "--auto-approve")

    code, screen = at_terminal(b"no\n", "apply", EXAMPLE, world)

    assert code == 0
    assert "Only 'yes'" not in screen
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in screen


def test_without_a_terminal_it_refuses_and_names_the_option(tmp_path: Path) -> None:
    ended = gbsync("apply", EXAMPLE, f"--sandbox={tmp_path / 'world.json'}")

    assert ended.returncode == 1
    assert "stdin is not a terminal, so nobody can answer; use --auto-approve" in ended.stderr


@pytest.fixture(scope="module", name="saved")
def _saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "plan.json"
    gbsync("plan", EXAMPLE, "--sandbox", "--out", str(file))
    return file


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "installation/slack"),
        ("--exclude", "installation/slack"),
        ("--destroy",),
        ("--verify",),
        ("--exclude", "installation/slack", "--verify"),
    ],
    ids=" ".join,
)
def test_a_saved_plan_is_carried_out_whole_or_not_at_all(options: tuple[str, ...], saved: Path) -> None:
    ended = gbsync("apply", str(saved), "--sandbox", *options)

    assert ended.returncode == 1
    assert ended.stdout == ""
    for name in options:
        assert not name.startswith("--") or name in ended.stderr
    assert "exactly as it was reviewed" in ended.stderr
