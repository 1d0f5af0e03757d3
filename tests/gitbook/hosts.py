"""Real servers on this machine that behave in every way a server may, and proxies in front of them."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path


@dataclass
class Talk:
    """One connection to a server, and the request that was just read from it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: Host
    method: str = ""
    target: str = ""
    length: int = 0
    """Of the body, which a normal server reads and some others do not."""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        with suppress(ConnectionError):
            await self.writer.drain()

    def reset(self) -> None:
        """Ends the connection so that the other side hears of a reset and not of an end."""
        made = self.writer.get_extra_info("socket")
        if made is not None:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def body(self) -> None:
        await self.reader.readexactly(self.length)


@dataclass
class Host:
    """A server: it does its acts one after the other, one for each request, and then answers as it should."""

    answer: Callable[[Talk], Awaitable[bool]]
    acts: list[Callable[[Talk], Awaitable[bool]]] = field(default_factory=list)
    greeting: list[Callable[[Talk], Awaitable[bool]]] = field(default_factory=list)
    """The same for connections, before anything is read from them."""
    requests: list[str] = field(default_factory=list)
    """Method and path of each request that was read."""
    connections: int = 0
    port: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by a test once it has read a reply: what is sent from then on was not asked for."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._talk(Talk(reader, writer, self))
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(Exception, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 0.5)
            writer.transport.abort()

    async def _talk(self, talk: Talk) -> None:
        if self.greeting and not await self.greeting.pop(0)(talk):
            return
        while head := (await talk.reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
            first, *lines = head.split("\r\n")
            talk.method, talk.target, _ = first.split(" ", 2)
            named = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            talk.length = int(named.get("content-length", 0))
            self.requests.append(f"{talk.method} {talk.target.partition('/v1')[2]}")
            act = self.acts.pop(0) if self.acts else self.answer
            if not await act(talk):
                return

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the loop closes what was aborted


@asynccontextmanager
async def hosting(host: Host, secured: ssl.SSLContext | None = None) -> AsyncIterator[Host]:
    """The server, listening on this machine."""
    server = await asyncio.start_server(host, "127.0.0.1", 0, ssl=secured)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        await host.stop()


class ConnectProxy:
    """A proxy that does CONNECT and nothing else; `refusal` is what it says instead, if anything."""

    def __init__(self, refusal: bytes = b"") -> None:
        self.refusal = refusal
        self.asked: list[bytes] = []
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head)
            if self.refusal:
                writer.write(self.refusal)
                return
            await self._tunnel(head.split(b" ")[1].decode(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(Exception, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 0.5)
            writer.transport.abort()

    async def _tunnel(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name, _, port = host.rpartition(":")
        try:
            far_reader, far_writer = await asyncio.open_connection(name, int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        ways = [
            asyncio.ensure_future(_pipe(reader, far_writer)),
            asyncio.ensure_future(_pipe(far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.close()
            for progress in ways:
                progress.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the loop closes what was aborted


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxying(
    proxy: ConnectProxy | None = None, secured: ssl.SSLContext | None = None
) -> AsyncIterator[ConnectProxy]:
    """The proxy, listening on this machine."""
    proxy = proxy or ConnectProxy()
    server = await asyncio.start_server(proxy, "127.0.0.1", 0, ssl=secured)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()


async def answering(talk: Talk) -> bool:
    """The reply to a read of an integration."""
    await talk.body()
    body = b'{"name":"slack","version":1}'
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    return True


@contextmanager
def serving(host: Host, secured: ssl.SSLContext | None = None, *proxies: ConnectProxy) -> Iterator[int]:
    """The port of a server in a thread of its own, beside proxies: the command has a loop of its own."""
    begun, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(hosting(host, secured))
            for proxy in proxies:
                await stack.enter_async_context(proxying(proxy))
            begun.set()
            await ended.wait()

    ended = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    begun.wait(10)
    try:
        yield host.port
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


@contextmanager
def tinyproxy(folder: Path) -> Iterator[int]:
    """Debian's tinyproxy, on a port of its own."""
    program = shutil.which("tinyproxy")
    if program is None:
        pytest.skip("tinyproxy is not installed")
    port = free_port()
    (folder / "tinyproxy.conf").write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 400\nLogLevel Critical\n"
        f'LogFile "{folder / "tinyproxy.log"}"\n'
    )
    command = [program, "-d", "-c", str(folder / "tinyproxy.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(port)
            yield port
        finally:
            running.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    msg = f"nobody listens on port {port}"
    raise RuntimeError(msg)
