"""What gbsync sends is what the OpenAPI document asks for, as an independent validator reads it."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError

from reconciler.errors import ApiError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Sandbox, world
from tests.contract.forbidden import in_request
from tests.contract.openapi import DOCUMENT
from tests.contract.validator import Sent, Validating, problems

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SCREEN = {"type": "document", "spaceId": "s", "editable": True, "theme": "dark"}
RENDER = {"componentId": "c", "props": {"deep": {"a": [1, True]}}, "context": SCREEN}
SCHEMA = {"properties": {"key": {"type": "string", "default": "x", "enum": ["x", "y"]}}, "required": ["key"]}
PUBLISH = {
    "organization": ORGANIZATION,
    "title": "Banner",
    "description": "",
    "summary": "# Long",
    "icon": PNG,
    "previewImages": [PNG],
    "script": "//",
    "scopes": ["space:content:read"],
    "categories": ["content"],
    "blocks": [{"id": "b", "title": "Block", "markdown": {"codeblock": "b", "body": "c"}}],
    "contentSources": [{"id": "s", "title": "Source", "configuration": {"componentId": "c"}}],
    "externalLinks": [{"label": "Docs", "url": "https://docs.test"}],
    "configurations": {"account": SCHEMA, "space": {"componentId": "c"}},
    "contentSecurityPolicy": {"script-src": "'self'"},
    "secrets": {"KEY": "value"},
    "runtime": "v2",
    "target": "all",
    "visibility": "private",
}
UPDATE = {"configuration": {"a": {"b": [1, None]}}, "externalIds": ["x"]}
BODIES: dict[str, Any] = {
    "publishIntegration": PUBLISH,
    "setIntegrationDevelopmentMode": {"tunnelUrl": "https://dev.test", "all": True},
    "renderIntegrationUIWithPost": {**RENDER, "action": {"action": "save", "more": 1}, "state": {}},
    "queueIntegrationTask": {"task": {"a": 1}, "schedule": 60},
    "installIntegration": {"organization": ORGANIZATION},
    "updateIntegrationInstallation": {**UPDATE, "space_selection": "all", "site_selection": "selected"},
    "installIntegrationOnSpace": {"space": "s"},
    "updateIntegrationSpaceInstallation": UPDATE,
    "installIntegrationOnSite": {"siteId": "s"},
    "updateIntegrationSiteInstallation": UPDATE,
}
VALUES = {"boolean": True, "number": 10, "array": ["basic", "premium"], "string": "slack"}


class Keeping(httpx.AsyncBaseTransport):
    """Passes requests on and keeps them."""

    def __init__(self, inner: httpx.AsyncBaseTransport, kept: list[httpx.Request]) -> None:
        self.inner, self.kept = inner, kept

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.kept.append(request)
        return await self.inner.handle_async_request(request)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
async def test_every_operation_with_all_it_takes_is_a_lawful_request(operation: Any) -> None:
    kept: list[httpx.Request] = []
    wire = Validating(Keeping(Sandbox().transport(), kept))
    params = {item.name: item.enum[0] if item.enum else VALUES[item.type] for item in operation.params}
    params |= {"type": ["basic", "premium"]} if operation.id == "listSites" else {}

    async with Client(endpoint="http://sandbox.localhost", token=Secret("t"), transport=wire) as client:
        with pytest.raises((ApiError, Exception), match="token"):
            await client.call(operation.id, params, BODIES.get(operation.id))

    assert wire.checked == 1
    assert not list(in_request(kept[0]))


@pytest.mark.parametrize("operation", BODIES)
def test_a_body_that_is_lawful_passes_our_own_check(operation: str) -> None:
    model = OPERATIONS[operation].body

    assert model is not None
    model.model_validate(BODIES[operation])


def sent(method: str, path: str, **options: Any) -> httpx.Request:
    return httpx.Request(method, f"https://x.test/v1{path}", headers={"Authorization": "Bearer t"}, **options)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (sent("GET", "/nowhere"), "not found"),
        (sent("POST", "/integrations"), "not found"),
        (sent("GET", "/integrations?limit=1001"), "maximum"),
        (sent("GET", "/integrations?category=fun"), "fun"),
        (sent("GET", "/integrations/a%20b"), "match"),
        (sent("PUT", "/integrations/slack/dev", json={"tunnelUrl": ""}), "non-empty"),
        (sent("POST", "/integrations/slack/installations", json={}), "required"),
        (sent("POST", "/integrations/slack/installations"), "required"),
        (httpx.Request("GET", "https://x.test/v1/integrations"), "Security"),
    ],
    ids=range(9),
)
def test_the_validator_finds_what_is_wrong_and_so_does_the_quick_one(
    request_: httpx.Request, said: str
) -> None:
    assert any(said.lower() in problem.lower() for problem in problems(request_))
    assert list(in_request(request_))


def test_a_body_of_another_content_type_is_found_by_both() -> None:
    request = sent("POST", "/integrations/slack/installations", content=b'{"organization": "o"}')

    assert list(problems(request))
    assert list(in_request(request)) == ["its body is not said to be JSON"]


@pytest.mark.parametrize("scalar", ["text", 1, True])
def test_as_it_is_written_the_document_accepts_no_useful_props(scalar: Any) -> None:
    """Hence the correction: see `tests.contract.openapi.corrected`."""
    written = OpenAPI.from_dict(DOCUMENT)
    request = sent("POST", "/integrations/slack/render", json={**RENDER, "props": {"key": scalar}})

    with pytest.raises(OpenAPIError):
        written.validate_request(Sent(request))
    assert not list(problems(request))


async def test_every_page_of_a_list_is_asked_for_lawfully() -> None:
    wire = Validating(Sandbox(world.large()).transport())
    token = Secret(Sandbox().token)

    async with Client(endpoint="http://sandbox.localhost", token=token, transport=wire) as client:
        found = [
            item async for item in client.items("listSites", {"organizationId": ORGANIZATION, "limit": 100})
        ]

    assert wire.checked == -(-len(found) // 100) > 1
