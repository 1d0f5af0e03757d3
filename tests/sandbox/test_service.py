"""The sandbox as a whole: who may call what, what goes wrong on demand, and a log that misses nothing."""

from __future__ import annotations

import email.utils
from dataclasses import FrozenInstanceError, replace
from typing import Any

import httpx
import pytest

from reconciler.gitbook.operations.table import OPERATIONS, table
from reconciler.sandbox import ORGANIZATION, Behaviour, Fault, Faults, Sandbox, world
from reconciler.sandbox.call import SandboxReply
from reconciler.sandbox.service import HANDLERS
from tests.sandbox.api import ANALYTICS, ORG, SLACK, SPACE, Api, error
from tests.virtual import START, VirtualClock, run

PATCH = f"PATCH {SLACK}"
BODY = {"configuration": {"default_channel": "C1"}}


def test_every_operation_of_the_table_is_served() -> None:
    assert HANDLERS.keys() == OPERATIONS.keys()


async def test_an_operation_without_a_handler_is_answered_with_its_name() -> None:
    row = replace(OPERATIONS["listSites"], id="listWebhooks", path="/orgs/{organizationId}/webhooks")
    sandbox = Sandbox(operations=table(*OPERATIONS.values(), row))

    reply = await Api(sandbox)(f"GET {ORG}/webhooks")

    assert error(reply) == (501, "the sandbox does not serve listWebhooks")
    assert sandbox.log[-1].status == 501
    assert not sandbox.commits


async def test_a_body_without_a_schema_of_the_sandbox_is_checked_by_its_row() -> None:
    row = replace(
        OPERATIONS["installIntegrationOnSite"], id="createWebhook", path="/orgs/{organizationId}/hooks"
    )
    row = replace(row, params=OPERATIONS["listSites"].params[:1])
    sandbox = Sandbox(
        operations=table(*OPERATIONS.values(), row),
        handlers={"createWebhook": lambda _backend, call: SandboxReply(201, call.body)},
    )
    api = Api(sandbox)

    assert error(await api(f"POST {ORG}/hooks", {"site": "x"}))[0] == 400
    assert sandbox.log[-1].status == 400


async def test_no_token_and_a_wrong_one_are_refused() -> None:
    for token in ("", "gb_api_other", "gb_int_", "gb_int_nothing", "gb_tmp_x"):
        reply = await Api(token=token)("GET /integrations")

        assert error(reply)[0] == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_the_token_may_be_another() -> None:
    sandbox = Sandbox(token="mine")

    assert (await Api(sandbox, token="mine")("GET /integrations")).status_code == 200
    assert (await Api(sandbox)("GET /integrations")).status_code == 401


@pytest.mark.parametrize("kind", ["user", "integration", "integration-installation"])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_each_operation_takes_the_tokens_of_the_table(operation: Any, kind: str) -> None:
    sandbox = Sandbox()
    made = await Api(sandbox, token="gb_int_slack")(f"POST {SLACK}/tokens")
    tokens = {
        "user": sandbox.token,
        "integration": "gb_int_slack",
        "integration-installation": made.json()["token"],
    }
    path = operation.path.format(
        integrationName="slack",
        installationId=SLACK.rsplit("/", 1)[1],
        organizationId=ORGANIZATION,
        spaceId=SPACE,
        siteId="site_p4Xo1",
        eventId="nothing",
    )
    reply = await Api(sandbox, token=tokens[kind])(f"{operation.method} {path}")
    refused = reply.status_code == 403 and "a token of sort" in reply.text

    assert refused is (kind not in operation.tokens)


async def test_what_is_no_route_or_no_method_is_told_apart() -> None:
    api = Api()
    wrong = await api("DELETE /integrations")

    assert error(await api("GET /integration"))[0] == 404
    assert error(await api("GET /integrations/"))[0] == 404
    assert error(await api("GET https://api.gitbook.com/v2/integrations"))[0] == 404
    assert error(wrong)[0] == 405
    assert wrong.headers["Allow"] == "GET"


async def test_a_path_is_decoded_segment_by_segment() -> None:
    reply = await Api()("GET /integrations/a%2Fb")

    assert error(reply) == (400, "integrationName must match ^[a-zA-Z0-9-_.]+$")
    assert (await Api().get("/integrations/VA%2DOkta"))["name"] == "VA-Okta"


async def test_every_request_is_logged() -> None:
    api = Api()
    await api("GET /nothing")
    await api(f"PATCH {ANALYTICS}/sites/site_w8Yn5", BODY)
    await api(f"DELETE {ANALYTICS}/sites/site_p4Xo1")
    lost, patched, deleted = api.sandbox.log

    assert (lost.number, lost.operation, lost.status, lost.caller) == (1, "", 404, None)
    assert (patched.operation, patched.subject) == (
        "updateIntegrationSiteInstallation",
        "installation/googleanalytics/site/site_w8Yn5",
    )
    assert (patched.body, patched.status, patched.committed, patched.caller) == (BODY, 200, True, "user")
    assert patched.path["siteId"] == "site_w8Yn5"
    assert (deleted.status, deleted.committed) == (204, False)
    assert api.sandbox.commits == (patched,)


async def test_the_log_cannot_be_rewritten() -> None:
    api = Api()
    await api("GET /integrations")

    with pytest.raises(FrozenInstanceError):
        api.sandbox.log[0].status = 0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("call", "body", "subject"),
    [
        ("GET /integrations", None, ""),
        ("GET /integrations/slack", None, "integration/slack"),
        (f"GET {ORG}/installations", None, f"organization/{ORGANIZATION}"),
        ("POST /integrations/sentry/installations", {"organization": "acme"}, "installation/sentry"),
        (f"GET {SLACK}", None, "installation/slack"),
        (f"POST {SLACK}/spaces", {"space": SPACE}, f"installation/slack/space/{SPACE}"),
        (f"POST {ANALYTICS}/sites", {"siteId": "site_p4Xo1"}, "installation/googleanalytics/site/site_p4Xo1"),
        (f"GET {ORG}/integrations/slack/installation_status", None, "installation/slack"),
    ],
)
async def test_the_log_says_what_a_request_was_about(call: str, body: Any, subject: str) -> None:
    api = Api()
    await api(call, body)

    assert api.sandbox.log[0].subject == subject


async def test_something_may_happen_between_two_requests() -> None:
    sandbox = Sandbox()

    def between(number: int) -> None:
        if number == 2:
            sandbox.store.drop_integration(sandbox.store.integrations["slack"])

    sandbox.between = between
    api = Api(sandbox)

    assert (await api("GET /integrations/slack")).status_code == 200
    assert (await api("GET /integrations/slack")).status_code == 404


async def test_a_run_may_end_between_two_requests() -> None:
    def between(number: int) -> None:
        if number == 2:
            raise KeyboardInterrupt

    api = Api(Sandbox(between=between))
    await api("GET /integrations/slack")

    with pytest.raises(KeyboardInterrupt):
        await api(PATCH, BODY)
    assert not api.sandbox.commits


def failing(fault: Fault, **more: Any) -> Api:
    return Api(Sandbox(faults=Faults(script={1: fault}, **more), clock=VirtualClock()))


def outcome(fault: Fault) -> tuple[Any, Api]:
    """What the caller of a PATCH gets: a reply, or the error that ends the connection."""
    api = failing(fault, slow=1)

    async def call() -> Any:
        try:
            return await api(PATCH, BODY)
        except httpx.TransportError as broken:
            return type(broken)

    return run(call()), api


@pytest.mark.parametrize("fault", [*Fault])
def test_a_fault_commits_or_not_as_its_name_says(fault: Fault) -> None:
    _, api = outcome(fault)
    changed = api.sandbox.store.document() != world.default().document()

    assert api.sandbox.log[0].fault is fault
    assert changed is api.sandbox.log[0].committed is fault.commits


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.LIMIT_SECONDS, 429),
        (Fault.LIMIT_DATE, 429),
        (Fault.LIMIT_HEADERS, 429),
        (Fault.ERROR, 500),
        (Fault.GATEWAY, 502),
        (Fault.UNAVAILABLE, 503),
        (Fault.TIMEOUT, 504),
        (Fault.HTML, 200),
        (Fault.SLOW, 200),
        (Fault.TRUNCATED, 200),
    ],
)
def test_a_fault_answers_in_place_of_the_truth(fault: Fault, status: int) -> None:
    reply, api = outcome(fault)

    assert reply.status_code == api.sandbox.log[0].status == status


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.REFUSED, httpx.ConnectError),
        (Fault.RESET, httpx.ReadError),
        (Fault.RESET_AFTER, httpx.ReadError),
        (Fault.HANG, httpx.ReadTimeout),
        (Fault.HANG_AFTER, httpx.ReadTimeout),
    ],
)
def test_a_fault_ends_the_connection_as_httpx_would_tell_it(fault: Fault, error: type[Exception]) -> None:
    raised, api = outcome(fault)

    assert raised is error
    assert api.sandbox.log[0].status == 0


def test_a_refusal_for_too_many_requests_says_how_long_in_three_ways() -> None:
    seconds, date, headers = (
        outcome(fault)[0].headers for fault in (Fault.LIMIT_SECONDS, Fault.LIMIT_DATE, Fault.LIMIT_HEADERS)
    )

    assert seconds["Retry-After"] == "1"
    assert email.utils.parsedate_to_datetime(date["Retry-After"]).timestamp() == START + 1
    assert "Retry-After" not in headers
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset"]) == ("0", str(int(START) + 1))


@pytest.mark.parametrize("fault", [Fault.GATEWAY, Fault.HTML, Fault.HTML_AFTER, Fault.TRUNCATED])
def test_a_body_that_is_not_the_json_promised_is_none_at_all(fault: Fault) -> None:
    reply, _ = outcome(fault)

    with pytest.raises(ValueError, match="line 1"):
        reply.json()


def test_a_hanging_request_ends_when_the_caller_gives_up() -> None:
    api = failing(Fault.HANG)

    async def call() -> float:
        with pytest.raises(httpx.ReadTimeout):
            await api("GET /integrations")
        return VirtualClock().time() - START

    assert run(call()) == 5, "httpx's own patience"


def test_a_slow_reply_comes_late_or_too_late() -> None:
    async def call(seconds: float) -> Any:
        try:
            return (await failing(Fault.SLOW, slow=seconds)("GET /integrations")).status_code
        except httpx.ReadTimeout:
            return "too late"

    assert (run(call(4)), run(call(6))) == (200, "too late")


def test_each_request_takes_its_time() -> None:
    async def call() -> float:
        api = Api(Sandbox(behaviour=Behaviour(latency=0.5), clock=VirtualClock()))
        await api("GET /integrations")
        await api("GET /integrations")
        return VirtualClock().time() - START

    assert run(call()) == 1


def test_a_rate_limit_admits_so_many_in_each_period_and_tells_how_many_are_left() -> None:
    async def call() -> list[tuple[int, str]]:
        clock = VirtualClock()
        api = Api(Sandbox(behaviour=Behaviour(rate_limit=2, rate_period=10), clock=clock))
        replies = [await api("GET /integrations/slack") for _ in range(3)]
        await clock.sleep(int(replies[2].headers["Retry-After"]))
        replies.append(await api("GET /integrations/slack"))

        assert replies[0].headers["X-RateLimit-Limit"] == "2"
        assert int(replies[0].headers["X-RateLimit-Reset"]) > clock.time() - 10
        return [(reply.status_code, reply.headers["X-RateLimit-Remaining"]) for reply in replies]

    assert run(call()) == [(200, "1"), (200, "0"), (429, "0"), (200, "1")]


async def test_without_a_rate_limit_no_header_speaks_of_one() -> None:
    reply = await Api()("GET /integrations")

    assert not [name for name in reply.headers if name.startswith("x-ratelimit")]
