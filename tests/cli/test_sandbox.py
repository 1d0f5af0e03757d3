"""`gbsync sandbox`: it says where it serves, keeps its file, and ends when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler.cli import run
from reconciler.sandbox import ORGANIZATION
from tests.sandbox.api import ANALYTICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def client(variables: dict[str, str]) -> httpx.Client:
    """A client that has the printed variables alone."""
    headers = {"Authorization": f"Bearer {variables['GITBOOK_TOKEN']}"}
    return httpx.Client(
        base_url=f"{variables['GITBOOK_ENDPOINT']}/v1", headers=headers, timeout=5, trust_env=False
    )


@contextlib.contextmanager
def command(*args: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """`gbsync sandbox` in a process of its own, and the variables that it prints."""
    program = [sys.executable, "-m", "reconciler", "sandbox", *args]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("# The sandbox serves")
        lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(3)]
        try:
            yield process, dict(line.split("=", 1) for line in lines)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)])
def test_the_command_serves_and_keeps_its_file(tmp_path: Path, ended_by: signal.Signals, code: int) -> None:
    file = tmp_path / "state.json"
    with command("--file", str(file)) as (process, variables):
        assert variables["GITBOOK_ORGANIZATION"] == ORGANIZATION
        with client(variables) as web:
            assert web.delete(ANALYTICS).status_code == 205
        os.kill(process.pid, ended_by)

        assert process.wait(10) == code
    with command("--file", str(file)) as (_, variables), client(variables) as web:
        assert web.get(ANALYTICS).status_code == 404


def test_a_change_is_in_the_file_soon_even_if_nobody_ends_the_server(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with command("--file", str(file)) as (_, variables), client(variables) as web:
        web.delete(ANALYTICS)
        deadline = time.monotonic() + 10
        while not file.exists() or "G-OLD" in file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_command_takes_switches_and_faults() -> None:
    args = ["--behaviour", "page_size=1", "--fault", "503@2", "--rate-limit", "3", "--latency", "1"]
    with command("--world", "empty", *args) as (_, variables), client(variables) as web:
        path = f"/orgs/{ORGANIZATION}/sites"
        replies = [web.get(path) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [200, 503]
        assert len(replies[0].json()["items"]) == 1
        assert replies[0].headers["X-RateLimit-Limit"] == "3"


def test_a_file_that_cannot_be_kept_is_told_before_anything_is_served(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "sandbox", "--file", str(tmp_path / "gone" / "state.json")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {tmp_path}/gone/state.json: cannot be written")
    assert "Traceback" not in done.stderr


def test_a_folder_that_goes_away_is_told_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "soon-gone"
    folder.mkdir()
    with command("--file", str(folder / "state.json")) as (process, variables), client(variables) as web:
        folder.rmdir()
        web.delete(ANALYTICS)
        time.sleep(1.5)

        assert web.get(f"/orgs/{ORGANIZATION}/sites").status_code == 200
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)

    assert process.returncode == 1
    assert said.startswith(f"Error: {folder}/state.json: cannot be written")
    assert "Traceback" not in said


def test_requests_that_hang_do_not_hold_up_the_end() -> None:
    with command("--fault", "hang=1") as (process, variables), client(variables) as web:
        waiting = threading.Thread(target=unanswered, args=(web,))
        waiting.start()
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=10)
        waiting.join()

    assert process.returncode == 0
    assert "Traceback" not in said


def unanswered(web: httpx.Client) -> None:
    """A request that nobody answers."""
    with pytest.raises(httpx.HTTPError):
        web.get(ANALYTICS)


def test_it_says_which_token_an_integration_has() -> None:
    with command() as (process, variables):
        assert process.stdout
        said = process.stdout.readline()
        own = {"Authorization": f"Bearer {said.split()[-1].replace('NAME', 'slack')}"}
        with client(variables) as web:
            assert web.get("/integrations/slack/installations", headers=own).status_code == 200


@pytest.mark.parametrize(
    "args", [["--fault", "x=1"], ["--behaviour", "x=1"], ["--world", "x"], ["--port", "x"]]
)
def test_the_command_refuses_what_does_not_exist(args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "sandbox", *args], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert args[1] in done.stderr


def test_it_behaves_as_the_probe_found_the_api_to_behave(tmp_path: Path) -> None:
    file = tmp_path / "findings.json"
    findings = {"page_size": {"value": 1}, "page_cap": {"value": None}, "overlap": {"value": 1}}
    file.write_text(json.dumps({"format": 1, "switches": findings}))

    with (
        command("--like", str(file), "--behaviour", "page_size=2") as (_, variables),
        client(variables) as web,
    ):
        assert len(web.get(f"/orgs/{ORGANIZATION}/sites").json()["items"]) == 2


def test_findings_of_another_program_are_refused_with_their_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "findings.json"
    file.write_text('{"format": 1, "switches": {"patch": {"value": "bad"}}}')

    assert run(["sandbox", "--like", str(file)]) == 1
    assert f"{file}: behaviour patch=bad: is not taken" in capsys.readouterr().err
