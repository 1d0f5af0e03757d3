"""Real servers for the stores of the lock: git over HTTP and S3, on loopback, that can fail on request."""

from __future__ import annotations

import base64
import os
import random
import socket
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *args: str) -> str:
    """What git prints."""
    environ = {**os.environ, **GIT}
    command = ["git", *args]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def clone_of_bare(folder: Path, *, url: str = "") -> Path:
    """A clone with one commit, whose remote `origin` is a bare repository beside it, or a URL."""
    git(folder, "init", "--quiet", "--bare", "bare.git")
    git(folder / "bare.git", "config", "http.receivepack", "true")
    clone = folder / "clone"
    git(folder, "init", "--quiet", "--initial-branch=main", "clone")
    git(clone, "remote", "add", "origin", url or str(folder / "bare.git"))
    git(clone, "commit", "--quiet", "--allow-empty", "--message=first")
    return clone


@dataclass
class Trouble:
    """Which requests fail: a share of them, before they are carried out or after."""

    share: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - the same each time
    next: list[str] = field(default_factory=list)
    """What happens to the next requests: `before`, `after` or `` for nothing."""
    matching: Callable[[Mapping[str, Any]], bool] = lambda _environ: True

    def pick(self, environ: Mapping[str, Any]) -> str:
        if self.next:
            return self.next.pop(0) if self.matching(environ) else ""
        return self.chance.choice(("before", "after")) if self.chance.random() < self.share else ""


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "tests.connection": self.connection}

    def log_message(self, *_args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, *_args: Any) -> None:
        """A connection that was cut is what these tests are about."""


def failing(application: Application, trouble: Trouble) -> Application:
    """The application, whose connections break as `trouble` says."""
    one = threading.Lock()

    def cut(environ: Mapping[str, Any]) -> None:
        environ["tests.connection"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError  # the server's word for "say nothing more"

    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        environ.pop("HTTP_EXPECT", None)
        with one:  # a server that compares and writes in one step, as S3 does and moto alone does not
            happens = trouble.pick(environ)
            if happens == "before":
                cut(environ)
            body = list(application(environ, start))
        if happens == "after":
            cut(environ)
        return body

    return answer


@contextmanager
def serving(application: Application) -> Iterator[str]:
    """The address of a server with this application."""
    server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def s3(trouble: Trouble | None = None, *, conditional: bool = True) -> Iterator[str]:
    """An S3 server with the bucket `locks`; it can ignore conditions, as some do."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415 - takes a second

    moto = DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not conditional:
            environ = {name: value for name, value in environ.items() if not name.startswith("HTTP_IF_")}
        return list(moto(environ, start))

    with serving(failing(application, trouble or Trouble())) as url:
        create_bucket(url)
        yield url


def create_bucket(url: str) -> None:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        head = f"PUT /locks HTTP/1.0\r\nHost: {parts.netloc}\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(head.encode())
        while connection.recv(1024):
            pass


@contextmanager
def git_http(folder: Path, trouble: Trouble | None = None, *, login: str = "") -> Iterator[str]:
    """git's own server program over HTTP; with `login`, a `user:password` that it asks for."""
    program = f"{git(folder, '--exec-path')}/git-http-backend"

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if (
            login
            and environ.get("HTTP_AUTHORIZATION") != f"Basic {base64.b64encode(login.encode()).decode()}"
        ):
            start("401 Unauthorized", [("WWW-Authenticate", "Basic realm=git"), ("Content-Length", "0")])
            return [b""]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        texts = {name: value for name, value in environ.items() if isinstance(value, str)}
        settings = {
            "GIT_PROJECT_ROOT": str(folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "tests",
            **GIT,
        }
        done = subprocess.run(
            [program],
            input=environ["wsgi.input"].read(length),
            env={**texts, **settings},
            capture_output=True,
            check=False,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if ": " in line]
        status = next((value for name, value in lines if name == "Status"), "200 OK")
        start(status, [(name, value) for name, value in lines if name != "Status"])
        return [body]

    with serving(failing(application, trouble or Trouble())) as url:
        yield url
