"""Requests over the network with aiohttp: direct or through a proxy, on connections that stay open.

aiohttp speaks the protocol. Two decisions are ours: when a connection may be used again, and which failed
request was certainly not sent. It was not as long as there was no connection; from then on it may have been.
"""

from __future__ import annotations

import asyncio
import io
import select
import time
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from reconciler.gitbook.client.exchange import Incoming, Outgoing
from reconciler.gitbook.client.failures import lost, refused_by_proxy

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

    from reconciler.gitbook.client.proxy import Proxy
    from reconciler.gitbook.client.response import TransientError

IDLE = 4.0
"""A connection that was idle for more seconds is not used again: many servers close it after five."""
FRESH = 1.0
"""The same for a POST. If the server closes the connection at that moment, nobody knows whether it read the
POST, and it cannot be sent again. A new connection costs a round trip; an ambiguous create costs a person's
time.
"""
CONNECT = 10.0
"""Seconds to connect to one address of the host."""
EYEBALLS = 0.25
"""After so many seconds the host's next address is tried in parallel ("happy eyeballs", RFC 8305)."""
LARGE = 256 * 1024
"""A body of so many bytes or more is sent in pieces."""
MAX_HEADER = 64 * 1024
"""Bytes that one header may have."""

_outgoing: ContextVar[Outgoing] = ContextVar("outgoing")


class ConnectionBroken(Exception):
    """The connection ended while a request was on it. Its cause says how."""


class AiohttpExchange:
    """An `Exchange` with one host. Make, use and close it in one event loop."""

    failures: tuple[type[Exception], ...] = (aiohttp.ClientError, ConnectionBroken, OSError, ValueError)

    def __init__(self, host: str, *, proxy: Proxy | None, context: ssl.SSLContext, connections: int) -> None:
        self._host = host
        self._proxy = proxy
        self._context = context
        self._connections = connections
        self._open: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self, outgoing: Outgoing) -> AsyncIterator[Incoming]:
        """The reply to the request."""
        _outgoing.set(outgoing)
        response = await self._session().request(
            outgoing.method,
            URL(outgoing.url, encoded=True),
            data=_body(outgoing.content),
            headers=outgoing.headers,
            allow_redirects=False,
            proxy=self._proxy.url if self._proxy else None,
            proxy_headers=self._proxy.headers if self._proxy else None,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(outgoing.patience, CONNECT)),
        )
        try:
            refused = refused_by_proxy(response.status, self._proxy, self._host)
            if refused is not None:
                raise refused
            yield Incoming(response.status, _headers(response), response.content.iter_any())
        finally:
            # A body that was read to its end has given its connection back already. Any other closes it: the
            # rest of the body would be taken for the next reply.
            response.close()

    def lost(self, failure: Exception, outgoing: Outgoing) -> TransientError:
        """What a failure means."""
        return lost(failure, sent=outgoing.sent, host=self._host, proxy=self._proxy)

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._open is not None:
            await self._open.close()

    def _session(self) -> aiohttp.ClientSession:
        """The session. Made with the first request, because it belongs to the event loop that runs then."""
        if self._open is None:
            connector = Connector(
                limit=self._connections,
                ssl=self._context,
                keepalive_timeout=IDLE,
                happy_eyeballs_delay=EYEBALLS,
                resolver=aiohttp.ThreadedResolver(),
            )
            self._open = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_field_size=MAX_HEADER,
                middlewares=(_once,),
            )
        return self._open


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers by name in lower case. Several of one name are one value with commas (RFC 9110)."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _body(content: bytes | None) -> bytes | io.BytesIO | None:
    """The body for aiohttp. One of megabytes is sent in pieces, so that it does not block other requests."""
    return content if content is None or len(content) < LARGE else io.BytesIO(content)


class Connector(aiohttp.TCPConnector):
    """Hands out a used connection only when it is fresh, and the server has sent nothing on it since."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._idle_since: WeakKeyDictionary[ResponseHandler, float] = WeakKeyDictionary()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as aiohttp calls it
    ) -> Connection:
        """A connection for the request. From here on the request counts as sent."""
        outgoing = _outgoing.get()
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is not None and self._is_usable(protocol, outgoing.method):
                break
            connection.close()
        connection.add_callback(partial(self._becomes_idle, protocol))
        outgoing.sent = True
        return connection

    def _becomes_idle(self, protocol: ResponseHandler) -> None:
        """Called when the reply was read: from now on the server has no reason to send anything."""
        if protocol.transport is not None:
            protocol.transport.set_protocol(_IdleListener(protocol))
            self._idle_since[protocol] = time.monotonic()

    def _is_usable(self, protocol: ResponseHandler, method: str) -> bool:
        """Whether it is new, or was used a moment ago and the server has sent nothing on it since."""
        since, transport = self._idle_since.get(protocol), protocol.transport
        if since is None:
            return True
        longest = FRESH if method == "POST" else IDLE
        if transport is None or time.monotonic() - since > longest or not _is_quiet(transport):
            return False
        transport.set_protocol(protocol)
        return not protocol.should_close


class _IdleListener(asyncio.Protocol):
    """Listens to an idle connection, and closes it when anything arrives.

    aiohttp alone would take a reply that comes too early for the reply to the next request.
    """

    def __init__(self, protocol: ResponseHandler) -> None:
        self._protocol = protocol

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - whatever it is
        self._protocol.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def _is_quiet(transport: asyncio.Transport) -> bool:
    """Whether nothing has arrived that the event loop has not read yet: no bytes, and no close."""
    descriptor = transport.get_extra_info("socket").fileno()
    if descriptor < 0:
        return False
    if not hasattr(select, "poll"):  # Windows
        return not select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Sends the request once. aiohttp itself repeats some requests on a new connection, without telling us.

    It does so for errors that mean "the server hung up". `ConnectionBroken` is none of them.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionBroken from error
