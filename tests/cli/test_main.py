"""The command line as a process: bad input gives one clean message and exit 1, and nothing is touched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli import COMMANDS
from reconciler.cli import gbsync as gbsync_group
from tests.conftest import ROOT
from tests.program import process as gbsync

BAD = {
    "an empty file": "",
    "no YAML": "installations: {slack: [}\n",
    "an unknown key": "version: 1\norganization: o\ninstalations: {}\n",
    "a wrong type": "version: 1\norganization: o\ninstallations: [slack]\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_bad_input_is_one_message_with_its_place(text: str, command: str, tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text(text, encoding="utf-8")
    world = tmp_path / "world.json"

    ended = gbsync(command, str(file), f"--sandbox={world}")

    assert ended.returncode == 1
    assert re.match(rf"{re.escape(str(file))}:\d+:\d+: GB\d+", ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert not world.exists()


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    ended = gbsync("plan", str(tmp_path / "nowhere.yaml"), "--sandbox")

    assert ended.returncode == 1
    assert re.fullmatch(r".*nowhere\.yaml:1:1: GB001: .*\n1 error\n", ended.stderr), ended.stderr


def test_an_empty_file_is_one_problem(tmp_path: Path) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text("# nothing yet\n", encoding="utf-8")

    ended = gbsync("plan", str(file))

    assert re.fullmatch(rf"{re.escape(str(file))}:1:1: GB094: .*\n1 error\n", ended.stderr), ended.stderr


def test_without_a_token_the_message_names_the_variable() -> None:
    ended = gbsync("plan", "examples/quickstart", environ={"GITBOOK_ORGANIZATION": "org"})

    assert ended.returncode == 1
    assert "GITBOOK_TOKEN" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("args", [("plna",), ("plan", "--nope"), ("apply", "--parallelism", "0")])
def test_a_usage_error_exits_with_1_because_2_means_changes(args: tuple[str, ...]) -> None:
    ended = gbsync(*args)

    assert ended.returncode == 1
    assert "Error" in ended.stderr


def test_apply_without_a_terminal_refuses_to_guess_and_names_the_way_out(tmp_path: Path) -> None:
    world = tmp_path / "world.json"

    ended = gbsync("apply", "examples/quickstart", f"--sandbox={world}")

    assert ended.returncode == 1
    assert "--auto-approve" in ended.stderr


def test_a_result_goes_to_stdout_and_nothing_else_does() -> None:
    ended = gbsync("plan", "examples/quickstart", "--sandbox")

    assert ended.returncode == 0
    assert ended.stdout.strip().endswith("Plan: 3 to add, 1 to change, 0 to destroy.")
    assert ended.stderr == ""


def test_a_near_miss_of_a_command_is_named() -> None:
    ended = gbsync("aply")

    assert "apply" in ended.stderr


@pytest.mark.parametrize(
    "command", [("plan",), ("apply", "--auto-approve"), ("validate",), ("drift",), ("export",)]
)
def test_another_sort_of_token_is_refused_before_anything_is_sent(command: tuple[str, ...]) -> None:
    name, *rest = command
    environ = {"GITBOOK_TOKEN": "gb_int_slack", "GITBOOK_ENDPOINT": "http://127.0.0.1:9"}
    ended = gbsync(
        name,
        "examples/quickstart",
        *rest,
        environ={**environ, "GITBOOK_ORGANIZATION": "Qm4TzvXb81LkWc0sYhEo"},
    )

    assert ended.returncode == 1
    assert "set it to a personal access token" in ended.stderr
    assert "nothing was sent" in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("args", [("schema",), ("plan", "examples/quickstart", "--sandbox"), ("--help",)])
def test_a_full_disk_is_one_message(args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "reconciler", *args],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "GITBOOK_ORGANIZATION": "o"},
        )

    assert ended.returncode == 1
    assert ended.stderr == "Error: stdout: No space left on device; a part of the output is lost\n"


def test_on_github_what_ends_a_command_is_an_annotation_too(tmp_path: Path) -> None:
    args = ("plan", "examples/quickstart", "--state", str(tmp_path / "a%b.json"))

    there = gbsync(*args, environ={"GITHUB_ACTIONS": "true"}).stderr.splitlines()
    here = gbsync(*args).stderr.splitlines()

    assert there[:-1] == here
    assert there[-1].startswith(f"::error title=gbsync::{tmp_path}/a%25b.json: cannot be read")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_variable(name: str) -> None:
    command = gbsync_group.get_command(click.Context(gbsync_group), name)
    assert command is not None

    for option in command.params:
        if isinstance(option, click.Option):
            longest = max(option.opts, key=len).removeprefix("--").replace("-", "_").upper()
            assert f"GBSYNC_{name.upper()}_{longest}" in (option.envvar or ())


@pytest.mark.parametrize("variable", ["GBSYNC_LOG", "GBSYNC_PLAN_LOG"])
def test_an_option_that_commands_share_has_one_for_all(variable: str) -> None:
    plain = gbsync("plan", "examples/quickstart", "--sandbox")
    logged = gbsync("plan", "examples/quickstart", "--sandbox", environ={variable: "debug"})
    overruled = gbsync(
        "plan", "examples/quickstart", "--sandbox", "--log", "error", environ={variable: "debug"}
    )

    assert "listOrganizationInstallations" in logged.stderr
    assert plain.stderr == overruled.stderr == ""
    assert plain.stdout == logged.stdout == overruled.stdout


def test_a_sandbox_and_a_flag_may_be_named_once_for_all(tmp_path: Path) -> None:
    environ = {
        "GBSYNC_SANDBOX": str(tmp_path / "world.json"),
        "GBSYNC_APPLY_AUTO_APPROVE": "1",
        "GBSYNC_PLAN_DETAILED_EXITCODE": "true",
    }

    codes = [
        gbsync(name, "examples/quickstart", environ=environ).returncode for name in ("plan", "apply", "plan")
    ]

    assert codes == [2, 0, 0]
