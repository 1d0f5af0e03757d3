"""HTTP/1.1 on asyncio's own streams, behind httpx's interface: a third of the CPU time of its own transport.

h11 reads and writes the protocol here as it does there; what is left out is the generality around it.
`docs/performance.md` has the numbers. Proxies are left to httpx itself.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h11
import httpx

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator

IDLE = 5.0
"""Seconds after which a connection is not used again: the server may be about to hang up."""
EYEBALLS = 0.25
"""Seconds after which the host's next address is tried beside the one before."""
CHUNK = 64 * 1024
MAX_HEAD = 100 * 1024
"""Bytes of status line and headers."""


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection: where bytes come from and go to, and how far the protocol is."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    state: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT, MAX_HEAD))
    idle_since: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether it may take another request: the server has not hung up, and used it a moment ago."""
        gone = self.reader.at_eof() or self.writer.is_closing()
        return not gone and time.monotonic() - self.idle_since < IDLE

    def write(self, request: httpx.Request) -> None:
        """The whole request at once: one packet where it fits."""
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        events = (head, h11.Data(request.content), h11.EndOfMessage())
        self.writer.write(b"".join(self.state.send(event) or b"" for event in events))

    async def event(self) -> h11.Event:
        """What comes next."""
        while (event := self.state.next_event()) is h11.NEED_DATA:
            self.state.receive_data(await self.reader.read(CHUNK))
        assert not isinstance(event, type), "the answer is read in turn"  # noqa: S101
        return event

    async def head(self) -> h11.Response:
        """Status and headers; what a server says before them is passed over."""
        while not isinstance(event := await self.event(), h11.Response):
            pass
        return event

    def close(self) -> None:
        """Ends it at once, whatever is on the way."""
        self.writer.transport.abort()


@dataclass(slots=True)
class _Body(httpx.AsyncByteStream):
    """The body of an answer; read to its end, it gives its connection back."""

    connection: _Connection
    idle: list[_Connection]
    ended: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            while not self.ended:
                event = await self.connection.event()
                if isinstance(event, h11.Data):
                    yield bytes(event.data)
                else:
                    self._end()

    def _end(self) -> None:
        self.ended, state = True, self.connection.state
        if state.our_state is not h11.DONE or state.their_state is not h11.DONE:
            self.connection.close()
            return
        state.start_next_cycle()
        self.connection.idle_since = time.monotonic()
        self.idle.append(self.connection)

    async def aclose(self) -> None:
        if not self.ended:
            self.ended = True
            self.connection.close()


class StreamsTransport(httpx.AsyncBaseTransport):
    """Connections to one host. How many there are at a time is up to whoever sends."""

    def __init__(self) -> None:
        self._idle: list[_Connection] = []
        self._context: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still on the way. Raises what httpx raises."""
        await request.aread()
        connection = await self._connection(request)
        try:
            with _as_httpx():
                connection.write(request)
                head = await connection.head()
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            head.status_code, headers=list(head.headers), stream=_Body(connection, self._idle)
        )

    async def aclose(self) -> None:
        """Closes what is open."""
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)  # the loop closes the sockets

    async def _connection(self, request: httpx.Request) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        patience = request.extensions.get("timeout", {}).get("connect")
        try:
            async with asyncio.timeout(patience):
                return await self._opened(request.url)
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time", request=request) from error
        except OSError as error:
            raise httpx.ConnectError(str(error), request=request) from error

    async def _opened(self, url: httpx.URL) -> _Connection:
        secured = url.scheme == "https"
        if secured and self._context is None:
            self._context = httpx.create_ssl_context()
        port = url.port or (443 if secured else 80)
        reader, writer = await asyncio.open_connection(
            url.raw_host.decode("ascii"),
            port,
            ssl=self._context if secured else None,
            happy_eyeballs_delay=EYEBALLS,
        )
        return _Connection(reader, writer)


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Gives what breaks on the way httpx's own names."""
    try:
        yield
    except h11.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except h11.LocalProtocolError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except OSError as error:
        raise httpx.ReadError(str(error)) from error
