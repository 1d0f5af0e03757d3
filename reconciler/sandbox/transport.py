"""The sandbox as an httpx transport, in process. Its faults raise what httpx raises for a real connection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import httpx

from reconciler.sandbox.faults import Fault
from reconciler.sandbox.wire import Broken, SandboxRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reconciler.sandbox.wire import Answer


class SandboxTransport(httpx.AsyncBaseTransport):
    """Sends each request to a sandbox, whatever its host."""

    def __init__(self, answer: Callable[[SandboxRequest], Awaitable[Answer]]) -> None:
        self._answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer. Raises what httpx raises when a connection fails."""
        try:
            answer = await self._answer(await _read(request))
        except Broken as broken:
            raise _error(broken.fault, request) from None
        return httpx.Response(
            answer.status, headers=dict(answer.headers), content=answer.content, request=request
        )


async def _read(request: httpx.Request) -> SandboxRequest:
    path, _, query = request.url.raw_path.partition(b"?")
    patience = request.extensions.get("timeout", {}).get("read")
    return SandboxRequest(
        method=request.method,
        path=path.decode("ascii"),
        query=query.decode("ascii"),
        authorization=request.headers.get("Authorization", ""),
        content_type=request.headers.get("Content-Type", ""),
        content=await request.aread(),
        patience=math.inf if patience is None else patience,
    )


def _error(fault: Fault, request: httpx.Request) -> httpx.TransportError:
    if fault is Fault.REFUSED:
        return httpx.ConnectError("connection refused", request=request)
    if fault in (Fault.HANG, Fault.HANG_AFTER, Fault.SLOW):
        return httpx.ReadTimeout("no answer in time", request=request)
    return httpx.ReadError("connection reset by peer", request=request)
