"""The sandbox on a port of this machine, where nobody else can reach it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.errors import UsageError
from reconciler.sandbox.app import CONNECTION, application

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reconciler.sandbox.service import Sandbox

HOST = "127.0.0.1"
BACKLOG = 1024


class _Protocol(H11Protocol):
    """HTTP that lets the application see its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, CONNECTION: transport}
        super().connection_made(transport)


def serve(
    sandbox: Sandbox,
    *,
    port: int = 0,
    file: Path | None = None,
    started: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until the process is told to stop; `started` is called with the URL. Port 0 takes a free one.

    Raises `UsageError` when the port is taken, and in the end `LockError` when the file cannot be written.
    """
    with _listening(port) as listener:
        started(_url(listener))
        try:
            _server(sandbox, file).run(sockets=[listener])
        finally:
            if file and sandbox.commits:
                sandbox.store.save(file)


@contextmanager
def running(sandbox: Sandbox, *, port: int = 0) -> Iterator[str]:
    """The URL of the sandbox, which a thread serves until the block ends."""
    with _listening(port) as listener:
        server = _server(sandbox, None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(sandbox: Sandbox, file: Path | None) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application(sandbox, file),
            http=_Protocol,
            ws="none",
            loop="asyncio",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Named as TCP, so that asyncio sends small packets at once.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(BACKLOG)
        except OSError as error:
            msg = f"port {port}: {error.strerror or error}; name another with --port, or 0 for a free one"
            raise UsageError(msg) from None
        yield listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
