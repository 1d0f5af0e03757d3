"""The sandbox on a port: the same answers, and connections that really break."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler.errors import UsageError
from reconciler.sandbox import SANDBOX_TOKEN, Fault, Faults, Sandbox, Store
from reconciler.sandbox.app import application
from reconciler.sandbox.server import running
from tests.sandbox.api import ANALYTICS, Api
from tests.virtual import run

if TYPE_CHECKING:
    from pathlib import Path


def client(url: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{url}/v1", headers={"Authorization": f"Bearer {SANDBOX_TOKEN}"}, timeout=2, trust_env=False
    )


async def test_a_port_answers_as_the_transport_does() -> None:
    with running(Sandbox()) as url, client(url) as web:
        over_the_wire = web.get("/integrations", params={"search": "slack", "limit": 1})
    in_process = await Api()("GET /integrations", search="slack", limit=1)

    assert over_the_wire.json() == in_process.json()
    assert over_the_wire.headers["content-type"] == in_process.headers["content-type"]


async def test_any_other_server_can_have_it_as_an_application() -> None:
    transport = httpx.ASGITransport(Sandbox().app)
    headers = {"Authorization": f"Bearer {SANDBOX_TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox/v1", headers=headers) as web:
        reply = await web.get("/integrations/VA%2DOkta")

    assert reply.json() == (await Api()("GET /integrations/VA-Okta")).json()


def test_the_state_is_saved_a_second_after_a_change_and_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    sandbox = Sandbox()
    api = Api(sandbox)

    async def serve() -> None:
        app = application(sandbox, file)
        async with app.router.lifespan_context(app):
            await asyncio.sleep(5)

            assert not file.exists(), "nothing has changed"

            await api(f"DELETE {ANALYTICS}")
            await asyncio.sleep(1)

            assert Store.load(file).document() == sandbox.store.document()

            await api("DELETE /integrations/banner")
            await api.publish()

    run(serve())

    assert Store.load(file).document() == sandbox.store.document()
    assert "banner" in sandbox.store.integrations


def test_statuses_without_a_body_have_none() -> None:
    with running(Sandbox()) as url, client(url) as web:
        replies = [web.delete(f"{ANALYTICS}/sites/site_w8Yn5") for _ in range(2)]

    assert [(reply.status_code, reply.content) for reply in replies] == [(205, b""), (204, b"")]


def test_an_encoded_slash_stays_in_its_segment() -> None:
    with running(Sandbox()) as url, client(url) as web:
        assert web.get("/integrations/a%2Fb").status_code == 400


def test_faults_break_real_connections() -> None:
    script = {1: Fault.RESET, 2: Fault.RESET_AFTER, 3: Fault.REFUSED, 4: Fault.TRUNCATED}
    sandbox = Sandbox(faults=Faults(script=script))
    with running(sandbox) as url, client(url) as web:
        for _ in range(3):
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                web.patch(f"{ANALYTICS}/sites/site_w8Yn5", json={"externalIds": ["a"]})
        cut = web.get("/integrations/slack")

    assert [entry.committed for entry in sandbox.log] == [False, True, False, False]
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_a_hanging_request_is_given_up_by_the_caller() -> None:
    sandbox = Sandbox(faults=Faults(script={1: Fault.HANG}, silence=0.5))
    with running(sandbox) as url, client(url) as web:
        with pytest.raises(httpx.ReadTimeout):
            web.get("/integrations", timeout=0.1)
        time.sleep(0.6)

        assert web.get("/integrations").status_code == 200


def test_only_this_machine_can_reach_it() -> None:
    with running(Sandbox()) as url:
        assert url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_named() -> None:
    with (
        running(Sandbox()) as url,
        pytest.raises(UsageError, match="--port"),
        running(Sandbox(), port=int(url.rsplit(":", 1)[1])),
    ):
        pass
