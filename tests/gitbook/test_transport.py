"""What may never leave: the token goes to one host, into no log and no error; what comes in is bounded."""

from __future__ import annotations

import ast
import asyncio
import copy
import gzip
import logging
import pickle
import re
import shutil
import socket
import ssl
import subprocess
import traceback
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from reconciler.errors import AccessError, ApiError, BadReply, GbsyncError, Unavailable
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.client.transport import MAX_BYTES
from reconciler.resources.values import Secret
from tests.gitbook.wire import (
    DELETE,
    HOST,
    INTEGRATION,
    LIST,
    PATCH,
    PATCH_OTHER,
    POST,
    PUT,
    READ,
    TOKEN,
    Line,
    error,
    ok,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKAGE = Path(__file__).resolve().parents[2] / "reconciler"
ELSEWHERE = "https://evil.test/v1/integrations/slack"


class Stream(httpx.AsyncByteStream):
    """A body that is made as it is read, and counts how much was read."""

    def __init__(self, chunk: bytes, times: int) -> None:
        self.chunk = chunk
        self.times = times
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.times):
            self.read += 1
            yield self.chunk


async def caught(line: Line, call: Any) -> GbsyncError:
    with pytest.raises(GbsyncError) as raised:
        await line.client.call(*call)
    return raised.value


# Where the token goes


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [READ, DELETE, PUT, PATCH, PATCH_OTHER, POST], ids=lambda call: call[0])
@pytest.mark.parametrize("location", [ELSEWHERE, "http://gitbook.test/v1/x", "/v1/other"])
async def test_a_redirect_is_not_followed(status: int, call: Any, location: str) -> None:
    line = Line()
    line.answers(httpx.Response(status, headers={"Location": location}))

    raised = await caught(line, call)

    assert {request.url.host for request in line.sent} == {"gitbook.test"}
    assert len(line.sent) == 1
    assert "redirect" in str(raised)
    assert "evil" not in str(raised)


async def test_a_next_page_that_is_a_url_is_a_cursor_like_any_other() -> None:
    line = Line()
    line.answers(
        ok({"items": [], "next": {"page": "https://evil.test/steal?x=1&y=2"}}),
        ok({"items": [], "next": None}),
    )

    assert [item async for item in line.client.items(*LIST)] == []
    assert {request.url.host for request in line.sent} == {"gitbook.test"}
    assert line.sent[1].url.params["page"] == "https://evil.test/steal?x=1&y=2"


async def test_a_proxy_is_not_told_what_goes_to_this_machine_in_clear() -> None:
    asked: list[bytes] = []
    async with listening(asked, b"") as port:
        environ = {"HTTP_PROXY": f"http://127.0.0.1:{port}", "ALL_PROXY": f"http://127.0.0.1:{port}"}
        endpoint = "http://127.0.0.1:9"
        async with Client(endpoint=endpoint, token=Secret(TOKEN), timeout=0.5, environ=environ) as client:
            with pytest.raises(Unavailable):
                await client.call(*READ)

    assert not asked


async def test_a_proxy_of_the_environment_is_asked_to_tunnel_and_never_sees_the_token() -> None:
    asked: list[bytes] = []
    async with listening(asked, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as port:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        async with Client(endpoint=HOST, token=Secret(TOKEN), timeout=1, environ=environ) as client:
            with pytest.raises(Unavailable, match=r"the proxy .* of HTTPS_PROXY does not connect .*502"):
                await client.call(*POST)

    assert asked[0].startswith(b"CONNECT gitbook.test:443 ")
    assert not any(TOKEN.encode() in request for request in asked)


@asynccontextmanager
async def listening(asked: list[bytes], answer: bytes, **options: Any) -> AsyncIterator[int]:
    """A server that keeps what it is sent and answers the same to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(65536))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **options)
    async with server:
        yield server.sockets[0].getsockname()[1]


# Certificates


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of nobody's, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(
        [openssl, *made, *names, "-keyout", f"{path}.key", "-out", str(path)], check=True, capture_output=True
    )
    return path


def secured(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    return context


BODY = b'{"name":"slack","version":1}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_the_token_is_sent(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    asked: list[bytes] = []
    async with listening(asked, ANSWER, ssl=secured(certificate)) as port:
        client = Client(endpoint=f"https://localhost:{port}", token=Secret(TOKEN), timeout=5)
        async with client:
            with pytest.raises(Unavailable, match=r"certificate is self-signed.*SSL_CERT_FILE"):
                await client.call(*READ)

    assert client.requests == 1
    assert not any(asked)


async def test_a_certificate_that_the_environment_vouches_for_is_trusted(certificate: Path) -> None:
    asked: list[bytes] = []
    environ = {"SSL_CERT_FILE": str(certificate)}
    async with listening(asked, ANSWER, ssl=secured(certificate)) as port:
        endpoint = f"https://localhost:{port}"
        async with Client(endpoint=endpoint, token=Secret(TOKEN), timeout=5, environ=environ) as client:
            reply = await client.call(*READ)

    assert reply.data["name"] == "slack"


def test_nothing_in_the_code_can_switch_verification_off() -> None:
    off = [
        f"{path.name}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.keyword) and node.arg == "verify")
        or (
            isinstance(node, ast.Attribute)
            and node.attr in {"CERT_NONE", "_create_unverified_context", "check_hostname", "verify_mode"}
        )
    ]

    assert not off


# What is told


async def test_the_token_is_in_no_log_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "asyncio", "aiohttp.client", "aiohttp.internal", "gbsync"):
        caplog.set_level(logging.DEBUG, logger=name)
    asyncio.get_running_loop().set_debug(True)
    asked: list[bytes] = []
    async with listening(asked, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}") as port:
        client = Client(endpoint=f"http://127.0.0.1:{port}", token=Secret(TOKEN), timeout=5)
        async with client:
            with pytest.raises(AccessError):
                await client.call(*PATCH[:2], {"configuration": {"key": Secret("s3cr3t-value")}})

    assert TOKEN.encode() in asked[0]
    assert b"s3cr3t-value" in asked[0]
    assert caplog.records
    for record in caplog.records:
        assert TOKEN not in record.getMessage() + repr(record.args)
        assert "s3cr3t-value" not in record.getMessage() + repr(record.args)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        error(401),
        error(500, f"token {TOKEN} is not known"),
        error(400, f"token {TOKEN} is not known"),
        httpx.Response(200, text="no"),
        httpx.Response(302, headers={"Location": "/"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("call", [READ, PATCH, POST], ids=lambda call: call[0])
async def test_the_token_is_in_no_error(answer: Any, call: Any) -> None:
    line = Line()
    line.answers(answer)

    raised = await caught(line, call)

    told = [str(raised), repr(raised), repr(vars(raised)), "".join(traceback.format_exception(raised))]
    assert TOKEN not in "".join(told)
    assert not any(isinstance(item, httpx.HTTPError) for item in chain(raised))


def chain(raised: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while raised is not None and raised not in found:
        found.append(raised)
        raised = raised.__cause__ or raised.__context__
    return found


async def test_the_token_is_in_no_event_and_no_repr() -> None:
    line = Line()
    line.answers(error(500, f"token {TOKEN} is not known"), ok(INTEGRATION))
    await line.client.call(*READ)

    assert TOKEN not in repr(line.events) + repr(line.client)
    assert repr(line.client) == f"Client({HOST})"


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "h\xe4", "a\x00b", "tab\t"])
def test_what_cannot_be_a_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(AccessError) as raised:
        Client(endpoint=HOST, token=Secret(token))

    assert not token or token not in str(raised.value)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("held", [lambda: Secret("shh"), lambda: {"a": [Secret("shh", weak=True)]}])
def test_a_secret_cannot_be_copied_out_of_the_process(copied: Any, held: Any) -> None:
    with pytest.raises(TypeError, match="a secret cannot be pickled"):
        copied(held() if copied is not copy.copy else Secret("shh"))


SECRETS = [
    ("s3cr3t-value", "value s3cr3t-value is bad", "value (secret) is bad"),
    ('with "quotes"', r"bad \"with \\\"quotes\\\"\"", None),
    ("p&ss<word>1", "bad p&amp;ss&lt;word&gt;1", "bad (secret)"),
    ("a b/c d/e f", "bad a%20b/c%20d/e%20f", "bad (secret)"),
    ("first\nsecond-line", "bad first second-line", "bad (secret)"),
    ("s3cr3t-value-that-is-long", "bad s3cr3t-value-th...", "withheld"),
    ("short", "value short is bad", "withheld"),
    (12345678, "bad 12345678", "bad (secret)"),
    ({"deep": ["s3cr3t-value", None, True]}, "bad s3cr3t-value", "bad (secret)"),
]


@pytest.mark.parametrize(("secret", "message", "shown"), SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("status", [400, 500])
async def test_a_secret_that_was_sent_is_cut_out_of_what_the_server_says(
    secret: Any, message: str, shown: str | None, status: int
) -> None:
    line = Line()
    line.answers(error(status, message))

    raised = await caught(line, (*PATCH[:2], {"configuration": {"key": Secret(secret)}}))

    assert shown is None or shown in str(raised)
    assert str(secret) not in str(raised)
    assert "quotes" not in str(raised)
    assert str(secret) not in repr(line.events)


async def test_a_message_to_a_request_without_secrets_is_shown_whole() -> None:
    line = Line()
    line.answers(error(400, "short words stay"))

    assert "short words stay" in str(await caught(line, PATCH))


# What comes in


@pytest.mark.parametrize("call", [READ, PUT, DELETE], ids=lambda call: call[0])
async def test_a_huge_reply_ends_in_an_error_before_it_is_read(call: Any) -> None:
    line = Line()
    stream = Stream(b" " * 2**20, 100)
    line.answers(lambda _request: httpx.Response(200, stream=stream))

    raised = await caught(line, call)

    assert isinstance(raised, BadReply)
    assert "larger than 50 MiB" in str(raised)
    assert stream.read == (MAX_BYTES >> 20) + 1
    assert len(line.sent) == 1


async def test_a_small_reply_that_unpacks_to_a_huge_one_is_not_unpacked() -> None:
    line = Line()
    packed = gzip.compress(b" " * (2 * MAX_BYTES))
    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Stream(packed, 1))
    line.answers(answer)

    assert "larger than 50 MiB" in str(await caught(line, READ))


async def test_a_packed_reply_is_unpacked() -> None:
    line = Line()
    packed = gzip.compress(b'{"name": "slack", "version": 1}')
    line.answers(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Stream(packed, 1)))

    assert (await line.client.call(*READ)).data == {"name": "slack", "version": 1}
    assert line.sent[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(("packing", "said"), [("gzip", "unpacked"), ("br", "packed as br")])
async def test_a_reply_that_cannot_be_unpacked_is_an_error(packing: str, said: str) -> None:
    line = Line()
    line.answers(
        lambda _request: httpx.Response(200, headers={"Content-Encoding": packing}, stream=Stream(b"no", 1))
    )

    assert said in str(await caught(line, READ))


@pytest.mark.parametrize("depth", [101, 5_000, 500_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
async def test_a_deeply_nested_reply_ends_in_an_error(depth: int, opening: str, closing: str) -> None:
    line = Line()
    nested = opening * depth + "1" + closing * depth
    line.answers(httpx.Response(200, text=f'{{"name": "slack", "version": 1, "deep": {nested}}}'))

    raised = await caught(line, READ)

    assert isinstance(raised, BadReply)
    assert "nested" in str(raised)


async def test_an_error_that_is_deeply_nested_is_still_that_error() -> None:
    line = Line()
    line.answers(httpx.Response(400, text='{"error":' * 100_000))

    assert isinstance(await caught(line, READ), ApiError)


@pytest.mark.parametrize(
    ("endpoint", "proxy", "said"),
    [
        ("http://127.0.0.1:9", "", "no connection to 127.0.0.1:9, where nobody listens"),
        ("https://nowhere.invalid", "", "no connection to nowhere.invalid, a name that nobody knows here"),
        (
            "https://gitbook.test",
            "http://127.0.0.1:9",
            "no connection through the proxy http://127.0.0.1:9 of HTTPS_PROXY, where nobody listens",
        ),
    ],
)
async def test_no_connection_is_told_with_the_host_and_the_cause(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, proxy: str, said: str
) -> None:
    known = socket.getaddrinfo

    def looked_up(host: str, *args: Any, **options: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    environ = {"HTTPS_PROXY": proxy} if proxy else {}
    async with Client(endpoint=endpoint, token=Secret(TOKEN), timeout=0.5, environ=environ) as client:
        with pytest.raises(Unavailable, match=re.escape(said)) as raised:
            await client.call(*READ)

    assert "gave up" in str(raised.value)
