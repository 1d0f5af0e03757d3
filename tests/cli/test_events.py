"""`gbsync events`: what an integration was told, oldest first, each with its trace."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.cli import run
from reconciler.cli.commands.events import _events, showing
from reconciler.cli.session import Session, SessionSettings
from reconciler.sandbox import Behaviour, Sandbox, Store, world
from reconciler.sandbox.records import Event

if TYPE_CHECKING:
    from pathlib import Path


def told(store: Store, number: int) -> None:
    payload = {
        "eventId": f"e{number}",
        "type": "installation_setup",
        "installationId": f"i{number}",
        "previous": {"configuration": {"oauth_token": "hunter2-hunter2"}},
    }
    store.add_event(Event(f"e{number}", "slack", payload, created_at=f"2026-01-0{number}T00:00:00.000Z"))


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A world in which Slack was told three things."""
    store = world.default()
    for number in (1, 2, 3):
        told(store, number)
    file = tmp_path / "world.json"
    store.save(file)
    return file


def test_the_latest_events_come_oldest_first(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["events", "slack", f"--sandbox={events}", "--limit", "2"])

    shown = capsys.readouterr().out
    heads = [line for line in shown.splitlines() if not line.startswith(" ")]
    assert code == 0
    assert [head.split()[-1] for head in heads] == ["e2", "e3"]
    assert heads[0].startswith("2026-01-02T00:00:00.000Z  ok  installation_setup")
    assert '"installationId": "i2"' in shown


def test_events_that_come_in_any_order_are_sorted_by_their_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, file = world.default(), tmp_path / "world.json"
    for number in (3, 1, 4, 2):
        told(store, number)
    store.save(file)
    run(["events", "slack", f"--sandbox={file}", "--limit", "3", "--format", "json"])

    items = json.loads(capsys.readouterr().out)["items"]
    assert [item["event"]["id"] for item in items] == ["e2", "e3", "e4"]


def test_secrets_in_an_event_are_masked_unless_revealed(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["events", "slack", f"--sandbox={events}"])
    masked = capsys.readouterr().out
    run(["events", "slack", f"--sandbox={events}", "--reveal"])

    assert "hunter2" not in masked
    assert "(secret #1)" in masked
    assert "hunter2-hunter2" in capsys.readouterr().out


def test_programs_get_events_with_traces_as_json(events: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["events", "slack", f"--sandbox={events}", "--format", "json"])

    items = json.loads(capsys.readouterr().out)["items"]
    assert [item["event"]["id"] for item in items] == ["e1", "e2", "e3"]
    assert all("trace" in item for item in items)


def test_an_event_whose_trace_is_gone_is_shown_without_it(events: Path) -> None:
    session = Session(SessionSettings(sandbox=str(events)))
    shown: list[dict[str, Any]] = []

    def lose(_number: int) -> None:
        assert session.sandbox is not None
        if session.sandbox.log:
            session.sandbox.store.events.clear()

    assert session.sandbox is not None
    session.sandbox.between = lose
    asyncio.run(_events(session, "slack", shown.extend, follow=False, limit=2, interval=1))

    assert [list(item) for item in shown] == [["event"], ["event"]]


def test_followed_events_are_one_line_each_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    showing("json", follow=True, reveal=False)([{"event": {"id": "e1"}}, {"event": {"token": "x"}}])

    assert capsys.readouterr().out == '{"event": {"id": "e1"}}\n{"event": {"token": "(secret #1)"}}\n'


def test_no_event_is_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["events", "mermaid", "--sandbox"])

    assert code == 0
    assert capsys.readouterr() == ("", "integration/mermaid: no event so far\n")


async def test_following_shows_each_event_once(events: Path) -> None:
    session = Session(SessionSettings(sandbox=str(events)))
    shown: list[list[str]] = []
    done = asyncio.Event()

    def show(found: list[dict[str, Any]]) -> None:
        shown.append([item["event"]["id"] for item in found])
        if len(shown) < 4:
            assert session.sandbox is not None
            told(session.sandbox.store, 3 + len(shown))
        else:
            done.set()

    following = asyncio.create_task(_events(session, "slack", show, follow=True, limit=2, interval=0.001))
    await asyncio.wait_for(done.wait(), 10)
    following.cancel()

    assert shown == [["e2", "e3"], ["e4"], ["e5"], ["e6"]]


@pytest.mark.parametrize("order", ["newest-first", "oldest-first"])
@pytest.mark.parametrize("number", [1, 3, 150])
async def test_the_latest_are_the_latest_in_whatever_order_they_are_listed(order: Any, number: int) -> None:
    sandbox = Sandbox(behaviour=Behaviour(events=order, page_cap=40))
    session = Session(SessionSettings(sandbox=""), _sandbox=sandbox)
    for each in range(number):
        moment = f"2026-01-01T00:{each // 60:02}:{each % 60:02}.000Z"
        sandbox.store.add_event(
            Event(f"e{each}", "slack", {"eventId": f"e{each}", "type": "task"}, created_at=moment)
        )
    shown: list[list[str]] = []
    done = asyncio.Event()

    def show(found: list[dict[str, Any]]) -> None:
        shown.append([item["event"]["id"] for item in found])
        if len(shown) == 1:
            late = Event(
                "late", "slack", {"eventId": "late", "type": "task"}, created_at="2026-01-02T00:00:00Z"
            )
            sandbox.store.add_event(late)
        else:
            done.set()

    following = asyncio.create_task(_events(session, "slack", show, follow=True, limit=1, interval=0.001))
    await asyncio.wait_for(done.wait(), 10)
    following.cancel()

    assert shown[:2] == [[f"e{number - 1}"], ["late"]]


def test_an_unknown_integration_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["events", "nope", "--sandbox"])

    assert code == 1
    assert "integration/nope" in capsys.readouterr().err
