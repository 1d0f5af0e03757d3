"""The sandbox on a port: the same answers, and connections that really break."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler.errors import UsageError
from reconciler.sandbox import ORGANIZATION, SANDBOX_TOKEN, Fault, Faults, Sandbox
from reconciler.sandbox.server import running
from tests.sandbox.api import ANALYTICS, Api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def client(url: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{url}/v1", headers={"Authorization": f"Bearer {SANDBOX_TOKEN}"}, timeout=2, trust_env=False
    )


async def test_a_port_answers_as_the_transport_does() -> None:
    with running(Sandbox()) as url, client(url) as web:
        over_the_wire = web.get("/integrations", params={"search": "slack", "limit": 1})
    in_process = await Api()("GET /integrations", search="slack", limit=1)

    assert over_the_wire.json() == in_process.json()
    assert over_the_wire.headers["content-type"] == in_process.headers["content-type"]


def test_statuses_without_a_body_have_none() -> None:
    with running(Sandbox()) as url, client(url) as web:
        replies = [web.delete(f"{ANALYTICS}/sites/site_w8Yn5") for _ in range(2)]

    assert [(reply.status_code, reply.content) for reply in replies] == [(205, b""), (204, b"")]


def test_an_encoded_slash_stays_in_its_segment() -> None:
    with running(Sandbox()) as url, client(url) as web:
        assert web.get("/integrations/a%2Fb").status_code == 400


def test_faults_break_real_connections() -> None:
    script = {1: Fault.RESET, 2: Fault.RESET_AFTER, 3: Fault.REFUSED, 4: Fault.TRUNCATED}
    sandbox = Sandbox(faults=Faults(script=script))
    with running(sandbox) as url, client(url) as web:
        for _ in range(3):
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                web.patch(f"{ANALYTICS}/sites/site_w8Yn5", json={"externalIds": ["a"]})
        cut = web.get("/integrations/slack")

    assert [entry.committed for entry in sandbox.log] == [False, True, False, False]
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_a_hanging_request_is_given_up_by_the_caller() -> None:
    sandbox = Sandbox(faults=Faults(script={1: Fault.HANG}, silence=0.5))
    with running(sandbox) as url, client(url) as web:
        with pytest.raises(httpx.ReadTimeout):
            web.get("/integrations", timeout=0.1)
        time.sleep(0.6)

        assert web.get("/integrations").status_code == 200


def test_only_this_machine_can_reach_it() -> None:
    with running(Sandbox()) as url:
        assert url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_named() -> None:
    with (
        running(Sandbox()) as url,
        pytest.raises(UsageError, match="--port"),
        running(Sandbox(), port=int(url.rsplit(":", 1)[1])),
    ):
        pass


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
        with client(variables["GITBOOK_ENDPOINT"]) as web:
            web.headers["Authorization"] = f"Bearer {variables['GITBOOK_TOKEN']}"

            assert web.delete(ANALYTICS).status_code == 205
        os.kill(process.pid, ended_by)

        assert process.wait(10) == code
    with command("--file", str(file)) as (_, variables), client(variables["GITBOOK_ENDPOINT"]) as web:
        assert web.get(ANALYTICS).status_code == 404


def test_a_change_is_in_the_file_soon_even_if_nobody_ends_the_server(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with command("--file", str(file)) as (_, variables), client(variables["GITBOOK_ENDPOINT"]) as web:
        web.delete(ANALYTICS)
        deadline = time.monotonic() + 10
        while not file.exists() or "G-OLD" in file.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_the_command_takes_switches_and_faults() -> None:
    args = ["--behaviour", "page_size=1", "--fault", "503@2", "--rate-limit", "3", "--latency", "1"]
    with command("--world", "empty", *args) as (_, variables), client(variables["GITBOOK_ENDPOINT"]) as web:
        path = f"/orgs/{ORGANIZATION}/sites"
        replies = [web.get(path) for _ in range(2)]

        assert [reply.status_code for reply in replies] == [200, 503]
        assert len(replies[0].json()["items"]) == 1
        assert replies[0].headers["X-RateLimit-Limit"] == "3"


@pytest.mark.parametrize(
    "args", [["--fault", "x=1"], ["--behaviour", "x=1"], ["--world", "x"], ["--port", "x"]]
)
def test_the_command_refuses_what_does_not_exist(args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reconciler", "sandbox", *args], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert args[1] in done.stderr
