"""One step, carried out: replies are checked, lost ones looked into, and messages speak to people."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from reconciler import pipeline as reconcile
from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome
from reconciler.apply.scheduler import Options
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.conflict import Conflict
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Fault, Faults
from reconciler.sandbox.records import Binding, Installation
from tests.planning import ENDPOINT, World, plan_text, world
from tests.virtual import VirtualClock, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reconciler.apply.report import Report

SITE, SPACE = "site_p4Xo1", "7fQm2WvA91bXcR0tYk3L"
EVERYTHING = f"""
integrations:
  acme-banner: {{title: Acme Banner, script: "// new", secrets: {{}}, scopes: []}}
installations:
  googleanalytics: {{sites: {{{SITE}: {{configuration: {{tracking_id: G-1}}}}}}}}
  github: {{spaces: {{{SPACE}: {{configuration: {{branch: main}}}}}}}}
"""
POSTS = (
    "publishIntegration",
    "installIntegration",
    "installIntegrationOnSite",
    "installIntegrationOnSpace",
)
LOST = (Fault.RESET_AFTER, Fault.GATEWAY_AFTER, Fault.TIMEOUT_AFTER, Fault.TRUNCATED, Fault.HTML_AFTER)
NEVER_MADE = (Fault.RESET, Fault.GATEWAY, Fault.TIMEOUT, Fault.HTML, Fault.ERROR)


class Altered(httpx.AsyncBaseTransport):
    """A server that takes something else than it is sent."""

    def __init__(self, inner: httpx.AsyncBaseTransport, alter: Callable[[str, dict[str, Any]], None]) -> None:
        self.inner, self.alter = inner, alter

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ("PATCH", "POST"):
            return await self.inner.handle_async_request(request)
        body = json.loads(await request.aread())
        self.alter(request.method, body)
        headers = [(name, value) for name, value in request.headers.items() if name != "content-length"]
        sent = httpx.Request(request.method, request.url, headers=headers, json=body)
        return await self.inner.handle_async_request(sent)

    async def aclose(self) -> None:
        await self.inner.aclose()


async def applied(made: World, alter: Callable[[str, dict[str, Any]], None] | None = None) -> Report:
    """The report of one apply; `alter` changes what the server takes."""
    plain = made.sandbox.transport()
    transport = Altered(plain, alter) if alter else plain
    planned = await made.plan()
    token, clock = Secret(made.sandbox.token), VirtualClock()
    async with Client(endpoint=ENDPOINT, token=token, transport=transport, clock=clock) as client:
        return await reconcile.apply(planned, client, made.lock_store, table=KINDS).work()


def outcomes(report: Report) -> dict[str, Outcome]:
    return {str(result.step.address): result.outcome for result in report.results}


def failing(operation: str, fault: Fault, **how: Any) -> Faults:
    return Faults(rates={fault: 1.0}, operations=frozenset({operation}), **how)


# the reply is checked

SLACK = "installations: {slack: {configuration: {default_channel: C2, gone: null}, externalIds: [a]}}"
OWN = {"default_channel": "C1", "oauth_credentials": {"t": 1}, "webhookId": "w"}
CONNECTED = {"installations": {"slack": {"configuration": {"default_channel": "C1", "gone": 1}}}}


@pytest.mark.parametrize(
    ("name", "alter"),
    [
        ("configuration.default_channel", lambda _, body: body["configuration"].pop("default_channel")),
        ("configuration.default_channel", lambda _, body: body["configuration"].update(default_channel="X")),
        ("configuration.gone", lambda _, body: body["configuration"].update(gone=1)),
        ("externalIds", lambda _, body: body.pop("externalIds")),
    ],
    ids=["a key dropped", "a key changed", "a key kept", "a field dropped"],
)
async def test_a_patch_that_did_not_take_a_field_has_failed_and_names_it(
    tmp_path: Path, name: str, alter: Callable[[str, dict[str, Any]], None]
) -> None:
    made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
    (result,) = (await applied(made, alter)).results

    assert result.outcome is Outcome.FAILED
    assert result.message == (
        f"the API answered, but did not take {name}; look at it in the app, or plan again"
    )


@pytest.mark.parametrize(
    ("name", "alter"),
    [
        ("title", lambda _, body: body.update(title="Another")),
        ("scopes", lambda _, body: body.update(scopes=[])),
    ],
)
async def test_a_publish_that_did_not_take_a_field_has_failed_and_names_it(
    tmp_path: Path, name: str, alter: Callable[[str, dict[str, Any]], None]
) -> None:
    file = EVERYTHING.replace("scopes: []", 'scopes: ["openapi:read"]').split("installations")[0]
    made = world(tmp_path, {"files": file, "lock": {}})
    (result,) = (await applied(made, alter)).results

    assert result.outcome is Outcome.FAILED
    assert f"did not take {name};" in result.message


async def test_a_key_that_still_resists_after_its_null_has_failed(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
    (result,) = (await applied(made, lambda _, body: body["configuration"].update(gone=1))).results
    writes = [entry for entry in made.sandbox.commits if entry.operation == "updateIntegrationInstallation"]

    assert "did not take configuration.gone" in result.message
    assert len(writes) == 2


# a create is its POST and its PATCH


async def test_a_create_of_which_only_the_patch_fails_has_failed_and_is_an_update_next(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, {"files": EVERYTHING.split("  github", maxsplit=1)[0], "lock": {}})
    made.sandbox.faults = failing("updateIntegrationSiteInstallation", Fault.ERROR)
    report = await applied(made)
    made.sandbox.faults = Faults()
    again = await made.plan()

    assert outcomes(report)[f"installation/googleanalytics/site/{SITE}"] is Outcome.FAILED
    assert plan_text(again.plan) == (
        f'~ installation/googleanalytics/site/{SITE}\n    + configuration.tracking_id: "G-1"'
    )


async def test_an_object_gets_one_patch_for_all_that_differs_of_it(tmp_path: Path) -> None:
    file = SLACK.replace("externalIds", "site_selection: all, externalIds")
    made = world(tmp_path, {"files": file, "live": CONNECTED, "lock": {}})
    report = await applied(made)

    assert report.complete
    assert Counter(entry.operation for entry in made.sandbox.commits) == {"updateIntegrationInstallation": 1}


# lost replies


@pytest.mark.parametrize("fault", LOST)
@pytest.mark.parametrize("operation", POSTS)
def test_a_post_whose_reply_was_lost_was_made_once_and_is_done(
    tmp_path: Path, operation: str, fault: Fault
) -> None:
    async def story() -> tuple[Report, World]:
        made = world(tmp_path, {"files": EVERYTHING, "lock": {}})
        made.sandbox.faults = failing(operation, fault)
        return await applied(made), made

    report, made = run(story())
    commits = Counter((entry.operation, entry.subject) for entry in made.sandbox.commits)

    assert set(outcomes(report).values()) == {Outcome.DONE}, [item.message for item in report.results]
    assert {commits[key] for key in commits if key[0] == operation} == {1}


@pytest.mark.parametrize("fault", NEVER_MADE)
@pytest.mark.parametrize("operation", POSTS)
def test_a_post_that_may_have_been_made_is_unknown_and_the_next_run_makes_it(
    tmp_path: Path, operation: str, fault: Fault
) -> None:
    async def story() -> tuple[Report, World, Report]:
        made = world(tmp_path, {"files": EVERYTHING, "lock": {}})
        made.sandbox.faults = failing(operation, fault)
        first = await applied(made)
        made.sandbox.faults = Faults()
        return first, made, await applied(made)

    first, made, second = run(story())
    ends = {result.outcome for result in first.results if not result.because} - {Outcome.DONE}
    commits = Counter((entry.operation, entry.subject) for entry in made.sandbox.commits)

    assert ends <= {Outcome.UNKNOWN, Outcome.FAILED}
    assert ends
    assert second.complete
    assert {commits[key] for key in commits if key[0] == operation} == {1}


@pytest.mark.parametrize("second", ["conflict", "same"])
def test_an_installation_that_somebody_made_meanwhile_is_taken_over(tmp_path: Path, second: Any) -> None:
    case = {
        "files": f"installations: {EVERYTHING.partition('installations:')[2]}",
        "with": {"behaviour": {"second_install": second, "second_binding": second}},
    }

    async def story() -> tuple[Report, World, int]:
        made, other = world(tmp_path, case), world(tmp_path / "other", case)
        planned = await made.plan()
        other.sandbox = made.sandbox
        await other.apply()
        changes = len(made.sandbox.commits)
        return await made.apply(planned), made, changes

    report, made, changes = run(story())

    assert report.complete, [item.message for item in report.results]
    assert len(made.sandbox.commits) == changes
    assert len(made.sandbox.store.installations_of(integration="googleanalytics")) == 1


# publishes in part

TWO = """
integrations:
  acme-banner: {title: Acme Banner, script: "// new", secrets: {}, scopes: []}
  acme-status: {title: Acme Status, script: "// new", secrets: {}, scopes: []}
installations:
  acme-banner: {}
  acme-status: {}
"""


@pytest.mark.lawless
async def test_of_two_publishes_one_may_fail_and_the_other_is_remembered(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": TWO, "lock": {}})

    def refuse(_method: str, body: dict[str, Any]) -> None:
        if body.get("title") == "Acme Status":
            body["title"] = "x" * 99

    report = await applied(made, refuse)
    again = await made.plan()
    entries = made.lock_store.base.entries

    assert outcomes(report) == {
        "integration/acme-banner": Outcome.DONE,
        "integration/acme-status": Outcome.FAILED,
        "installation/acme-banner": Outcome.DONE,
        "installation/acme-status": Outcome.SKIPPED,
    }
    assert report.results[-1].message == "waits for integration/acme-status, which did not succeed"
    assert not report.complete
    assert [str(step.address) for step in again.plan.steps] == [
        "integration/acme-status",
        "installation/acme-status",
    ]
    assert {str(address) for address in entries} >= {"integration/acme-banner", "installation/acme-banner"}
    assert "installation/acme-status" not in entries
    assert (await applied(made)).complete


# what is said


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RESET, Fault.HTML])
def test_giving_up_says_what_a_person_can_do(tmp_path: Path, fault: Fault) -> None:
    async def story() -> Report:
        made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
        made.sandbox.faults = failing("updateIntegrationInstallation", fault)
        return await applied(made)

    (result,) = run(story()).results

    assert result.outcome is Outcome.FAILED
    assert result.message.startswith("gave up after 5 attempts: ")  # the report has its address above
    assert result.message.endswith("; run it again")


def test_what_the_rate_limit_lets_nothing_of_through_is_skipped(tmp_path: Path) -> None:
    async def story() -> Report:
        made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
        made.sandbox.faults = failing("updateIntegrationInstallation", Fault.LIMIT_SECONDS)
        return await applied(made)

    report = run(story())
    (result,) = report.results

    assert result.outcome is Outcome.SKIPPED
    assert result.message.startswith("rate limited until 2025-06-15 15:")
    assert report.untouched
    assert report.limited == result.message


def test_what_was_made_and_then_limited_has_failed(tmp_path: Path) -> None:
    async def story() -> Report:
        text = SLACK.replace("slack", "plausible").replace("default_channel", "scriptKey")
        made = world(tmp_path, {"files": text, "lock": {}})
        made.sandbox.faults = failing("updateIntegrationInstallation", Fault.LIMIT_SECONDS)
        return await applied(made)

    report = run(story())

    assert [item.outcome for item in report.results] == [Outcome.FAILED]
    assert report.results[0].message.startswith("made, but without its values: rate limited until ")
    assert not report.untouched


def test_a_publish_that_is_never_made_says_so_and_what_to_do(tmp_path: Path) -> None:
    async def story() -> Report:
        made = world(tmp_path, {"files": TWO.split("  acme-status", maxsplit=1)[0], "lock": {}})
        made.sandbox.faults = failing("publishIntegration", Fault.RESET)
        return await applied(made)

    (result,) = run(story()).results

    assert result.outcome in (Outcome.FAILED, Outcome.UNKNOWN)
    assert "which was carried out; run it again" in result.message


def test_what_may_have_been_made_and_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    async def story() -> Report:
        made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
        planned = await made.plan()
        reads, writes = "getIntegrationInstallationById", "updateIntegrationInstallation"
        first = made.sandbox.backend.requests
        made.sandbox.faults = Faults(
            rates={Fault.RESET_AFTER: 1.0},
            operations=frozenset({reads, writes}),
            script={first + 1: Fault.SLOW},
        )
        return await made.apply(planned)

    (result,) = run(story()).results

    assert result.outcome is Outcome.UNKNOWN
    assert "it may have been carried out" in result.message
    assert result.message.endswith("; plan again to see")


# what a POST returns is a read

COLLEAGUE = {"tracking_id": "COLLEAGUE"}
BOUND = f"installations: {{googleanalytics: {{sites: {{{SITE}: {{configuration: {{tracking_id: G-1}}}}}}}}}}"
SPACED = f"installations: {{github: {{spaces: {{{SPACE}: {{configuration: {{branch: main}}}}}}}}}}"
INSTALLED = "installations: {slack: {configuration: {default_channel: C1}}}"


class Answered(httpx.AsyncBaseTransport):
    """A server that shows less of what it made than the reference says."""

    def __init__(self, inner: httpx.AsyncBaseTransport, without: str) -> None:
        self.inner, self.without = inner, without

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.inner.handle_async_request(request)
        if request.method != "POST" or response.status_code != 201:
            return response
        body = json.loads(await response.aread())
        body.pop(self.without, None)
        return httpx.Response(201, json=body)

    async def aclose(self) -> None:
        await self.inner.aclose()


@pytest.mark.parametrize(
    ("files", "case", "key"),
    [
        (BOUND, {"installations": {"googleanalytics": {"id": "inst_x"}}}, "tracking_id"),
        (SPACED, {"installations": {"github": {"id": "inst_x"}}}, "branch"),
        (INSTALLED, {}, "default_channel"),
    ],
    ids=["site", "space", "installation"],
)
async def test_a_colleagues_value_in_the_reply_to_a_post_is_not_taken_for_ours(
    tmp_path: Path, files: str, case: dict[str, Any], key: str
) -> None:
    how = {"behaviour": {"second_install": "same", "second_binding": "same"}}
    made = world(tmp_path, {"files": files, "live": case, "with": how})
    planned = await made.plan()
    address = planned.plan.steps[-1].address
    first = made.sandbox.backend.requests

    def between(number: int) -> None:
        if number == first + (2 if files == INSTALLED else 1):
            _by_a_colleague(made, str(address), key)

    made.sandbox.between = between
    report = await made.apply(planned)
    result = report.results[-1]

    assert result.outcome is Outcome.FAILED
    assert [item.name for item in result.conflicts] == [f"configuration.{key}"]
    assert made.live(address)["configuration"] == {key: "COLLEAGUE"}


def _by_a_colleague(made: World, address: str, key: str) -> None:
    """Somebody makes the object with a value of his own, if it is not there yet."""
    words, store = address.split("/"), made.sandbox.store
    there = store.installations_of(integration=words[1])
    if len(words) == 2 and not there:
        store.put_installation(Installation("inst_x", words[1], ORGANIZATION, {key: "COLLEAGUE"}))
    elif len(words) > 2 and not store.bindings("inst_x", words[2]):  # type: ignore[arg-type] # a level
        store.put_binding(Binding("inst_x", words[2], words[3], {key: "COLLEAGUE"}))  # type: ignore[arg-type]


async def test_a_create_is_its_post_and_its_patch_with_nothing_between(tmp_path: Path) -> None:
    live: dict[str, Any] = {"installations": {"googleanalytics": {}}}
    made = world(tmp_path, {"files": BOUND, "live": live, "lock": {}})
    planned = await made.plan()
    before = len(made.sandbox.log)
    report = await made.apply(planned)

    assert report.complete
    assert [entry.operation for entry in made.sandbox.log[before:]] == [
        "installIntegrationOnSite",
        "updateIntegrationSiteInstallation",
    ]


@pytest.mark.parametrize("without", ["configuration", "externalIds"])
async def test_a_reply_that_lacks_what_the_step_decides_on_is_no_read(tmp_path: Path, without: str) -> None:
    files = BOUND.replace("G-1}", "G-1}, externalIds: [a]")
    live: dict[str, Any] = {"installations": {"googleanalytics": {}}}
    made = world(tmp_path, {"files": files, "live": live, "lock": {}})
    planned = await made.plan()
    before = len(made.sandbox.log)
    token, clock = Secret(made.sandbox.token), VirtualClock()
    transport = Answered(made.sandbox.transport(), without)
    async with Client(endpoint=ENDPOINT, token=token, transport=transport, clock=clock) as client:
        report = await reconcile.apply(planned, client, made.lock_store, table=KINDS).work()
    operations = Counter(entry.operation for entry in made.sandbox.log[before:])

    assert report.complete, [item.message for item in report.results]
    assert operations["installIntegrationOnSite"] == 1
    assert operations["getIntegrationSiteInstallation"] >= 1


async def test_what_a_server_selects_at_first_is_nobodys_change(tmp_path: Path) -> None:
    files = INSTALLED.replace("{configuration", "{site_selection: selected, configuration")
    made = world(tmp_path, {"files": files, "with": {"behaviour": {"selection": "all"}}})
    report = await made.apply()

    assert report.complete, [item.message for item in report.results]
    assert made.live("installation/slack")["site_selection"] == "selected"


# two applies at once


async def test_what_two_runs_made_at_once_is_said_with_both_ids(tmp_path: Path) -> None:
    how = {"behaviour": {"second_install": "second"}}
    made = world(tmp_path, {"files": "installations: {slack: {}, mermaid: {}}", "with": how})
    planned = await made.plan()
    first = made.sandbox.backend.requests

    def between(number: int) -> None:
        if number == first + 4:
            made.sandbox.store.put_installation(Installation("inst_other", "slack", ORGANIZATION, {}))

    made.sandbox.between = between
    report = await made.apply(planned, Options(parallelism=1))
    results = {str(result.step.address): result for result in report.results}
    ids = sorted(item.id for item in made.sandbox.store.installations_of(integration="slack"))

    assert len(ids) == 2
    assert not report.complete
    assert results["installation/slack"].message.startswith(f"is there 2 times now: {ids[0]}, {ids[1]}; ")
    assert results["installation/mermaid"].outcome is Outcome.DONE


async def test_the_installations_are_listed_once_after_the_last_was_made(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": "installations: {slack: {}, mermaid: {}}", "lock": {}})
    planned = await made.plan()
    before = len(made.sandbox.log)
    report = await made.apply(planned)
    operations = [entry.operation for entry in made.sandbox.log[before:]]

    assert operations.count("listOrganizationInstallations") == 1
    assert operations[-1] == "listOrganizationInstallations"
    assert report.requests == planned.plan.requests


# what was lost is said


async def test_the_keys_of_others_stand_in_the_events_and_those_that_are_gone_in_the_report(
    tmp_path: Path,
) -> None:
    made = world(tmp_path, {"files": SLACK, "live": {"installations": {"slack": {"configuration": OWN}}}})
    planned, heard = await made.plan(), list[StepEvent]()
    token, clock = Secret(made.sandbox.token), VirtualClock()
    transport = Altered(
        made.sandbox.transport(), lambda _, body: body["configuration"].pop("oauth_credentials", None)
    )
    options = Options(observe=heard.append)
    async with Client(endpoint=ENDPOINT, token=token, transport=transport, clock=clock) as client:
        report = await reconcile.apply(planned, client, made.lock_store, table=KINDS, options=options).work()

    assert [event.keys for event in heard if event.phase is Phase.SEND] == [
        ("oauth_credentials", "webhookId")
    ]
    assert [result.message for result in report.results] == [
        "was there before the write, and is gone in the reply: configuration.oauth_credentials"
    ]
    assert report.results[0].outcome is Outcome.DONE


async def test_what_was_not_taken_is_said_with_field_asked_and_kept(tmp_path: Path) -> None:
    made = world(tmp_path, {"files": SLACK, "live": CONNECTED, "lock": {}})
    report = await applied(made, lambda _, body: body["configuration"].update(default_channel="X"))

    assert report.results[0].conflicts == (Conflict("configuration.default_channel", "C1", "C2", "X"),)
