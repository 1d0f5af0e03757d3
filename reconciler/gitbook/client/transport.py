"""One request to one host, bounded in time and size; the token goes nowhere else."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.gitbook.client.exchange import Outgoing
from reconciler.gitbook.client.response import Response, TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from reconciler.gitbook.client.endpoint import Endpoint
    from reconciler.gitbook.client.exchange import Exchange, Incoming
    from reconciler.gitbook.client.request import Request
    from reconciler.resources.values import Secret

MAX_BYTES = 50 * 1024 * 1024
GZIP = zlib.MAX_WBITS | 16
HEADERS = {
    "User-Agent": f"gbsync/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}


class Wire:
    """A connection to the endpoint. Certificates are always verified; redirects are never followed."""

    def __init__(self, *, endpoint: Endpoint, token: Secret, exchange: Exchange) -> None:
        self._base = f"{endpoint}/v1"
        self._token = token
        self._exchange = exchange
        self._failures: tuple[type[Exception], ...] = (TimeoutError, *exchange.failures)

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._exchange.aclose()

    async def send(self, request: Request, patience: float) -> Response:
        """The answer, whole, within `patience` seconds. Raises `Passing` where there is none."""
        outgoing = self._outgoing(request, patience)
        try:
            async with asyncio.timeout(patience), self._exchange.open(outgoing) as incoming:
                content = await _content(request, incoming)
                return Response(incoming.status, incoming.headers, content)
        except self._failures as failure:
            lost = self._exchange.lost(failure, outgoing)
        # Outside of `except`: the library's own error, which may hold the request and its token, is not kept.
        raise lost

    def _outgoing(self, request: Request, patience: float) -> Outgoing:
        headers = {**HEADERS, "Authorization": f"Bearer {self._token.reveal()}"}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        return Outgoing(
            request.operation.method, self._base + request.target, headers, request.content, patience
        )


def exchange_for(
    endpoint: Endpoint,
    *,
    transport: httpx.AsyncBaseTransport | None,
    connections: int,
    environ: Mapping[str, str],
) -> Exchange:
    """What speaks HTTP: with a transport the one in process, else the network.

    Raises `UsageError` where the environment names a proxy or certificates that cannot be used.
    """
    # Each is imported only where it is used: a run on the network needs no httpx, the sandbox no aiohttp.
    if transport is not None:
        from reconciler.gitbook.client.transport_httpx import HttpxExchange  # noqa: PLC0415

        return HttpxExchange(transport, endpoint.host)
    from reconciler.gitbook.client.certificates import trusted, untrusting  # noqa: PLC0415
    from reconciler.gitbook.client.proxy import proxy_for  # noqa: PLC0415

    # No proxy is told what goes to this machine in clear.
    proxy = proxy_for(endpoint.url, environ) if endpoint.proxied else None
    secured = endpoint.url.startswith("https:") or (proxy is not None and proxy.url.startswith("https:"))
    # Before aiohttp is imported: it makes a TLS context then, and breaks where SSLKEYLOGFILE is wrong.
    context = trusted(environ) if secured else untrusting(environ)
    from reconciler.gitbook.client.transport_aiohttp import AiohttpExchange  # noqa: PLC0415

    return AiohttpExchange(endpoint.host, proxy=proxy, context=context, connections=connections)


async def _content(request: Request, incoming: Incoming) -> bytes:
    """The body, unpacked only as far as the limit: a small packed chunk can unpack to any size."""
    status, packing = incoming.status, incoming.headers.get("content-encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        reason = f"the reply is packed as {request.told(packing)}, which was not asked for"
        raise TransientError(reason, status=status, garbled=True, final=True)
    unpacker, content = zlib.decompressobj(wbits=GZIP), bytearray()
    async for chunk in incoming.chunks:
        room = MAX_BYTES + 1 - len(content)
        try:
            content += chunk if packing == "identity" else unpacker.decompress(chunk, room)
        except zlib.error:
            raise TransientError("the reply cannot be unpacked", status=status, garbled=True) from None
        if len(content) > MAX_BYTES:
            reason = f"the reply is larger than {MAX_BYTES >> 20} MiB"
            raise TransientError(reason, status=status, garbled=True, final=True)
    return bytes(content)
