"""What a command works with: where its lock is, and one lock for several organizations and endpoints."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.cli.session import Session, SessionSettings
from reconciler.render.plan.sentences import PENDING
from reconciler.sandbox import ORGANIZATION, Sandbox, world
from reconciler.sandbox.records import Installation, Organization
from reconciler.sandbox.server import running
from tests.gitbook.hosts import Host, Talk, answering, hosting

if TYPE_CHECKING:
    from tests.cli.desk import Desk

OTHER = "Zz4TzvXb81LkWc0sYhEo"
FILE = "installations: {slack: {configuration: {default_channel: %s}}}\n"


@pytest.mark.parametrize(
    ("settings", "lock"),
    [
        ({"paths": (".",)}, "gbsync.lock"),
        ({"paths": ("files",)}, "files/gbsync.lock"),
        ({"paths": ("files/a.yaml", "prod.yaml")}, "files/gbsync.lock"),
        ({"paths": ("-",)}, "gbsync.lock"),
        ({"paths": ("-", "files")}, "gbsync.lock"),
        ({"paths": ("files",), "lock": "far/away.lock"}, "far/away.lock"),
    ],
)
def test_the_lock_is_in_the_first_paths_folder_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], lock: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files").mkdir()

    assert Path(Session(SessionSettings(**settings)).lock_store("org").name) == Path(lock)


def test_files_from_standard_input_are_remembered_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"version: 1\norganization: {ORGANIZATION}\n{FILE % 'C9'}"))
    with running(sandbox) as url:
        code = run(["apply", "-", "--auto-approve", "--endpoint", url])

    assert code == 0
    assert '"file": "-"' in (tmp_path / "gbsync.lock").read_text("utf-8")


def two_organizations() -> Sandbox:
    """A sandbox whose user belongs to two organizations, each with Slack."""
    store = world.default()
    store.organizations[OTHER] = Organization(OTHER, "other", "Other")
    store.put_installation(Installation("other", "slack", OTHER, {"default_channel": "C0"}))
    return Sandbox(store)


def test_one_lock_keeps_two_organizations_at_two_endpoints_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, lock = tmp_path / "gbsync.yaml", tmp_path / "gbsync.lock"
    file.write_text(
        "version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\nprune: managed\n" + FILE % "C9"
    )
    with ExitStack() as stack:
        sandboxes = [two_organizations(), two_organizations()]
        places = [
            (stack.enter_context(running(sandbox)), organization)
            for sandbox in sandboxes
            for organization in (ORGANIZATION, OTHER)
        ]
        monkeypatch.setenv("GITBOOK_TOKEN", sandboxes[0].token)
        for number, (url, organization) in enumerate(places):
            monkeypatch.setenv("GITBOOK_ORGANIZATION", organization)

            assert run(["apply", str(file), "--auto-approve", "--endpoint", url]) == 0

            sections = json.loads(lock.read_text("utf-8"))["sections"]

            assert list(sections) == sorted(f"{url} {name}" for url, name in places[: number + 1])

        before = json.loads(lock.read_text("utf-8"))["sections"]
        file.write_text("version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\nprune: managed\n")
        url, organization = places[2]
        monkeypatch.setenv("GITBOOK_ORGANIZATION", organization)
        code = run(["apply", str(file), "--auto-approve", "--endpoint", url, "--allow-empty"])
        after = json.loads(lock.read_text("utf-8"))["sections"]

    assert code == 0, capsys.readouterr().err
    assert {name for name in before if before[name] != after[name]} == {f"{url} {organization}"}
    assert after[f"{url} {organization}"] == {}
    assert [len(item.store.installations_of(integration="slack")) for item in sandboxes] == [2, 1]


def test_without_a_lock_the_first_line_says_what_is_not_known(desk: Desk) -> None:
    desk.write(
        "prune: managed\nintegrations: {acme: {title: Acme, script: '// x', scopes: [], secrets: {}}}\n"
        "installations: {slack: {}}\n"
    )
    desk.run("apply", "--auto-approve")
    with desk.store() as store:
        store.lock = {}
    first = desk.run("plan").out.splitlines()[0]
    desk.run("lock", "--adopt")
    then = desk.run("plan").out.splitlines()[0]

    assert first == "There is no lock yet, so gbsync does not know what was published last"
    assert "no lock" not in then


def test_what_waits_for_a_person_is_no_failure_and_has_its_link(desk: Desk) -> None:
    with_slack = world.default()
    slack = with_slack.installations_of(integration="slack")[0]
    with_slack.put_installation(replace(slack, configuration={"default_channel": "C0"}))
    with_slack.save(str(desk.world))
    desk.write(FILE % "C9")

    ended = desk.run("apply", "--auto-approve")
    again = desk.run("plan")

    assert ended.code == 0
    for said in (ended.out, again.out):
        assert f"{PENDING}:\n" in said
        assert "https://app.gitbook.com/" in said.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("named", ["nowhere", "gbsync.yaml"])
def test_a_folder_of_secrets_that_is_none_is_said_to_be_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    desk.write(FILE % '"${{ secret.CHANNEL }}"')
    monkeypatch.setenv("GBSYNC_SECRETS_DIR", str(desk.folder / named))

    ended = desk.run("plan")

    assert ended.code == 1
    assert ended.err.startswith(f"GBSYNC_SECRETS_DIR: {desk.folder / named} is not a folder")
    assert ended.err.count("GBSYNC_SECRETS_DIR: ") == 1
    assert "GB615" in ended.err


@pytest.mark.parametrize(
    ("given", "said"), [("name", "--var name: is not"), ("=hunter2", "--var =…: is not")], ids=str
)
def test_a_variable_that_is_none_is_named_without_its_value(
    given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["validate", "--var", given])
    shown = capsys.readouterr().err

    assert code == 1
    assert said in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "text", ["version: 1\norganization: ${{ env.GITBOOK_ORGANIZATION }}\n", "version: 1\n", ""]
)
@pytest.mark.parametrize("organization", ["acme-docs", "acme.gitbook.io"])
def test_what_is_odd_about_an_organization_is_said_before_gitbook_says_that_it_is_not_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    organization: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    if text:
        (tmp_path / "gbsync.yaml").write_text(text)
    with running(sandbox := Sandbox()) as url:
        monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
        monkeypatch.setenv("GITBOOK_ORGANIZATION", organization)
        code = run(["export", "--endpoint", url])
    said = capsys.readouterr().err

    assert code == 1
    assert 0 <= said.find("GB025") < said.find("HTTP 404")
    assert said.count("app.gitbook.com/o/ID") == 1


def test_an_endpoint_that_ends_in_v1_is_the_same_endpoint_for_requests_and_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gbsync.yaml"
    file.write_text(f"version: 1\norganization: {ORGANIZATION}\n" + FILE % "C9")
    with running(sandbox := Sandbox()) as url:
        monkeypatch.setenv("GITBOOK_TOKEN", sandbox.token)
        monkeypatch.setenv("GITBOOK_ENDPOINT", f"{url}/v1/")

        assert run(["apply", str(file), "--auto-approve"]) == 0
        assert run(["plan", str(file), "--detailed-exitcode", "--endpoint", url]) == 0

    sections = json.loads((tmp_path / "gbsync.lock").read_text("utf-8"))["sections"]

    assert list(sections) == [f"{url} {ORGANIZATION}"]


async def test_as_many_requests_go_at_a_time_as_steps_may_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answers only once so many have come; 16 at a time used to be the most."""
    monkeypatch.setenv("GITBOOK_TOKEN", "gb_api_x")
    met = asyncio.Barrier(100)
    reset = int(time.time()) + 600
    room = f"X-RateLimit-Limit: 5000\r\nX-RateLimit-Remaining: 4999\r\nX-RateLimit-Reset: {reset}"

    async def announce(talk: Talk) -> bool:
        body = '{"name":"slack","version":1}'
        await talk.send(f"HTTP/1.1 200 OK\r\n{room}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return True

    async def meet(talk: Talk) -> bool:
        await met.wait()
        return await answering(talk)

    call = ("getIntegrationByName", {"integrationName": "slack"})
    async with hosting(Host(meet, [announce])) as host:
        session = Session(SessionSettings(endpoint=f"http://127.0.0.1:{host.port}"))
        async with session.client(parallelism=100) as client:
            await client.call(*call)  # a run begins with one request alone, and its reply says there is room
            replies = await asyncio.gather(*(client.call(*call) for _ in range(100)))

    assert len(replies) == 100
