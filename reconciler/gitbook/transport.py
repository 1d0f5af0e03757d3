"""httpx: one request over the wire to one host, bounded in time and size; the token goes nowhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from reconciler import __version__
from reconciler.gitbook.answer import Answer, Passing
from reconciler.gitbook.transport_h11 import StreamsTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.gitbook.endpoint import Endpoint
    from reconciler.gitbook.request import Request
    from reconciler.value import Secret

MAX_BYTES = 50 * 1024 * 1024
GZIP = zlib.MAX_WBITS | 16
CONNECT = 10.0
"""Seconds for reaching the host."""
UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""What happens before a request leaves this machine."""
CAUSES = (
    (httpx.ProxyError, " through the environment's proxy; look at HTTPS_PROXY"),
    (socket.gaierror, ", a name that nobody knows here; look at the network and at --endpoint"),
    (ConnectionRefusedError, ", where nobody listens; look at HTTPS_PROXY and at --endpoint"),
)


class Wire:
    """A connection to the endpoint. Certificates are always verified; redirects are never followed."""

    def __init__(
        self,
        *,
        endpoint: Endpoint,
        token: Secret,
        transport: httpx.AsyncBaseTransport | None,
        connections: int,
    ) -> None:
        self._base = f"{endpoint}/v1"
        self._host = urlsplit(endpoint.url).netloc
        self._token = token
        # The environment names proxies and certificates; no proxy is told what goes to this machine in clear.
        self._client = httpx.AsyncClient(
            transport=transport or (None if _may_have_proxy(endpoint) else StreamsTransport()),
            trust_env=endpoint.proxied,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={
                "User-Agent": f"gbsync/{__version__}",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._client.aclose()

    async def send(self, request: Request, patience: float) -> Answer:
        """The answer, whole, within `patience` seconds. Raises `Passing` where there is none."""
        try:
            async with asyncio.timeout(patience):
                return await self._exchange(request, patience)
        except TimeoutError:
            lost = Passing("no answer in time")
        except httpx.InvalidURL:
            lost = Passing("its parameters make no usable URL", certain=True, final=True)
        except httpx.HTTPError as error:
            lost = _lost(error, self._host)
        # Outside of `except`: httpx's own error, which holds the request and its token, is not kept.
        raise lost

    async def _exchange(self, request: Request, patience: float) -> Answer:
        timeout = httpx.Timeout(patience, connect=min(patience, CONNECT))
        async with self._client.stream(
            request.operation.method,
            self._base + request.target,
            content=request.content,
            headers=self._headers(request),
            timeout=timeout,
        ) as response:
            content = await _content(request, response)
            return Answer(response.status_code, _headers(response), content)

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        return headers if request.content is None else {**headers, "Content-Type": "application/json"}


def _may_have_proxy(endpoint: Endpoint) -> bool:
    """Whether the environment names a proxy: then httpx's own transport sees to it, and to exceptions."""
    return endpoint.proxied and bool({urlsplit(endpoint.url).scheme, "all"} & getproxies().keys())


async def _content(request: Request, response: httpx.Response) -> bytes:
    """The body, unpacked as far as it is sane: httpx itself would unpack a small chunk to any size."""
    status, packing = response.status_code, response.headers.get("Content-Encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        reason = f"the reply is packed as {request.told(packing)}, which was not asked for"
        raise Passing(reason, status=status, garbled=True, final=True)
    unpacker, content = zlib.decompressobj(wbits=GZIP), bytearray()
    async for chunk in response.stream:  # type: ignore[union-attr] # a sync stream is not handed out here
        room = MAX_BYTES + 1 - len(content)
        try:
            content += chunk if packing == "identity" else unpacker.decompress(chunk, room)
        except zlib.error:
            raise Passing("the reply cannot be unpacked", status=status, garbled=True) from None
        if len(content) > MAX_BYTES:
            reason = f"the reply is larger than {MAX_BYTES >> 20} MiB"
            raise Passing(reason, status=status, garbled=True, final=True)
    return bytes(content)


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _lost(error: httpx.HTTPError, host: str) -> Passing:
    if isinstance(error, httpx.TimeoutException):
        return Passing("no answer in time", certain=isinstance(error, UNSENT))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        reason = "its certificate is not trusted; where it is a company's own, name that in SSL_CERT_FILE"
        return Passing(reason, certain=True, final=True)
    if isinstance(error, UNSENT):
        why = next((said for cause in _causes(error) for kind, said in CAUSES if isinstance(cause, kind)), "")
        return Passing(f"no connection to {host}{why}", certain=True)
    return Passing("the connection broke")


def _causes(error: BaseException | None) -> Iterator[Any]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
