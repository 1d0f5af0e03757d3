"""Calls to a sandbox as any client would make them; each reply is checked against the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
from jsonschema import Draft202012Validator

from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.sandbox import SANDBOX_TOKEN, Sandbox
from tests.contract import openapi

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

ORG = "/orgs/Qm4TzvXb81LkWc0sYhEo"
SLACK = "/integrations/slack/installations/sL8kWq2Zx7Vb4Nm1Cd6R"
ANALYTICS = "/integrations/googleanalytics/installations/gA6hJk4Lz8Xc0Vb2Nm5Q"
SPACE = "7fQm2WvA91bXcR0tYk3L"
BANNER = {"organization": "acme", "title": "Banner", "description": "", "script": "//", "scopes": []}


class Api:
    """A sandbox behind httpx."""

    def __init__(self, sandbox: Sandbox | None = None, *, token: str = SANDBOX_TOKEN) -> None:
        self.sandbox = sandbox or Sandbox()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(
            transport=self.sandbox.transport(), base_url="https://api.gitbook.com/v1", headers=headers
        )

    async def __call__(self, call: str, body: Any = None, **query: Any) -> httpx.Response:
        """`await api("PATCH /integrations/…", {…})`."""
        method, path = call.split(" ", 1)
        params = {name: value for name, value in query.items() if value is not None}
        sent = {"json": body} if body is not None else {}
        reply = await self._client.request(method, path, params=params, **sent)
        self._check(method, path, reply)
        return reply

    async def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that succeeds."""
        reply = await self(f"GET {path}", **query)

        assert reply.status_code == 200, reply.text
        return reply.json()

    async def names(self, path: str, **query: Any) -> list[str]:
        """The names (or ids) of a list's items, over all its pages."""
        items = []
        page: dict[str, Any] = {}
        while True:
            body = await self.get(path, **query, **page)
            items += body["items"]
            if "next" not in body:
                return [
                    item.get("name") or item.get("id") or item.get("site") or item["space"] for item in items
                ]
            page = body["next"]

    async def publish(self, name: str = "banner", /, **fields: Any) -> httpx.Response:
        """Publishes an integration of our own."""
        return await self(f"POST /integrations/{name}", {**BANNER, **fields})

    async def install(self, name: str = "banner", /) -> str:
        """Installs it, and gives the path of the installation."""
        reply = await self(
            f"POST /integrations/{name}/installations", {"organization": ORG.removeprefix("/orgs/")}
        )

        assert reply.status_code == 201, reply.text
        return f"/integrations/{name}/installations/{reply.json()['id']}"

    def _check(self, method: str, path: str, reply: httpx.Response) -> None:
        route = self.sandbox.routes.find(f"/v1{path}")
        operation = route.operations.get(method) if route else None
        spoiled = self.sandbox.log[-1].fault is not None
        if operation is None or spoiled or not reply.is_success:
            return

        assert reply.status_code in OPERATIONS[operation.id].statuses
        schema = _reply(operation.id, str(reply.status_code))
        if schema is None:
            assert not reply.content
        else:
            schema.validate(reply.json())


@cache
def _reply(operation: str, status: str) -> Validator | None:
    document = openapi.corrected()
    found = openapi.operations(document)[operation]["responses"][status]
    if "content" not in found:
        return None
    schema = found["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})


def error(reply: httpx.Response) -> tuple[int, str]:
    """The code and message of an error, as GitBook words it."""
    found = reply.json()["error"]

    assert found["code"] == reply.status_code
    return found["code"], found["message"]
