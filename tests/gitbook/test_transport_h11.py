"""The transport on asyncio's streams, against servers that behave in every way a server may."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler.gitbook import transport_h11
from reconciler.gitbook.transport_h11 import StreamsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request on a connection with the next of its answers; hangs up after the last one."""

    def __init__(self, *connections: tuple[bytes, ...]) -> None:
        self._connections = list(connections)
        self.heard: list[bytes] = []
        self.reads: list[int] = []
        """How many requests came on each connection."""
        self.hung_up = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, answers = len(self.reads), self._connections.pop(0)
        self.reads.append(0)
        self.ended.clear()
        for answer in answers:
            heard = await reader.read(65536)
            if not heard:
                break
            self.heard.append(heard)
            self.reads[number] += 1
            writer.write(answer)
        writer.close()
        self.hung_up.set()
        if not self._connections:
            self.ended.set()


@asynccontextmanager
async def talking(*connections: tuple[bytes, ...]) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    """A server that will answer so, and a client of it over the transport."""
    handler = Server(*connections)
    listening = await asyncio.start_server(handler, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        async with httpx.AsyncClient(base_url=url, transport=StreamsTransport()) as client:
            yield handler, client
        await handler.ended.wait()


async def test_a_connection_is_used_again() -> None:
    async with talking((OK, OK, OK)) as (server, client):
        texts = [(await client.post("/x?y=1", content=b"body")).text for _ in range(3)]

    assert texts == ["ok"] * 3
    assert server.reads == [3]
    assert server.heard[0].startswith(b"POST /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert server.heard[0].endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(OK, id="it hangs up"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", id="it says so"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nok", id="the end is the end of the body"),
    ],
)
async def test_a_connection_that_the_server_has_ended_is_not_used_again(last: bytes) -> None:
    async with talking((OK, last), (OK,)) as (server, client):
        before = [(await client.get("/")).text for _ in range(2)]
        await server.hung_up.wait()
        await asyncio.sleep(0.01)
        after = (await client.get("/")).text

    assert (*before, after) == ("ok", "ok", "ok")
    assert server.reads == [2, 1]


async def test_a_connection_that_was_left_alone_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_h11, "IDLE", 0.0)
    async with talking((OK, OK), (OK,)) as (server, client):
        for _ in range(2):
            await client.get("/")

    assert len(server.reads) == 2


async def test_requests_at_a_time_have_connections_of_their_own() -> None:
    async with talking((OK,), (OK,), (OK,)) as (server, client):
        answers = await asyncio.gather(*(client.get("/") for _ in range(3)))

    assert [answer.text for answer in answers] == ["ok"] * 3
    assert server.reads == [1, 1, 1]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", ""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK, "ok"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
            % (len(gzip.compress(b"packed", mtime=0)), gzip.compress(b"packed", mtime=0)),
            "packed",
        ),
    ],
)
async def test_every_form_of_body_is_read(answer: bytes, text: str) -> None:
    async with talking((answer, OK)) as (server, client):
        first, second = await client.get("/"), await client.get("/")

    assert (first.text, second.text) == (text, "ok")
    assert server.reads == [2]


async def test_a_body_of_megabytes_is_read_whole() -> None:
    body = b"x" * 3_000_000
    async with talking((b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),)) as (
        _,
        client,
    ):
        answer = await client.get("/")

    assert answer.content == body


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 2"],
)
async def test_an_answer_that_is_none_is_httpxs_error(answer: bytes) -> None:
    async with talking((answer,), (OK,)) as (_, client):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/", content=b"once")
        again = await client.get("/")

    assert again.text == "ok"


async def test_a_reset_is_a_read_that_failed_and_not_a_connection_that_was_never_made() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.transport.abort()

    listening = await asyncio.start_server(reset, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, httpx.AsyncClient(transport=StreamsTransport()) as client:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await client.post(url, content=b"x" * 100_000)


async def test_nobody_there_is_a_connection_that_was_never_made() -> None:
    listening = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    listening.close()
    await listening.wait_closed()

    async with httpx.AsyncClient(transport=StreamsTransport()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_a_host_that_says_nothing_is_given_up_in_time() -> None:
    left = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        writer.close()
        left.set()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, httpx.AsyncClient(transport=StreamsTransport()) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.get(url)
        await left.wait()


async def test_an_answer_that_nobody_reads_to_its_end_takes_its_connection_along() -> None:
    async with talking((OK, OK), (OK,)) as (server, client):
        async with client.stream("GET", "/") as unread:
            assert unread.status_code == 200
        text = (await client.get("/")).text

    assert text == "ok"
    assert len(server.reads) == 2
