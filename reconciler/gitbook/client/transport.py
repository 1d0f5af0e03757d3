"""Sends one request to one host, bounded in time and size. The token goes nowhere else."""

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
    from reconciler.gitbook.client.request import ApiRequest
    from reconciler.resources.values import Secret

MAX_BYTES = 50 * 1024 * 1024
"""Of a body, unpacked. Without a bound, one answer of a broken or hostile server could fill the memory."""
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

    async def send(self, request: ApiRequest, patience: float) -> Response:
        """The complete answer, within `patience` seconds. Raises `TransientError` when there is none."""
        outgoing = self._outgoing(request, patience)
        try:
            async with asyncio.timeout(patience), self._exchange.open(outgoing) as incoming:
                content = await _content(request, incoming)
                return Response(incoming.status, incoming.headers, content)
        except self._failures as failure:
            lost = self._exchange.lost(failure, outgoing)
        # Outside of `except`: the library's error may hold the request with its token, and would be its
        # context.
        raise lost

    def _outgoing(self, request: ApiRequest, patience: float) -> Outgoing:
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
    """The exchange that sends: through `transport` in this process if there is one, else over the network.

    Raises `UsageError` when the environment names a proxy or certificates that cannot be used.
    """
    # Each library is imported only when it is used: a run on the network needs no httpx, the sandbox no
    # aiohttp.
    if transport is not None:
        from reconciler.gitbook.client.transport_httpx import HttpxExchange  # noqa: PLC0415

        return HttpxExchange(transport, endpoint.host)
    from reconciler.gitbook.client.certificates import trusted, untrusting  # noqa: PLC0415
    from reconciler.gitbook.client.proxy import proxy_for  # noqa: PLC0415

    # What goes to this machine in clear (`http://localhost`) is sent through no proxy: it would see the
    # token.
    proxy = proxy_for(endpoint.url, environ) if endpoint.proxied else None
    secured = endpoint.url.startswith("https:") or (proxy is not None and proxy.url.startswith("https:"))
    # Before aiohttp is imported: the import makes a TLS context, and fails when SSLKEYLOGFILE is wrong.
    context = trusted(environ) if secured else untrusting(environ)
    from reconciler.gitbook.client.transport_aiohttp import AiohttpExchange  # noqa: PLC0415

    return AiohttpExchange(endpoint.host, proxy=proxy, context=context, connections=connections)


async def _content(request: ApiRequest, incoming: Incoming) -> bytes:
    """The body, unpacked only up to the limit: a few packed bytes can unpack to any size."""
    status, packing = incoming.status, incoming.headers.get("content-encoding", "identity").lower()
    if packing not in ("identity", "gzip"):
        reason = f"the reply is packed as {request.scrubbed(packing)}, which was not asked for"
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
