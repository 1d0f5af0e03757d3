"""Requests through an httpx transport in this process: to the sandbox, and to the fakes of tests."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from reconciler.gitbook.client.exchange import Incoming, Outgoing
from reconciler.gitbook.client.response import TransientError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""The failures before a request leaves this machine."""


class HttpxExchange:
    """An `Exchange` through one httpx transport."""

    failures: tuple[type[Exception], ...] = (httpx.HTTPError, httpx.InvalidURL)

    def __init__(self, transport: httpx.AsyncBaseTransport, host: str) -> None:
        self._host = host
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)

    @asynccontextmanager
    async def open(self, outgoing: Outgoing) -> AsyncIterator[Incoming]:
        """The reply to the request."""
        async with self._client.stream(
            outgoing.method,
            outgoing.url,
            content=outgoing.content,
            headers=outgoing.headers,
            timeout=outgoing.patience,
        ) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            yield Incoming(response.status_code, headers, _chunks(response))

    def lost(self, failure: Exception, outgoing: Outgoing) -> TransientError:  # noqa: ARG002 - httpx says by itself what was sent
        """What a failure means."""
        certain = isinstance(failure, UNSENT)
        if isinstance(failure, TimeoutError | httpx.TimeoutException):
            return TransientError("no answer in time", certain=certain)
        if isinstance(failure, httpx.InvalidURL):
            return TransientError("its parameters make no usable URL", certain=True, final=True)
        reason = f"no connection to {self._host}" if certain else "the connection broke"
        return TransientError(reason, certain=certain)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self._client.aclose()


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    # The packed bytes: httpx's `aiter_bytes` would unpack a small chunk to any size, before it can be
    # bounded.
    async for chunk in response.stream:  # type: ignore[union-attr] # a sync stream is not handed out here
        yield chunk
