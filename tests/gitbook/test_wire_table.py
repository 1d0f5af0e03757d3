"""What must come of a request, for every way in which a server may behave: direct, over TLS, through proxies.

A failure is one of two things. Either nothing was sent, and then everything may be tried again, a POST too.
Or it was perhaps carried out: then a read and a DELETE are tried again, a PATCH goes back to who built it,
and a POST has reached the server once at the most.
"""

from __future__ import annotations

import asyncio
import shutil
import ssl
import time
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.clock import SystemClock
from reconciler.errors import AccessError, Ambiguous, ApiError, BadReply, GbsyncError, TryAgain
from reconciler.gitbook.client import transport_aiohttp
from reconciler.gitbook.client.client import Client
from reconciler.resources.values import Secret
from tests.gitbook.authority import Authority
from tests.gitbook.hosts import Host, Talk, free_port, hosting, proxying, tinyproxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

OBJECT = {"integrationName": "slack", "installationId": "i1"}
GET = ("getIntegrationInstallationById", OBJECT)
PATCH = ("updateIntegrationInstallation", OBJECT, {"configuration": {"channel": "C1"}})
POST = ("installIntegrationOnSite", OBJECT, {"siteId": "site_1"})
DELETE = ("uninstallIntegration", OBJECT)
CALLS = {"GET": GET, "PATCH": PATCH, "POST": POST, "DELETE": DELETE}
BULKY = {
    "PATCH": (*PATCH[:2], {"configuration": {"channel": "C" * 4_000_000}}),
    "POST": ("publishIntegration", {"integrationName": "slack"}, {"script": "x" * 4_000_000}),
}
ROUTES = ("plain", "TLS", "CONNECT", "tinyproxy")
PROXIED = "tinyproxy" if shutil.which("tinyproxy") else "CONNECT"
REST = 0.1
"""Seconds in which what a server sends unasked comes through every proxy."""
BODY = b'{"id":"i1","site":"site_1","status":"active","configuration":{"channel":"C1"},"externalIds":[]}'


class Hasty(SystemClock):
    """The time of this machine, but nobody waits before the next attempt."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.001))


def reply(body: bytes = BODY, status: str = "200 OK", version: str = "HTTP/1.1", *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers or (f"Content-Length: {len(body)}",))
    return f"{version} {status}\r\n{lines}\r\n".encode() + body


async def right(talk: Talk) -> bool:
    await talk.body()
    await talk.send(reply(b"", "205 Reset Content") if talk.method == "DELETE" else reply())
    return True


# What a server does with a request


def says(data: bytes, *, goes_on: bool = False) -> Callable[[Talk], Awaitable[bool]]:
    """Reads the request, sends these bytes, and then perhaps hangs up."""

    async def act(talk: Talk) -> bool:
        await talk.body()
        await talk.send(data)
        return goes_on

    return act


def says_before(data: bytes) -> Callable[[Talk], Awaitable[bool]]:
    """Sends these bytes before what it should."""

    async def act(talk: Talk) -> bool:
        await talk.send(data)
        return await right(talk)

    return act


def pushes(data: bytes, *, late: bool = True, goes_on: bool = True) -> Callable[[Talk], Awaitable[bool]]:
    """Answers as it should and sends more, that nobody has asked for."""

    async def act(talk: Talk) -> bool:
        if not late:
            await talk.body()
            await talk.send(reply() + data)
            return True
        await right(talk)
        await talk.host.idle.wait()
        await talk.send(data)
        return goes_on

    return act


async def silence(talk: Talk) -> bool:
    await talk.reader.read()
    return False


async def reset(talk: Talk) -> bool:
    await talk.body()
    talk.reset()
    return False


async def hang_up(talk: Talk) -> bool:
    await talk.body()
    return False


async def answer_then_hang_up(talk: Talk) -> bool:
    await right(talk)
    await talk.host.idle.wait()
    return False


def refuses_early(status: str) -> Callable[[Talk], Awaitable[bool]]:
    """Answers before the body has come, and reads the rest only to throw it away."""

    async def act(talk: Talk) -> bool:
        await talk.send(reply(b"{}", status, "HTTP/1.1", "Content-Length: 2", "Connection: close"))
        await talk.body()
        return False

    return act


def refuses_rudely(status: str) -> Callable[[Talk], Awaitable[bool]]:
    """Answers before the body has come and hangs up at once, so that its answer may get lost."""

    async def act(talk: Talk) -> bool:
        await talk.send(reply(b"{}", status))
        return False

    return act


async def reset_at_once(talk: Talk) -> bool:
    talk.reset()
    return False


async def hang_up_at_once(talk: Talk) -> bool:
    return False


async def alert(talk: Talk) -> bool:
    """A server that has nothing in common with the client ends the handshake so."""
    await talk.reader.read(1)
    await talk.send(b"\x15\x03\x03\x00\x02\x02\x28")
    return False


BARE = "bare"
"""For a server that does not speak TLS though the client does."""

# What must come of it


@dataclass(frozen=True)
class Case:
    """A behaviour, and what it means for whoever sent the request."""

    means: str
    """`done`; `perhaps` carried out; `garbled`: a success that cannot be read."""
    acts: tuple[Any, ...] = ()
    greeting: tuple[Any, ...] = ()
    primed: bool = False
    """Whether the connection has served a request before, which the first act then answers."""
    anew: bool = False
    """Whether the request has to go on another connection than the one before."""


NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
CASES = {
    "it answers": Case("done"),
    "it answers on a connection that was used before": Case("done", (right,), primed=True),
    "it is silent": Case("perhaps", (silence,)),
    "it resets the connection before it reads": Case("perhaps", greeting=(reset_at_once,)),
    "it hangs up before it reads": Case("perhaps", greeting=(hang_up_at_once,)),
    "it resets the connection after it has read": Case("perhaps", (reset,)),
    "it hangs up after it has read": Case("perhaps", (hang_up,)),
    "it hung up while the connection was idle": Case("done", (answer_then_hang_up,), primed=True, anew=True),
    "it hangs up as the next request comes": Case("perhaps", (right, hang_up), primed=True),
    "it resets as the next request comes": Case("perhaps", (right, reset), primed=True),
    "it says that it closes": Case(
        "done",
        (says(reply(BODY, "200 OK", "HTTP/1.1", f"Content-Length: {len(BODY)}", "Connection: close")),),
        primed=True,
        anew=True,
    ),
    "it pushes a 204 while the connection is idle": Case(
        "done", (pushes(NO_CONTENT),), primed=True, anew=True
    ),
    "it pushes a 204 with its reply": Case("done", (pushes(NO_CONTENT, late=False),), primed=True, anew=True),
    "it pushes a whole reply of another": Case(
        "done", (pushes(reply(b'{"id":"i2"}')),), primed=True, anew=True
    ),
    "it pushes half a reply": Case("done", (pushes(b"HTTP/1.1 200 OK\r\nContent-"),), primed=True, anew=True),
    "it pushes half a reply with its reply": Case(
        "done", (pushes(b"HTTP/1.1 200 OK\r\nContent-", late=False),), primed=True
    ),
    "it pushes one line end with its reply": Case("done", (pushes(b"\r\n", late=False),), primed=True),
    "it pushes one line end": Case("done", (pushes(b"\r\n"),), primed=True, anew=True),
    "it pushes noise": Case("done", (pushes(b"\x00\xff noise"),), primed=True, anew=True),
    "it pushes a 408 and hangs up, as balancers do": Case(
        "done", (pushes(reply(b"", "408 Request Timeout"), goes_on=False),), primed=True, anew=True
    ),
    "it cuts the head": Case("perhaps", (says(b"HTTP/1.1 200 OK\r\nContent-Le"),)),
    "it cuts the status line": Case("perhaps", (says(b"HTTP/1."),)),
    "it cuts the body": Case("perhaps", (says(reply(BODY, "200 OK", "HTTP/1.1", "Content-Length: 500")),)),
    "it cuts a chunk": Case(
        "perhaps", (says(reply(b"40\r\n" + BODY[:20], "200 OK", "HTTP/1.1", "Transfer-Encoding: chunked")),)
    ),
    "it leaves out the last chunk": Case(
        "perhaps",
        (
            says(
                reply(b"%x\r\n%s\r\n" % (len(BODY), BODY), "200 OK", "HTTP/1.1", "Transfer-Encoding: chunked")
            ),
        ),
    ),
    "it speaks something else": Case("perhaps", (says(b"SSH-2.0-OpenSSH_9.2\r\n"),)),
    "it says too short a length": Case(
        "garbled", (says(reply(BODY, "200 OK", "HTTP/1.1", "Content-Length: 20"), goes_on=True),)
    ),
    "it says two lengths": Case(
        "perhaps", (says(reply(BODY, "200 OK", "HTTP/1.1", "Content-Length: 5", "Content-Length: 95")),)
    ),
    "it says a negative length": Case(
        "perhaps", (says(reply(BODY, "200 OK", "HTTP/1.1", "Content-Length: -1")),)
    ),
    "it says 100 first": Case("done", (says_before(b"HTTP/1.1 100 Continue\r\n\r\n"),)),
    "it says 102 and 103 first": Case(
        "done",
        (says_before(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),),
    ),
    "it speaks HTTP/1.0 and its end is the body's": Case(
        "done", (says(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),), primed=True, anew=True
    ),
    "it speaks HTTP/1.0 and keeps the connection": Case(
        "done",
        (
            says(
                reply(BODY, "200 OK", "HTTP/1.0", f"Content-Length: {len(BODY)}", "Connection: keep-alive"),
                goes_on=True,
            ),
        ),
        primed=True,
    ),
}


@dataclass(frozen=True)
class Ways:
    """How a server may be reached in these tests."""

    authority: Authority
    tinyproxy: Callable[[], int]

    @asynccontextmanager
    async def client(
        self, route: str, host: Host, secured: ssl.SSLContext | str = "", **options: Any
    ) -> AsyncIterator[Client]:
        """A client of the server over one of the routes."""
        async with AsyncExitStack() as stack:
            context = secured if isinstance(secured, ssl.SSLContext) else self.authority.good()
            bare = route == "plain" or secured == BARE
            await stack.enter_async_context(hosting(host, None if bare else context))
            environ = {"SSL_CERT_FILE": str(self.authority.file)}
            if route == "CONNECT":
                port = (await stack.enter_async_context(proxying())).port
                environ["HTTPS_PROXY"] = f"http://127.0.0.1:{port}"
            elif route == "CONNECT over TLS":
                port = (await stack.enter_async_context(proxying(None, self.authority.good()))).port
                environ["HTTPS_PROXY"] = f"https://127.0.0.1:{port}"
            elif route == "tinyproxy":
                environ["HTTPS_PROXY"] = f"http://127.0.0.1:{self.tinyproxy()}"
            given = {"timeout": 8, "clock": Hasty(), "seed": 1, **options}
            endpoint = f"{'http' if route == 'plain' else 'https'}://localhost:{host.port}"
            client = Client(endpoint=endpoint, token=Secret("t0ken"), environ=environ, **given)
            yield await stack.enter_async_context(client)


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    folder = tmp_path_factory.mktemp("ways")
    with ExitStack() as stack:
        yield Ways(Authority(folder), cache(lambda: stack.enter_context(tinyproxy(folder))))


async def outcome(client: Client, call: Any) -> tuple[str, Any]:
    try:
        made = await client.call(*call)
    except GbsyncError as error:
        return type(error).__name__, str(error)
    return "done", made.data


EXPECTED = {
    ("done", "GET"): ("done", 1),
    ("done", "PATCH"): ("done", 1),
    ("done", "POST"): ("done", 1),
    ("done", "DELETE"): ("done", 1),
    ("perhaps", "GET"): ("done", 2),
    ("perhaps", "PATCH"): ("TryAgain", 1),
    ("perhaps", "POST"): ("Ambiguous", 1),
    ("perhaps", "DELETE"): ("done", 2),
    ("garbled", "GET"): ("done", 2),
    ("garbled", "PATCH"): ("TryAgain", 1),
    ("garbled", "POST"): ("Ambiguous", 1),
    ("garbled", "DELETE"): ("done", 2),
}
"""What the caller hears, and how often the request was sent."""


@pytest.mark.parametrize("route", ["plain", PROXIED])
@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("name", CASES)
async def test_the_table(route: str, method: str, name: str, ways: Ways) -> None:
    case = CASES[name]
    host = Host(right, list(case.acts), list(case.greeting))
    patience = 1.0 if case.acts == (silence,) else 8.0
    async with ways.client(route, host, timeout=patience) as client:
        if case.primed:
            assert (await outcome(client, GET))[0] == "done"
            host.idle.set()
            await asyncio.sleep(REST if case.anew else 0)
        before, connections = len(host.requests), host.connections
        heard, told = await outcome(client, CALLS[method])
    expected, sent = EXPECTED[case.means, method]
    unread = 1 if case.greeting else 0

    assert heard == expected, told
    assert len(host.requests) - before == sent - unread
    assert {line.split(" ")[0] for line in host.requests[before:]} <= {method}
    assert heard != "done" or method == "DELETE" or told["id"] == "i1"
    assert not case.anew or host.connections > connections


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", BULKY)
@pytest.mark.parametrize(
    ("status", "error"), [("401 Unauthorized", AccessError), ("413 Content Too Large", ApiError)]
)
async def test_a_refusal_that_comes_before_the_body_is_whole_is_heard(
    route: str, method: str, status: str, error: type[GbsyncError], ways: Ways
) -> None:
    host = Host(right, [refuses_early(status)])
    async with ways.client(route, host) as client:
        with pytest.raises(error, match=status[:3]):
            await client.call(*BULKY[method])
        assert (await outcome(client, GET))[0] == "done"

    assert len(host.requests) == 2


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", BULKY)
async def test_a_refusal_that_may_be_lost_with_its_connection_is_never_taken_for_a_success(
    route: str, method: str, ways: Ways
) -> None:
    host = Host(right, [refuses_rudely("413 Content Too Large")])
    async with ways.client(route, host) as client:
        with pytest.raises((ApiError, TryAgain, Ambiguous)):
            await client.call(*BULKY[method])

    assert len(host.requests) == 1


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", CALLS)
async def test_where_nobody_listens_nothing_was_sent(route: str, method: str, ways: Ways) -> None:
    async with ways.client(route, Host(right)) as client:
        # Where the server is gone, and the proxy is not.
        client._wire._base = f"{client._wire._base.rpartition(':')[0]}:{free_port()}/v1"
        heard, told = await outcome(client, CALLS[method])

    assert heard == ("TryAgain" if method == "PATCH" else "Unavailable")
    assert "nobody listens" in told or "does not connect" in told


@pytest.mark.parametrize(("answered", "attempts"), [(False, 2), (True, 5)])
async def test_a_proxy_that_is_not_running_is_waited_for_only_if_it_worked_before(
    *, answered: bool, attempts: int, ways: Ways
) -> None:
    async with ways.client("CONNECT", Host(right)) as client:
        if answered:
            assert (await outcome(client, GET))[0] == "done"
        exchange: Any = client._wire._exchange
        exchange._proxy = replace(exchange._proxy, url=f"http://127.0.0.1:{free_port()}")
        error, message = await outcome(client, GET)

    assert error == "Unavailable"
    assert "where nobody listens; look at HTTPS_PROXY" in message
    assert message.endswith(f"gave up after {attempts} attempts")


@pytest.mark.parametrize("route", ROUTES[1:])
@pytest.mark.parametrize("method", CALLS)
async def test_an_alert_during_the_handshake_means_that_nothing_was_sent(
    route: str, method: str, ways: Ways
) -> None:
    host = Host(right, greeting=[alert] * 20)
    async with ways.client(route, host, BARE) as client:
        heard, told = await outcome(client, CALLS[method])

    assert heard == ("TryAgain" if method == "PATCH" else "Unavailable")
    assert "TLS could not be set up (sslv3 alert handshake failure)" in told
    assert not host.requests


@pytest.mark.parametrize("route", ROUTES[1:])
@pytest.mark.parametrize("method", CALLS)
async def test_an_alert_after_the_handshake_leaves_open_what_was_done(
    route: str, method: str, ways: Ways
) -> None:
    """TLS 1.3: the client is done before the server has seen that it shows no certificate of its own."""
    host = Host(right)
    asking = ways.authority.good()
    asking.minimum_version = ssl.TLSVersion.TLSv1_3
    asking.verify_mode = ssl.CERT_REQUIRED
    async with ways.client(route, host, asking) as client:
        heard, _ = await outcome(client, CALLS[method])

    assert heard == {"PATCH": "TryAgain", "POST": "Ambiguous"}.get(method, "Unavailable")
    assert not host.requests


async def test_a_post_is_not_sent_on_a_connection_that_may_be_dying_and_a_read_is(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_aiohttp, "FRESH", 0.05)
    host = Host(right)
    async with ways.client("plain", host) as client:
        await client.call(*GET)
        await asyncio.sleep(0.1)
        await client.call(*GET)
        reused = host.connections
        await asyncio.sleep(0.1)
        await client.call(*POST)

    assert (reused, host.connections) == (1, 2)


async def test_no_connection_is_used_after_it_was_idle_for_long(
    ways: Ways, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_aiohttp, "IDLE", 0.05)
    host = Host(right)
    async with ways.client("plain", host) as client:
        await client.call(*GET)
        await asyncio.sleep(0.1)
        await client.call(*GET)

    assert host.connections == 2


@pytest.mark.parametrize("route", ROUTES)
async def test_a_hundred_at_a_time_means_a_hundred_connections_that_are_kept(route: str, ways: Ways) -> None:
    together = asyncio.Barrier(100)

    async def meet(talk: Talk) -> bool:
        await together.wait()
        return await right(talk)

    room = (
        f"Content-Length: {len(BODY)}",
        "X-RateLimit-Limit: 5000",
        "X-RateLimit-Remaining: 4999",
        f"X-RateLimit-Reset: {int(time.time()) + 600}",
    )
    announced = says(reply(BODY, "200 OK", "HTTP/1.1", *room), goes_on=True)
    host = Host(right, [announced, *[meet] * 200])
    async with ways.client(route, host, concurrency=100, timeout=60) as client:
        await client.call(*GET)  # a run begins with one request alone, and its reply says that there is room
        for _ in range(2):
            await asyncio.gather(*(client.call(*GET) for _ in range(100)))

    assert (len(host.requests), host.connections) == (201, 100)


@pytest.mark.parametrize("route", ROUTES)
async def test_no_redirect_is_followed_and_no_cookie_is_kept(route: str, ways: Ways) -> None:
    host = Host(right)
    moved = ("Content-Length: 0", "Location: /v1/elsewhere", "Set-Cookie: a=b")
    host.acts = [says(reply(b"", "307 Temporary Redirect", "HTTP/1.1", *moved), goes_on=True)]
    async with ways.client(route, host) as client:
        with pytest.raises(BadReply, match="redirect"):
            await client.call(*GET)

    assert len(host.requests) == 1


@pytest.mark.parametrize("method", CALLS)
async def test_a_proxy_may_itself_be_reached_over_tls(method: str, ways: Ways) -> None:
    host = Host(right)
    async with ways.client("CONNECT over TLS", host) as client:
        heard, told = await outcome(client, CALLS[method])

    assert heard == "done", told
    assert len(host.requests) == 1
