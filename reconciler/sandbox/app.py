"""The sandbox as an ASGI application. It passes every method and path on to the sandbox."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from reconciler.errors import LockError
from reconciler.sandbox.wire import Broken, SandboxRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from reconciler.sandbox.store import Store
    from reconciler.sandbox.wire import Answer, LogEntry

CONNECTION = "gbsync.connection"
"""Where the server leaves a connection's transport in the scope's state, so that it can be reset."""
SAVE_EVERY = 1.0


class Served(Protocol):
    """What the application serves: the sandbox."""

    store: Store

    @property
    def commits(self) -> tuple[LogEntry, ...]:
        """The requests that changed the state, in order."""
        ...

    async def answer(self, request: SandboxRequest) -> Answer:
        """The answer to one request."""
        ...


def application(sandbox: Served, file: Path | None = None) -> Starlette:
    """The application. With a file, the state is saved there: a second after a change, and at the end.

    A file that cannot be written is tried again. `serve` reports the failure when it ends.
    """

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        try:
            answer = await sandbox.answer(await _read(request))
        except (Broken, asyncio.CancelledError):
            # A request that still hangs when the server stops is cancelled.
            await _reset(request)
            return
        await Response(answer.content, answer.status, dict(answer.headers))(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if file is None:
            yield
            return
        saving = asyncio.create_task(_keep(sandbox, file))
        try:
            yield
        finally:
            saving.cancel()
            with suppress(asyncio.CancelledError):
                await saving
            with suppress(LockError):
                sandbox.store.save(file)

    app = Starlette(lifespan=lifespan)
    # Our routes match the path as it was sent. Starlette's would decode it first, and turn `%2F` into `/`.
    app.router.default = endpoint
    return app


async def _keep(sandbox: Served, file: Path) -> None:
    saved = 0
    while True:
        commits = len(sandbox.commits)
        if commits > saved:
            with suppress(LockError):
                sandbox.store.save(file)
                saved = commits
        await asyncio.sleep(SAVE_EVERY)


async def _read(request: HttpRequest) -> SandboxRequest:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return SandboxRequest(
        method=request.method,
        path=raw.partition(b"?")[0].decode("ascii"),
        query=request.scope["query_string"].decode("ascii"),
        authorization=request.headers.get("Authorization", ""),
        content_type=request.headers.get("Content-Type", ""),
        content=await request.body(),
    )


async def _reset(request: HttpRequest) -> None:
    """End the connection with a TCP reset instead of closing it."""
    connection: Any = request.scope["state"][CONNECTION]
    if not connection.is_closing():
        at_once = struct.pack("ii", 1, 0)
        connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        connection.abort()
    await request.receive()  # returns once the connection is gone
