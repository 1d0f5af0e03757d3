"""A rate limit that is not ours: nginx's own, which is a bucket of five and answers 503 without a word."""

from __future__ import annotations

import asyncio
import io
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.organization import INTEGRATIONS, declaring
from reconciler import pipeline as reconcile
from reconciler.apply.report import Outcome
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options, load
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Sandbox, world
from reconciler.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.apply.report import Report

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
CHANGES = 60
RATE = 20
CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    limit_req_zone $server_name zone=all:1m rate={rate}r/s;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            limit_req zone=all burst=5 nodelay;
            proxy_pass {behind};
        }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, behind: str) -> Iterator[str]:
    """The URL of an nginx before this server; it ends with the block."""
    assert NGINX
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, rate=RATE, behind=behind), "utf-8")
    process = subprocess.Popen([NGINX, "-e", f"{folder}/error.log", "-c", str(config)])
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx does not listen")


async def applied(url: str, sandbox: Sandbox) -> Report:
    config = load(["-"], table=KINDS, options=Options(stdin=io.StringIO(declaring(CHANGES, changed=1))))
    lock_store = SandboxLockStore(sandbox, "", url, ORGANIZATION)
    async with Client(endpoint=url, token=Secret(sandbox.token)) as client:
        planned = await reconcile.plan(config, client, lock_store, table=KINDS, endpoint=url, folder=Path())
        return await reconcile.apply(planned, client, lock_store, table=KINDS).work()


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_an_apply_gets_through_the_limit_of_a_real_nginx(tmp_path: Path) -> None:
    sandbox = Sandbox(world.large(integrations=INTEGRATIONS, bindings=CHANGES))
    with running(sandbox) as behind, nginx(tmp_path, behind) as url:
        report = asyncio.run(applied(url, sandbox))

    assert report.complete
    assert report.count(Outcome.DONE) == CHANGES
    assert report.requests <= 2 * CHANGES * 1.5
    assert report.seconds <= 2 * CHANGES / RATE * 3
