"""Updates that are read by the page: half the requests, and a colleague's change is as safe as before."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from reconciler.apply.page_reads import FRESH, SHARE
from reconciler.apply.report import Outcome
from reconciler.apply.scheduler import Options
from reconciler.gitbook.client.client import Client
from reconciler.resources.values import Secret
from reconciler.sandbox import Behaviour, Fault
from reconciler.sandbox.faults import Faults
from tests.planning import ENDPOINT, World, world
from tests.virtual import VirtualClock, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.apply.report import Report
    from reconciler.sandbox.wire import LogEntry

LATENCY = 0.02
SITES = ("site_p4Xo1", "site_k2Lm9", "site_t7Rb3", "site_w8Yn5")
PLAIN = {"properties": {key: {"type": "string", "title": "Text"} for key in ("ours", "theirs")}}
WAIT = max(FRESH, SHARE * LATENCY)
"""Seconds that what a page shows may wait for its turn, where other steps take longer than foreseen."""
WRITE = "updateIntegrationSiteInstallation"
PAGE = "listIntegrationInstallationSites"
READ = "getIntegrationSiteInstallation"


def organization(site: dict[str, Any] | None = None, **bodies: dict[str, Any]) -> dict[str, Any]:
    """Live: an installation on four sites, of an integration with this schema for a site."""
    app = {"title": "Widget", "target": "site", "owner": "gitbook", "configurations": {"site": site or PLAIN}}
    sites = {
        each: {"configuration": {"ours": "old", "theirs": "t"}, **bodies.get(each, {})} for each in SITES
    }
    return {"integrations": {"widget": app}, "installations": {"widget": {"sites": sites}}}


def declared(extra: str = "") -> str:
    lines = [f"      {site}: {{configuration: {{ours: new}}{extra}}}" for site in SITES]
    return "\n".join(["installations:", "  widget:", "    sites:", *lines, ""])


class Around(httpx.AsyncBaseTransport):
    """The sandbox, with what a network or a server adds: a delay before a request, other bytes in a reply."""

    def __init__(
        self,
        made: World,
        delay: Callable[[httpx.Request], float] | None = None,
        change: Callable[[httpx.Request, Any], Any] | None = None,
    ) -> None:
        self._inner = made.sandbox.transport()
        self._delay, self._change = delay, change
        self.under_way = self.most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if self._delay:
                await asyncio.sleep(self._delay(request))
            reply = await self._inner.handle_async_request(request)
        finally:
            self.under_way -= 1
        if self._change is None or reply.status_code != 200:
            return reply
        data = self._change(request, json.loads(await reply.aread()))
        return httpx.Response(200, json=data)


@dataclass
class Told:
    """What became of an apply: its report, and the requests that it sent."""

    made: World
    report: Report
    log: list[LogEntry]
    edits: list[float] = field(default_factory=list)

    def count(self, operation: str) -> int:
        return sum(entry.operation == operation for entry in self.log)

    def held(self, site: str) -> dict[str, Any]:
        found: dict[str, Any] = self.made.live(f"installation/widget/site/{site}")["configuration"]
        return found

    def since(self, site: str) -> float:
        """Seconds from the colleague's change to the last write of the object that was carried out."""
        writes = [
            e.time for e in self.log if e.operation == WRITE and e.subject.endswith(site) and e.committed
        ]
        return max(writes, default=0.0) - self.edits[0]


def edit(made: World, value: str) -> None:
    """A colleague sets their own key in every configuration."""
    store = made.sandbox.store
    (item,) = store.installations_of(integration="widget")
    for binding in tuple(store.bindings(item.id, "site").values()):
        store.put_binding(replace(binding, configuration={**binding.configuration, "theirs": value}))


def applied(
    folder: Path,
    *,
    live: dict[str, Any] | None = None,
    files: str = "",
    faults: dict[int, Fault] | None = None,
    edit_at: float | None = None,
    edit_before: int | None = None,
    delay: Callable[[httpx.Request], float] | None = None,
    change: Callable[[httpx.Request, Any], Any] | None = None,
) -> Told:
    """An apply of four updates; a colleague edits so many seconds after its start, or before that request."""

    async def story() -> Told:
        made = world(folder, {"files": files or declared(), "live": live or organization(), "lock": {}})
        made.sandbox.behaviour = made.sandbox.backend.behaviour = Behaviour(latency=LATENCY)
        told = Told(made, None, [])  # type: ignore[arg-type]
        transport = Around(made, delay, change)
        token = Secret(made.sandbox.token)
        client = Client(endpoint=ENDPOINT, token=token, transport=transport, clock=VirtualClock(), seed=1)
        async with client:
            planned = await made.plan()
            first, start = made.sandbox.backend.requests, VirtualClock().time()
            made.sandbox.faults = Faults(script={first + at: fault for at, fault in (faults or {}).items()})

            def colleague() -> None:
                told.edits.append(VirtualClock().time())
                edit(made, "edited")

            def between(number: int) -> None:
                if edit_before == number - first:
                    colleague()

            made.sandbox.between = between
            if edit_at is not None:
                asyncio.get_running_loop().call_later(edit_at, colleague)
            told.report = await made.run(planned, client, Options(parallelism=2)).work()
            if edit_at is not None:
                await asyncio.sleep(max(0.0, start + edit_at + 1 - VirtualClock().time()))
        told.log = [entry for entry in made.sandbox.log if entry.number > first]
        return told

    return run(story())


def assert_safe(told: Told, window: float) -> None:
    """Nothing is lost but what was written within the window before our own write."""
    assert told.report.complete, [item.message for item in told.report.results]
    for site in SITES:
        held = told.held(site)
        assert held["ours"] == "new"
        assert held["theirs"] == "edited" or 0 < told.since(site) <= window + 1e-6, (site, told.edits)


def test_four_updates_of_one_list_are_read_by_the_page(tmp_path: Path) -> None:
    told = applied(tmp_path)

    assert told.report.complete
    assert (told.report.plan.requests, told.report.requests) == (5, 6)  # the plan counts with ten at a time
    assert (told.count(PAGE), told.count(READ), told.count(WRITE)) == (2, 0, 4)


@pytest.mark.parametrize(
    ("live", "files"),
    [
        (organization({"componentId": "form"}), declared()),
        (organization({"properties": {**PLAIN["properties"], "b": {"type": "button", "title": "Connect",
            "callback_url": "https://example.com", "button_text": "Go"}}}), declared()),
        (organization(site_w8Yn5={"configuration": {"ours": "old", "webhookId": "w"}}), declared()),
        (organization(), declared(", externalIds: [x]")),
    ],
    ids=["a component form", "a button", "a key outside the schema on one of them", "external ids declared"],
)  # fmt: skip
def test_what_an_integration_may_write_is_read_alone(
    tmp_path: Path, live: dict[str, Any], files: str
) -> None:
    told = applied(tmp_path, live=live, files=files)

    assert told.report.complete, [item.message for item in told.report.results]
    assert (told.count(PAGE), told.count(READ), told.count(WRITE)) == (0, 4, 4)
    assert told.report.requests == told.report.plan.requests == 8


def test_a_colleagues_change_at_any_moment_is_lost_only_within_the_window_of_a_single_read(
    tmp_path: Path,
) -> None:
    lost = 0
    for moment in range(1, 80, 2):
        told = applied(tmp_path, edit_at=moment / 1000)
        assert told.count(PAGE) >= 1
        assert_safe(told, LATENCY)
        lost += sum(told.held(site)["theirs"] != "edited" for site in SITES)

    assert lost > 0, "some moment is within the window, or the test shows nothing"


def test_the_window_grows_by_little_where_writes_take_longer_than_reads(tmp_path: Path) -> None:
    slow = 0.3

    def delay(request: httpx.Request) -> float:
        return slow if request.method == "PATCH" else 0.0

    for moment in range(11, 1000, 30):
        assert_safe(applied(tmp_path, edit_at=moment / 1000, delay=delay), slow + LATENCY + WAIT)


@pytest.mark.parametrize(
    "fault",
    [Fault.LIMIT_SECONDS, Fault.RESET, Fault.RESET_AFTER, Fault.GATEWAY],
    ids=lambda fault: fault.value,
)
def test_after_a_fault_at_any_request_a_colleagues_change_survives(tmp_path: Path, fault: Fault) -> None:
    for at in range(1, 7):
        for before in (at, at + 1, at + 3):
            told = applied(tmp_path, faults={at: fault}, edit_before=before)
            if told.edits:
                assert_safe(told, LATENCY + WAIT)


@pytest.mark.parametrize("refused", [1, 2, 3], ids=["the page", "a write", "another"])
def test_after_a_refusal_every_write_is_built_from_a_read_after_the_pause(
    tmp_path: Path, refused: int
) -> None:
    told = applied(tmp_path, faults={refused: Fault.LIMIT_SECONDS})
    reads = 4 if refused == 1 else 3

    assert told.report.complete
    assert (told.count(READ), told.count(WRITE)) == (reads, 4 + (refused > 1))


def test_a_page_that_shows_our_own_write_older_than_it_is_ends_reading_by_the_page(tmp_path: Path) -> None:
    old = {"site": SITES[0], "status": "active", "configuration": {"ours": "old", "theirs": "t"}}

    def change(request: httpx.Request, data: Any) -> Any:
        if "page=" in str(request.url) and request.method == "GET":
            data["items"] = [{**data["items"][0], **old}, *data["items"]]
        return data

    told = applied(tmp_path, change=change)

    assert told.report.complete
    assert (told.count(PAGE), told.count(READ), told.count(WRITE)) == (2, 2, 4)


def test_what_is_not_as_the_plan_saw_it_is_read_alone(tmp_path: Path) -> None:
    told = applied(tmp_path, edit_before=1)

    assert [told.held(site) for site in SITES] == [{"ours": "new", "theirs": "edited"}] * 4
    assert (told.count(READ), told.count(WRITE)) == (4, 4)


def test_a_key_of_the_integrations_own_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    def change(request: httpx.Request, data: Any) -> Any:
        if request.method == "GET" and "page=" in str(request.url):
            data["items"][0]["configuration"]["webhookId"] = "w"
        return data

    told = applied(tmp_path, change=change)

    assert told.report.complete
    assert (told.count(PAGE), told.count(READ)) == (2, 2)


def test_a_page_that_cannot_be_read_leaves_each_object_to_a_read_of_its_own(tmp_path: Path) -> None:
    def change(request: httpx.Request, data: Any) -> Any:
        return (
            {"items": [{"nonsense": 1}]} if request.method == "GET" and "limit=" in str(request.url) else data
        )

    told = applied(tmp_path, change=change)

    assert told.report.count(Outcome.DONE) == 4
    assert (told.count(READ), told.count(WRITE)) == (4, 4)


def test_a_run_that_is_stopped_reads_no_further_page(tmp_path: Path) -> None:
    async def story() -> tuple[Report, list[str]]:
        made = world(tmp_path, {"files": declared(), "live": organization(), "lock": {}})
        made.sandbox.behaviour = made.sandbox.backend.behaviour = Behaviour(latency=LATENCY)
        planned = await made.plan()
        first = made.sandbox.backend.requests
        async with made.client() as client:
            carried_out = made.run(planned, client, Options(parallelism=2))

            def between(number: int) -> None:
                if number == first + 2:
                    carried_out.stop()

            made.sandbox.between = between
            report = await carried_out.work()
        return report, [entry.operation for entry in made.sandbox.log if entry.number > first]

    report, operations = run(story())

    assert (report.count(Outcome.DONE), report.count(Outcome.SKIPPED)) == (2, 2)
    assert operations == [PAGE, WRITE, WRITE]
