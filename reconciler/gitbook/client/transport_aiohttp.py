"""Requests over the network, by aiohttp: direct and through proxies, on connections that are kept open.

aiohttp speaks the protocol. What is ours is when a connection may be used again, and the line between a
request that was never sent and one that perhaps was: that line is the moment at which a connection is there.
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
"""Seconds after which a connection is not used again: many servers hang up after five."""
FRESH = 1.0
"""The same for a POST, which cannot be sent again when the connection turns out to be dying."""
CONNECT = 10.0
"""Seconds for reaching one address of the host."""
EYEBALLS = 0.25
"""Seconds after which the host's next address is tried beside the one before."""
LARGE = 256 * 1024
"""Bytes of a body from which on it is sent in pieces."""
MAX_HEADER = 64 * 1024
"""Bytes of one header."""

_outgoing: ContextVar[Outgoing] = ContextVar("outgoing")


class Broken(Exception):
    """The connection ended while a request was on it; its cause says how."""


class AiohttpExchange:
    """An `Exchange` with one host. Has to be made, used and closed in one event loop."""

    failures: tuple[type[Exception], ...] = (aiohttp.ClientError, Broken, OSError, ValueError)

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
            # A body that was read to its end has given its connection back already; any other ends it.
            response.close()

    def lost(self, failure: Exception, outgoing: Outgoing) -> TransientError:
        """What a failure means."""
        return lost(failure, sent=outgoing.sent, host=self._host, proxy=self._proxy)

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._open is not None:
            await self._open.close()

    def _session(self) -> aiohttp.ClientSession:
        """Made with the first request: it belongs to the event loop that runs then."""
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
    """By names in lower case; what was sent under one name more than once is one value, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _body(content: bytes | None) -> bytes | io.BytesIO | None:
    """A body of megabytes goes in pieces, so that others are served meanwhile."""
    return content if content is None or len(content) < LARGE else io.BytesIO(content)


class Connector(aiohttp.TCPConnector):
    """Hands out a connection that was used before only where nothing speaks against it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left: WeakKeyDictionary[ResponseHandler, float] = WeakKeyDictionary()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as aiohttp calls it
    ) -> Connection:
        """A connection for the request, which counts as sent from now on."""
        outgoing = _outgoing.get()
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is not None and self._may_take(protocol, outgoing.method):
                break
            connection.close()
        connection.add_callback(partial(self._leave, protocol))
        outgoing.sent = True
        return connection

    def _leave(self, protocol: ResponseHandler) -> None:
        """The reply was read: from now on nobody has asked for anything."""
        if protocol.transport is not None:
            protocol.transport.set_protocol(_Unasked(protocol))
            self._left[protocol] = time.monotonic()

    def _may_take(self, protocol: ResponseHandler, method: str) -> bool:
        """Whether it is new, or was used a moment ago and nobody has sent anything on it since."""
        left, transport = self._left.get(protocol), protocol.transport
        if left is None:
            return True
        longest = FRESH if method == "POST" else IDLE
        if transport is None or time.monotonic() - left > longest or not _is_quiet(transport):
            return False
        transport.set_protocol(protocol)
        return not protocol.should_close


class _Unasked(asyncio.Protocol):
    """Listens to a connection while it is idle: whatever comes on it then ends it.

    aiohttp alone would take a reply that came too early for the reply to the next request.
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
    """Whether nothing has arrived that the event loop has not read yet: bytes, or the connection's end."""
    descriptor = transport.get_extra_info("socket").fileno()
    if descriptor < 0:
        return False
    if not hasattr(select, "poll"):  # Windows
        return not select.select([descriptor], [], [], 0)[0]
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return not poll.poll(0)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Sends the request once: aiohttp itself would send some a second time, unseen and without a pause."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Broken from error
