"""What the OpenAPI document forbids in a request, as one compiled check per operation.

Stricter than the document where a client should be: a body has no field, and a query no parameter, that it
does not name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import httpx
import jsonschema_rs

from tests.contract.openapi import corrected, operations, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCUMENT = corrected()
BASE = "/v1"


@dataclass(frozen=True)
class Rule:
    """One operation's method and path, and what its parameters and body must be."""

    id: str
    method: str
    path: re.Pattern[str]
    in_path: Mapping[str, Any]
    in_query: Mapping[str, tuple[str, Any]]
    required: frozenset[str]
    body: Any
    fields: frozenset[str]

    def problems(self, names: Mapping[str, str], query: str, content: bytes) -> Iterator[str]:
        """What is wrong with the request."""
        for name, text in names.items():
            yield from _said(self.in_path[name], name, unquote(text))
        pairs = parse_qsl(query, keep_blank_values=True)
        for name, text in pairs:
            if name not in self.in_query:
                yield f"{name} is no parameter"
            else:
                kind, schema = self.in_query[name]
                yield from _said(schema, name, _typed(kind, text))
        for name in sorted(self.required - {name for name, _ in pairs}):
            yield f"{name} is missing"
        yield from self._in_body(content)

    def _in_body(self, content: bytes) -> Iterator[str]:
        if self.body is None:
            if content:
                yield "it takes no body"
            return
        try:
            value = json.loads(content)
        except ValueError:
            yield "its body is not JSON"
            return
        yield from _said(self.body, "body", value)
        if isinstance(value, dict):
            yield from (f"body.{name} is no field" for name in sorted(value.keys() - self.fields))


def _said(schema: Any, name: str, value: Any) -> Iterator[str]:
    if not schema.is_valid(value):
        yield from (f"{name}{''.join(f'.{part}' for part in item.instance_path)}: {item.message}"
                    for item in schema.iter_errors(value))  # fmt: skip


def _typed(kind: str, text: str) -> Any:
    if kind in ("number", "boolean"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [text] if kind == "array" else text


def _compiled(schema: Any) -> Any:
    return jsonschema_rs.Draft4Validator(
        {"allOf": [schema], "components": DOCUMENT["components"]}, validate_formats=True
    )


def _rule(id_: str, operation: Mapping[str, Any]) -> Rule:
    params = {
        where: {item["name"]: item for item in operation["params"] if item["in"] == where}
        for where in ("path", "query")
    }
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return Rule(
        id=id_,
        method=operation["method"],
        path=re.compile(BASE + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", operation["path"])),
        in_path={name: _compiled(item["schema"]) for name, item in params["path"].items()},
        in_query={
            name: (resolve(item["schema"], DOCUMENT).get("type", "string"), _compiled(item["schema"]))
            for name, item in params["query"].items()
        },
        required=frozenset(name for name, item in params["query"].items() if item.get("required")),
        body=_compiled(content["schema"]) if content else None,
        fields=frozenset(resolve(content["schema"], DOCUMENT).get("properties", ()))
        if content
        else frozenset(),
    )


@cache
def rules() -> tuple[Rule, ...]:
    """One per operation; those with the fewest parameters first, as a fixed segment wins over a parameter."""
    made = [_rule(id_, operation) for id_, operation in operations(DOCUMENT).items()]
    return tuple(sorted(made, key=lambda rule: (len(rule.in_path), rule.id)))


def forbidden(method: str, target: str, content: bytes) -> list[str]:
    """Everything in the request that the document forbids; `target` is path and query, as sent."""
    path, _, query = target.partition("?")
    for rule in rules():
        found = rule.path.fullmatch(path) if rule.method == method else None
        if found:
            return [f"{rule.id}: {said}" for said in rule.problems(found.groupdict(), query, content)]
    return [f"{method} {path}: there is no such operation"]


def in_request(request: httpx.Request) -> Iterator[str]:
    """The same of a request that was read, and what its headers lack."""
    yield from forbidden(request.method, request.url.raw_path.decode("ascii"), request.content)
    if "Authorization" not in request.headers:
        yield "Security: no token is sent"
    if request.content and request.headers.get("Content-Type") != "application/json":
        yield "its body is not said to be JSON"


@dataclass
class Checked(httpx.AsyncBaseTransport):
    """Passes requests on, and keeps what was forbidden in them."""

    inner: httpx.AsyncBaseTransport
    sins: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode("ascii")
        self.sins += forbidden(request.method, target, await request.aread())
        return await self.inner.handle_async_request(request)


@dataclass
class Refusing(httpx.AsyncBaseTransport):
    """Passes on what the document has nothing against, and ends the test for anything else."""

    inner: httpx.AsyncBaseTransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        found = list(in_request(request))

        assert not found
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()
