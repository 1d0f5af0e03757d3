"""Each request that the client sends, checked against the OpenAPI document by openapi-core."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.contract.openapi import DOCUMENT, corrected

if TYPE_CHECKING:
    from collections.abc import Iterator

LAWFUL: set[int] = set()
"""The requests that were checked already in this process: most come again and again."""
HOST = DOCUMENT["servers"][0]["url"].removesuffix("/v1")


class Sent:
    """A request of httpx as openapi-core looks at it; wherever it went, it counts as sent to GitBook."""

    def __init__(self, request: httpx.Request) -> None:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        self.host_url = HOST
        self.path = path
        self.method = request.method.lower()
        self.body = request.content or None
        self.content_type = request.headers.get("Content-Type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(query, keep_blank_values=True)),
            header=Headers(list(request.headers.items())),
        )


@cache
def _document() -> OpenAPI:
    return OpenAPI.from_dict(corrected())


def problems(request: httpx.Request) -> Iterator[str]:
    """What the document has against the request, which was read; nothing where it is as promised."""
    try:
        _document().validate_request(Sent(request))
    except OpenAPIError as error:
        cause = error.__cause__ or error
        details = [item.message for item in getattr(cause, "schema_errors", ())] or [str(cause)]
        yield from (f"{request.method} {request.url.path}: {detail}" for detail in details)


class Validating(httpx.AsyncBaseTransport):
    """Passes on what the document has nothing against, and ends the test for anything else."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.checked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.checked += 1
        headers = tuple(sorted(request.headers.keys())), request.headers.get("Content-Type")
        same = hash((request.method, request.url.raw_path, headers, request.content))
        if same not in LAWFUL:
            found = list(problems(request))

            assert not found
            LAWFUL.add(same)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()
