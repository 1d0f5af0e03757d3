"""The client alone: what it sends, repeats, waits for, and what it makes of each answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import Context
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from reconciler.errors import (
    AccessError,
    AlreadyExists,
    Ambiguous,
    ApiError,
    BadReply,
    Limited,
    NotFound,
    RateLimited,
    TryAgain,
    Unavailable,
    UsageError,
)
from reconciler.gitbook.client.client import Client
from reconciler.resources.values import Secret
from tests.gitbook.wire import (
    BINDING,
    DELETE,
    HOST,
    INSTALLATION,
    INTEGRATION,
    LIST,
    ORGANIZATION,
    PATCH,
    PATCH_OTHER,
    POST,
    PUT,
    READ,
    TOKEN,
    Line,
    error,
    ok,
    page,
)
from tests.virtual import START

RETRIED = [408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525]
LOST = [
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("gone"),
]
UNSENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("nobody"), httpx.ProxyError("no")]
SILENCE = httpx.ReadTimeout("silence")
PLAIN = [
    page(),
    httpx.Response(200, text=""),
    httpx.Response(200, text='{"name": "sl'),
    ok({"ok": True}),
    ok([]),
]


async def test_a_call_goes_to_the_endpoint_with_the_token() -> None:
    line = Line()
    line.answers(ok(INTEGRATION))

    reply = await line.client.call(*READ)

    (request,) = line.sent
    assert str(request.url) == f"{HOST}/v1/integrations/slack"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["User-Agent"].startswith("gbsync/")
    assert (reply.status, reply.data) == (200, INTEGRATION)


async def test_a_body_goes_as_json_with_its_secrets_in_clear() -> None:
    line = Line()
    line.answers(ok(INSTALLATION))

    await line.client.call(
        *PATCH[:2], {"configuration": {"key": Secret("s3cr3t-value"), "n": [1, Secret(2)]}}
    )

    (request,) = line.sent
    assert request.method == "PATCH"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == b'{"configuration":{"key":"s3cr3t-value","n":[1,2]}}'


async def test_parameters_are_quoted_and_spelled_as_the_reference_has_them() -> None:
    line = Line()
    line.answers(ok({"items": []}))

    params = {"organizationId": "a/b ?", "published": True, "type": ["basic", "premium"], "title": None}
    await line.client.call("listSites", params)

    (request,) = line.sent
    assert request.url.raw_path == b"/v1/orgs/a%2Fb%20%3F/sites?published=true&type=basic&type=premium"


@pytest.mark.parametrize("name", ["", ".", "..", None])
async def test_a_parameter_cannot_lead_to_another_path(name: str | None) -> None:
    line = Line()

    with pytest.raises(UsageError, match="integrationName"):
        await line.client.call("getIntegrationByName", {"integrationName": name})
    assert not line.sent


async def test_a_parameter_that_the_operation_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="no parameter colour"):
        await Line().client.call(*READ[:1], {**READ[1], "colour": "red"})


async def test_a_secret_that_is_not_set_is_named_before_anything_is_sent() -> None:
    line = Line()

    with pytest.raises(UsageError, match="not set"):
        await line.client.call(*PATCH[:2], {"configuration": {"key": Secret(known=False)}})
    assert not line.sent


async def test_a_body_that_json_cannot_say_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError) as raised:
        await Line().client.call(*PATCH[:2], {"configuration": {"key": float("nan"), "other": {1, 2}}})

    assert "JSON" in str(raised.value)


# What is repeated


@pytest.mark.parametrize("call", [READ, PUT, PATCH_OTHER], ids=lambda call: call[0])
@pytest.mark.parametrize("status", RETRIED)
async def test_what_may_be_repeated_is_repeated_after(call: Any, status: int) -> None:
    line = Line()
    line.answers(error(status), ok(INSTALLATION | INTEGRATION) if call is not PUT else httpx.Response(204))

    reply = await line.client.call(*call)

    assert reply.status in (200, 204)
    assert len(line.sent) == line.client.requests == 2
    assert [event.status for event in line.events if not event.wait] == [status, reply.status]


@pytest.mark.parametrize("failure", [*LOST, *UNSENT], ids=lambda failure: type(failure).__name__)
async def test_a_read_is_repeated_after_a_lost_connection(failure: Exception) -> None:
    line = Line()
    line.answers(failure, ok(INTEGRATION))

    assert (await line.client.call(*READ)).data == INTEGRATION
    assert len(line.sent) == 2


@pytest.mark.parametrize("answer", PLAIN, ids=range(len(PLAIN)))
async def test_a_read_is_repeated_after_a_success_without_the_promised_json(answer: httpx.Response) -> None:
    line = Line()
    line.answers(answer, ok(INTEGRATION))

    assert (await line.client.call(*READ)).data == INTEGRATION


async def test_a_read_gives_up_after_five_attempts_with_the_servers_last_word() -> None:
    line = Line()
    line.answers(error(503, "maintenance until noon"))

    with pytest.raises(Unavailable, match=r"maintenance until noon.*5 attempts.*503") as raised:
        await line.client.call(*READ)
    assert len(line.sent) == 5
    assert (raised.value.operation, raised.value.subject) == ("getIntegrationByName", "integration/slack")


async def test_backoff_has_full_jitter_below_a_bound_that_doubles() -> None:
    line = Line()
    line.answers(error(500))
    with pytest.raises(Unavailable):
        await line.client.call(*READ)

    waits = line.clock.waits

    assert len(waits) == 4
    assert all(0 <= wait <= 0.5 * 2**number for number, wait in enumerate(waits))
    assert len(set(waits)) == 4
    assert [event.wait for event in line.waited] == waits


async def test_the_same_seed_gives_the_same_waits() -> None:
    async def waits(seed: int) -> list[float]:
        line = Line(seed=seed)
        line.answers(error(500))
        with pytest.raises(Unavailable):
            await line.client.call(*READ)
        return line.clock.waits

    assert await waits(3) == await waits(3) != await waits(4)


async def test_one_call_takes_no_longer_than_its_timeout_in_all() -> None:
    line = Line(timeout=10)
    patience: list[float] = []

    def silent(request: httpx.Request) -> httpx.Response:
        patience.append(request.extensions["timeout"]["read"])
        line.clock.lose(patience[-1])
        raise SILENCE

    line.answers(silent)
    with pytest.raises(Unavailable, match="no answer in time"):
        await line.client.call(*READ)

    assert line.clock.passed <= 10
    assert patience[0] == 5
    assert len(patience) > 2


async def test_a_write_that_is_not_repeated_may_take_the_whole_time() -> None:
    line = Line(timeout=10)
    patience: list[float] = []

    def silent(request: httpx.Request) -> httpx.Response:
        patience.append(request.extensions["timeout"]["read"])
        raise SILENCE

    line.answers(silent)
    with pytest.raises(Ambiguous):
        await line.client.call(*POST)

    assert patience == [10]


async def test_a_reply_that_never_comes_ends_with_the_timeout() -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return ok(INTEGRATION)

    client = Client(endpoint=HOST, token=Secret(TOKEN), transport=httpx.MockTransport(hang), timeout=0.05)
    with pytest.raises(Unavailable, match="no answer in time"):
        await client.call(*READ)


# Writes


@pytest.mark.parametrize("failure", [error(429), *UNSENT], ids=str)
async def test_a_post_that_was_certainly_not_made_is_sent_again(failure: httpx.Response | Exception) -> None:
    line = Line()
    line.answers(failure, ok(BINDING, 201))

    assert (await line.client.call(*POST)).status == 201
    assert len(line.sent) == 2


@pytest.mark.parametrize(
    "failure",
    [*(error(status) for status in (500, 502, 503, 504, 520, 408)), *LOST, *PLAIN, page(502), error(302)],
    ids=str,
)
async def test_a_post_that_may_have_been_made_is_never_sent_again(
    failure: httpx.Response | Exception,
) -> None:
    line = Line()
    line.answers(failure)

    with pytest.raises(Ambiguous, match="installation/slack/site/site_1"):
        await line.client.call(*POST)
    assert len(line.sent) == 1


async def test_a_post_that_reaches_nobody_for_too_long_was_certainly_not_made() -> None:
    line = Line()
    line.answers(UNSENT[0])

    with pytest.raises(Unavailable):
        await line.client.call(*POST)
    assert len(line.sent) == 5


@pytest.mark.parametrize("call", [READ, POST, DELETE], ids=lambda call: call[0])
async def test_what_the_rate_limit_refuses_is_no_attempt(call: Any) -> None:
    line = Line()
    done = httpx.Response(204) if call is DELETE else ok(INTEGRATION | BINDING)
    line.answers(*[error(429)] * 12, done)

    reply = await line.client.call(*call)

    assert len(line.sent) == 13
    assert reply.attempts == 1


@pytest.mark.parametrize("call", [READ, POST, DELETE], ids=lambda call: call[0])
async def test_a_rate_limit_that_never_opens_is_said_with_the_time_until_which_it_is_closed(
    call: Any,
) -> None:
    line = Line(max_wait=100)
    line.answers(error(429))

    with pytest.raises(RateLimited, match=r"rate limited until 2025-06-15 15:0\d:\d\d UTC"):
        await line.client.call(*call)
    assert 30 < line.clock.passed <= 100
    assert len(line.sent) < 25


async def test_a_write_that_is_built_again_after_each_refusal_is_given_up_in_the_end() -> None:
    line = Line(max_wait=100)
    line.answers(error(429))

    async def again_and_again() -> None:
        while True:
            with suppress(Limited):
                await line.client.call(*PATCH)

    with pytest.raises(RateLimited):
        await again_and_again()
    assert line.clock.passed > 30


async def test_a_post_of_what_exists_is_a_conflict() -> None:
    line = Line()
    line.answers(error(409, "already installed"))

    with pytest.raises(AlreadyExists, match="already installed"):
        await line.client.call(*POST)
    assert len(line.sent) == 1


@pytest.mark.parametrize("status", [404, 405])
async def test_a_post_whose_route_is_missing_was_certainly_not_made(status: int) -> None:
    line = Line()
    line.answers(httpx.Response(status, text="Cannot POST"))

    with pytest.raises(ApiError) as raised:
        await line.client.call(*POST)
    assert raised.value.status == status
    assert isinstance(raised.value, NotFound) == (status == 404)


@pytest.mark.parametrize("failure", [*map(error, RETRIED), *LOST, *UNSENT, *PLAIN[:4]], ids=str)
async def test_a_patch_with_a_configuration_is_left_to_whoever_can_build_it_again(
    failure: httpx.Response | Exception,
) -> None:
    line = Line()
    line.answers(failure)

    with pytest.raises(TryAgain, match="installation/slack"):
        await line.client.call(*PATCH)
    assert len(line.sent) == 1


async def test_the_wait_of_a_patch_is_over_when_it_is_to_be_built_again() -> None:
    line = Line()
    line.answers(error(503, headers={"Retry-After": "20"}))

    with pytest.raises(TryAgain):
        await line.client.call(*PATCH)
    assert line.clock.passed == 20


async def test_a_patch_that_the_rate_limit_refused_waits_its_turn_before_it_is_read_again() -> None:
    line = Line()
    line.answers(error(429, headers={"Retry-After": "20"}), ok(INSTALLATION))

    with pytest.raises(Limited):
        await line.client.call(*PATCH)
    before = line.clock.passed
    async with line.client.reserve(2):
        after = line.clock.passed

    assert (before, after) == (0, 20)


async def test_a_patch_that_fails_again_and_again_waits_longer_and_longer() -> None:
    line = Line()
    line.answers(*[error(500)] * 8, ok(INSTALLATION), error(500))
    for _ in range(8):
        with pytest.raises(TryAgain):
            await line.client.call(*PATCH)
    longest = max(line.clock.waits)
    await line.client.call(*PATCH)
    with pytest.raises(TryAgain):
        await line.client.call(*PATCH)

    assert longest > 0.5
    assert line.clock.waits[-1] <= 0.5


@pytest.mark.parametrize("status", [204, 205])
async def test_a_deletion_succeeds_whether_it_was_there_or_not(status: int) -> None:
    line = Line()
    line.answers(httpx.Response(status))

    assert (await line.client.call(*DELETE)).status == status


async def test_a_deletion_that_finds_nothing_is_confirmed_by_a_read() -> None:
    line = Line()
    line.answers(error(404))

    assert (await line.client.call(*DELETE)).status == 404
    assert [request.method for request in line.sent] == ["DELETE", "GET"]


async def test_a_deletion_that_finds_nothing_although_it_is_there_is_an_error() -> None:
    line = Line()
    line.answers(error(404), ok(INSTALLATION))

    with pytest.raises(BadReply, match="not there, yet"):
        await line.client.call(*DELETE)


async def test_a_deletion_without_a_read_of_its_own_takes_the_404_as_it_is() -> None:
    line = Line()
    line.answers(error(404))

    with pytest.raises(NotFound):
        await line.client.call("disableIntegrationDevelopmentMode", {"integrationName": "slack"})
    assert len(line.sent) == 1


async def test_a_deletion_that_cannot_be_confirmed_is_no_success() -> None:
    line = Line()
    line.answers(error(404), error(403))

    with pytest.raises(AccessError):
        await line.client.call(*DELETE)


# Waits that GitBook asks for


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "30"},
        {"Retry-After": "30.0"},
        {"Retry-After": formatdate(START + 30, usegmt=True)},
        {"Retry-After": formatdate(START + 1030, usegmt=True), "Date": formatdate(START + 1000, usegmt=True)},
        {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(START + 30)),
        },
        {
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(START + 1030)),
            "Date": formatdate(START + 1000, usegmt=True),
        },
    ],
    ids=["seconds", "fraction", "date", "date of another clock", "reset", "reset of another clock"],
)
async def test_a_refusal_is_waited_out_as_long_as_it_says(headers: dict[str, str]) -> None:
    line = Line()
    line.answers(httpx.Response(429, headers=headers), ok(INTEGRATION))

    await line.client.call(*READ)

    assert line.clock.waits == [30]
    assert [(event.wait, event.attempt) for event in line.waited] == [(30, 2)]


@pytest.mark.parametrize("value", ["", "soon", "-5", "nan", "inf", "Thu, 99 Foo 2030"])
async def test_a_refusal_that_says_nothing_useful_is_met_by_backoff(value: str) -> None:
    line = Line()
    line.answers(error(429, headers={"Retry-After": value}), ok(INTEGRATION))

    await line.client.call(*READ)

    assert len(line.sent) == 2
    assert line.clock.passed <= 0.5


async def test_a_pause_that_nobody_is_ready_for_is_not_waited_for() -> None:
    line = Line()
    line.answers(error(429, headers={"Retry-After": "3600"}))

    with pytest.raises(RateLimited, match="until 2025-06-15 16:06:40 UTC"):
        await line.client.call(*READ)
    with pytest.raises(RateLimited):
        await line.client.call(*PATCH)
    assert line.clock.passed == 0
    assert len(line.sent) == 1


async def test_a_pause_of_one_is_a_pause_of_all() -> None:
    line = Line()
    times: list[float] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        times.append(line.clock.passed)
        return error(429, headers={"Retry-After": "30"}) if len(times) == 1 else ok(INTEGRATION)

    line.answers(answer)
    first = asyncio.create_task(line.client.call(*READ))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, *(line.client.call(*READ) for _ in range(5)))

    assert times[0] == 0
    assert len(times) == 7
    assert times[1] == 30
    assert all(30 <= time < 31 for time in times[1:])


async def test_a_pause_does_not_use_up_the_time_of_the_call() -> None:
    line = Line(timeout=10)
    line.answers(*[error(429, headers={"Retry-After": "60"})] * 4, ok(INTEGRATION))

    assert (await line.client.call(*READ)).status == 200
    assert line.clock.passed == 240


async def test_nothing_is_sent_when_nothing_is_left_until_the_window_ends() -> None:
    line = Line()
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Reset": str(int(START + 60))}
    line.answers(
        *(
            ok(INTEGRATION, headers={**headers, "X-RateLimit-Remaining": str(remaining)})
            for remaining in (1, 0)
        ),
        ok(INTEGRATION),
    )
    for _ in range(3):
        await line.client.call(*READ)

    rate = line.client.rate

    assert line.clock.waits == [60]
    assert line.events[2].attempt == 1
    assert rate is not None
    assert (rate.limit, rate.remaining, rate.reset, rate.per_second) == (10, 0, START + 60, 10 / 60)


async def test_workers_share_what_is_left() -> None:
    line = Line()
    left = iter(range(4, -1, -1))
    times: list[float] = []

    async def answer(_request: httpx.Request) -> httpx.Response:
        times.append(line.clock.passed)
        await asyncio.sleep(0)
        if line.clock.passed:
            return ok(INTEGRATION)
        return ok(
            INTEGRATION,
            headers={
                "X-RateLimit-Limit": "5",
                "X-RateLimit-Remaining": str(next(left)),
                "X-RateLimit-Reset": str(int(START + 9)),
            },
        )

    client = Client(
        endpoint=HOST, token=Secret(TOKEN), transport=httpx.MockTransport(answer), clock=line.clock
    )
    await client.call(*READ)
    await asyncio.gather(*(client.call(*READ) for _ in range(8)))

    assert times.count(0) == 5
    assert len(times) == 9


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START - 5))},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START * 1000))},
    ],
    ids=["no reset", "no number", "past", "milliseconds"],
)
async def test_headers_that_make_no_sense_are_not_waited_for(headers: dict[str, str]) -> None:
    line = Line()
    line.answers(ok(INTEGRATION, headers=headers))
    await line.client.call(*READ)
    await line.client.call(*READ)

    assert not line.clock.waits
    assert line.client.rate is None


async def test_no_more_requests_are_in_flight_than_allowed() -> None:
    flying = most = 0

    async def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.001)
        flying -= 1
        return ok(INTEGRATION)

    client = Client(endpoint=HOST, token=Secret(TOKEN), transport=httpx.MockTransport(answer), concurrency=3)
    await asyncio.gather(*(client.call(*READ) for _ in range(20)))

    assert most == 3


# Requests that belong together


async def test_no_wait_lies_between_calls_that_belong_together() -> None:
    line = Line()
    low = {"X-RateLimit-Limit": "9", "X-RateLimit-Reset": str(int(START + 60))}
    line.answers(
        ok(INTEGRATION, headers={**low, "X-RateLimit-Remaining": "1"}),
        ok(INSTALLATION, headers={**low, "X-RateLimit-Remaining": "0"}),
        ok(INSTALLATION),
    )
    await line.client.call(*READ)
    async with line.client.reserve(2):
        await line.client.call("getIntegrationInstallationById", PATCH[1])
        await line.client.call(*PATCH)

    kinds = [event.status or event.wait for event in line.events]
    assert kinds == [200, 60, 200, 200]


async def test_a_pause_for_others_does_not_come_between_calls_that_belong_together() -> None:
    line = Line()
    line.answers(ok(INSTALLATION), error(429, headers={"Retry-After": "30"}), ok(INSTALLATION))
    other = PATCH_OTHER

    async with line.client.reserve(2):
        await line.client.call("getIntegrationInstallationById", PATCH[1])
        with pytest.raises(Limited):
            await asyncio.create_task(_outside(line.client, PATCH), context=Context())
        await line.client.call(*other)

    assert line.clock.passed == 0


async def _outside(client: Client, call: Any) -> None:
    await client.call(*call)


async def test_a_repeated_read_leaves_the_grant_of_its_write_alone() -> None:
    line = Line()
    line.answers(error(500), ok(INSTALLATION), ok(INSTALLATION))

    async with line.client.reserve(2):
        await line.client.call("getIntegrationInstallationById", PATCH[1])
        await line.client.call(*PATCH)
        await line.client.call("getIntegrationInstallationById", PATCH[1])

    assert [request.method for request in line.sent] == ["GET", "GET", "PATCH", "GET"]


async def test_a_grant_that_is_not_used_is_given_back() -> None:
    line = Line(concurrency=1)
    reset = {"X-RateLimit-Remaining": "2", "X-RateLimit-Reset": str(int(START + 60))}
    line.answers(ok(INTEGRATION, headers=reset))
    await line.client.call(*READ)
    for _ in range(5):
        async with line.client.reserve(2):
            pass
    async with line.client.reserve(2):
        await line.client.call(*READ)

    assert not line.clock.waits


async def test_what_belongs_together_may_stand_in_what_belongs_together() -> None:
    line = Line(concurrency=1)
    line.answers(ok(INSTALLATION))

    async with line.client.reserve(2):
        await line.client.call("getIntegrationInstallationById", PATCH[1])
        async with line.client.reserve(1):
            await line.client.call(*PATCH)
        await line.client.call(*PATCH)

    assert len(line.sent) == 3


async def test_grants_that_are_held_and_not_sent_block_nobody_for_ever() -> None:
    line = Line()
    low = {"X-RateLimit-Limit": "9", "X-RateLimit-Reset": str(int(START + 60))}
    line.answers(
        ok(INSTALLATION, headers={**low, "X-RateLimit-Remaining": "4"}),
        error(500, headers={**low, "X-RateLimit-Remaining": "2"}),
        error(500, headers={**low, "X-RateLimit-Remaining": "1"}),
        ok(INSTALLATION),
    )
    await line.client.call("getIntegrationInstallationById", PATCH[1])

    async def read_and_write() -> None:
        async with line.client.reserve(2):
            await line.client.call("getIntegrationInstallationById", PATCH[1])
            await line.client.call(*PATCH)

    await asyncio.wait_for(asyncio.gather(read_and_write(), read_and_write()), 5)

    assert line.sent[-1].method == "PATCH"
    assert line.clock.passed >= 60


async def test_a_client_does_not_use_the_grant_of_another() -> None:
    one, other = Line(), Line()
    other.answers(ok(INTEGRATION))

    async with one.client.reserve(1):
        await other.client.call(*READ)

    assert len(other.sent) == 1


async def test_a_parameter_that_makes_no_url_is_an_error_at_once() -> None:
    line = Line()

    with pytest.raises(Unavailable, match="no usable URL"):
        await line.client.call("renderIntegrationUIWithGet", {**READ[1], "request": "x" * 70_000})
    assert not line.sent


# Refusals


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error(400, "bad title"), "bad title"),
        (httpx.Response(400, json={"message": "from a gateway"}), "from a gateway"),
        (httpx.Response(400, json={"error": "short"}), "short"),
        (httpx.Response(400, json={"error": {"message": {"detail": "deep"}}}), "deep"),
        (httpx.Response(400, json=["odd"]), "refuses the request"),
        (httpx.Response(400, json={"error": {}}), "refuses the request"),
        (page(400), 'an HTML page "Sign in"'),
        (httpx.Response(400, html="<p>x</p>"), "an HTML page"),
        (httpx.Response(400, text="plain words"), "plain words"),
        (httpx.Response(400), "refuses the request"),
        (httpx.Response(400, content=b"\xff\xfe"), "HTTP 400"),
        (httpx.Response(400, text="a\x1b[31mb\r\nc\u202e"), "a [31mb c"),
        (httpx.Response(400, text="[" * 50_000), "[[["),
    ],
    ids=range(13),
)
async def test_whatever_an_error_says_becomes_one_clear_line(answer: httpx.Response, said: str) -> None:
    line = Line()
    line.answers(answer)

    with pytest.raises(ApiError) as raised:
        await line.client.call(*READ)
    text = str(raised.value)
    assert said in text
    assert text.startswith("getIntegrationByName integration/slack: ")
    assert "(HTTP 400)" in text
    assert text.isprintable()
    assert len(text) < 500


async def test_a_401_names_the_token_and_a_403_what_it_lacks() -> None:
    line = Line()
    line.answers(error(401, "unknown token"), error(403, "no admin"), error(403))

    with pytest.raises(AccessError, match=r"401.*unknown token.*does not know the token \(GITBOOK_TOKEN"):
        await line.client.call(*READ)
    with pytest.raises(AccessError, match=r"403.*no admin.*of sort user, of somebody.*administrator"):
        await line.client.call(*DELETE)
    with pytest.raises(AccessError, match=r"of sort integration, integration-installation, user"):
        await line.client.call(*READ)


async def test_a_404_may_be_the_tokens_fault() -> None:
    line = Line()
    line.answers(httpx.Response(404))

    with pytest.raises(NotFound, match="may not see it"):
        await line.client.call(*READ)


# Secrets in what the server says


async def test_a_secret_that_was_sent_once_is_not_shown_by_any_later_message() -> None:
    line = Line()
    line.answers(ok(INSTALLATION), error(400, "the hook s3cr3t-value-1 is gone"))

    await line.client.call(*PATCH[:2], {"configuration": {"hook": Secret("s3cr3t-value-1")}})
    with pytest.raises(ApiError, match=r"the hook \(secret\) is gone"):
        await line.client.call(*READ)


async def test_a_secret_that_the_client_was_told_of_is_not_shown_either() -> None:
    line = Line()
    line.answers(error(400, f"no s3cr3t-value-1 for {TOKEN}, nor abc"))

    line.client.register_secret({"a": [Secret("s3cr3t-value-1"), Secret("abc"), Secret(known=False)]})
    with pytest.raises(ApiError, match=r"no \(secret\) for \(secret\), nor abc"):
        await line.client.call(*READ)


@pytest.mark.parametrize("name", ["Content-Type", "Content-Encoding"])
@pytest.mark.parametrize(("secret", "said"), [("s3cr3t-value-1", "(secret)"), ("abc", "withheld")])
async def test_a_secret_in_a_header_is_not_shown(name: str, secret: str, said: str) -> None:
    line = Line()
    line.answers(httpx.Response(200, content=b"{", headers={name: secret}))

    with pytest.raises(ApiError) as raised:
        await line.client.call(*PATCH[:2], {"configuration": {"hook": Secret(secret)}})
    assert said in str(raised.value)
    assert secret not in str(raised.value)


# Replies


async def test_unknown_fields_and_values_pass() -> None:
    line = Line()
    strange = INTEGRATION | {"visibility": "secretive", "new": {"a": [1, None]}, "scopes": ["space:fly"]}
    line.answers(ok(strange))

    assert (await line.client.call(*READ)).data == strange


@pytest.mark.parametrize("site", ["site_1", {"object": "site", "id": "site_1", "title": "Docs"}])
async def test_a_site_may_be_an_id_or_an_object(site: Any) -> None:
    line = Line()
    line.answers(ok(BINDING | {"site": site}))

    params = {"integrationName": "slack", "installationId": "i1", "siteId": "site_1"}
    assert (await line.client.call("getIntegrationSiteInstallation", params)).data["site"] == site


async def test_a_lone_half_of_a_character_passes() -> None:
    line = Line()
    line.answers(httpx.Response(200, content=b'{"name": "slack", "version": 1, "title": "\\ud83d"}'))

    assert (await line.client.call(*READ)).data["title"] == "\ud83d"


@pytest.mark.parametrize("answer", PLAIN, ids=range(len(PLAIN)))
async def test_a_reply_that_stays_wrong_is_said_to_be_wrong(answer: httpx.Response) -> None:
    line = Line()
    line.answers(answer)

    with pytest.raises(BadReply, match="getIntegrationByName integration/slack: the reply is"):
        await line.client.call(*READ)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
async def test_what_is_no_json_number_is_no_json(literal: str) -> None:
    line = Line()
    line.answers(httpx.Response(200, text=f'{{"name": "slack", "version": {literal}}}'))

    with pytest.raises(BadReply):
        await line.client.call(*READ)


async def test_a_deletion_answered_by_a_page_was_not_made() -> None:
    line = Line()
    line.answers(page(), httpx.Response(205))

    assert (await line.client.call(*DELETE)).status == 205
    assert len(line.sent) == 2


async def test_headers_that_matter_come_with_the_reply() -> None:
    line = Line()
    line.answers(ok(BINDING, 201, {"Location": f"{HOST}/there", "X-Other": "1"}))

    assert (await line.client.call(*POST)).headers == {"location": f"{HOST}/there"}


# Pages


def pair(number: int) -> dict[str, Any]:
    return {"integration": INTEGRATION, "installation": INSTALLATION | {"id": f"i{number}"}}


async def test_every_page_is_fetched_in_large_steps() -> None:
    line = Line()
    line.answers(ok({"items": [pair(1)], "next": {"page": "p2"}}), ok({"items": [pair(2)], "next": None}))

    found = [item async for item in line.client.items(*LIST)]

    assert found == [pair(1), pair(2)]
    assert [dict(request.url.params) for request in line.sent] == [
        {"limit": "1000"},
        {"limit": "1000", "page": "p2"},
    ]


async def test_overlapping_pages_give_each_item_once() -> None:
    line = Line()
    line.answers(ok({"items": [pair(1), pair(2)], "next": {"page": "p2"}}), ok({"items": [pair(2), pair(3)]}))

    assert [item async for item in line.client.items(*LIST)] == [pair(1), pair(2), pair(3)]


async def test_items_that_nothing_tells_apart_all_come() -> None:
    line = Line()
    script = {"script": "https://x.test/a.js", "cookies": False}
    line.answers(ok([script, script]))

    params = {"organizationId": ORGANIZATION, "siteId": "s"}
    found = [item async for item in line.client.items("listSiteIntegrationScripts", params)]
    assert found == [script, script]


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]], ids=str)
async def test_a_circle_of_pages_is_an_error(cursors: list[str]) -> None:
    line = Line()
    line.answers(*(ok({"items": [], "next": {"page": cursor}}) for cursor in cursors))

    with pytest.raises(BadReply, match="leads back"):
        [item async for item in line.client.items(*LIST)]
    assert len(line.sent) == len(cursors)


@pytest.mark.parametrize("following", [{}, {"page": ""}, {"page": None}, "p2", []], ids=str)
async def test_a_page_that_is_cut_short_is_no_end_of_the_list(following: Any) -> None:
    line = Line()
    line.answers(ok({"items": [], "next": following}))

    with pytest.raises(BadReply):
        [item async for item in line.client.items(*LIST)]


async def test_a_list_without_a_cursor_that_has_more_is_an_error() -> None:
    line = Line()
    line.answers(ok({"items": [], "next": {"page": "2"}}))

    params = {"organizationId": ORGANIZATION, "siteId": "s"}
    with pytest.raises(BadReply, match="more pages"):
        [item async for item in line.client.items("listSiteIntegrations", params)]
