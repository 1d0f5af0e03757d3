"""A client whose other end answers what a test tells it to: respx routes behind httpx's own seam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import respx

from reconciler.gitbook.client.client import Client
from reconciler.resources.values import Secret
from tests.contract.validator import Validating
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.gitbook.client.events import RequestEvent

HOST = "https://gitbook.test"
TOKEN = "gb_api_V3ryS3cretT0ken"
ORGANIZATION = "Qm4TzvXb81LkWc0sYhEo"

READ = ("getIntegrationByName", {"integrationName": "slack"})
LIST = ("listOrganizationInstallations", {"organizationId": ORGANIZATION})
POST = (
    "installIntegrationOnSite",
    {"integrationName": "slack", "installationId": "i1"},
    {"siteId": "site_1"},
)
PATCH = (
    "updateIntegrationInstallation",
    {"integrationName": "slack", "installationId": "i1"},
    {"configuration": {"channel": "C1"}},
)
PATCH_OTHER = (*PATCH[:2], {"externalIds": ["a"]})
DELETE = ("uninstallIntegration", {"integrationName": "slack", "installationId": "i1"})
PUT = ("setIntegrationDevelopmentMode", {"integrationName": "slack"}, {"tunnelUrl": "https://dev.test"})

INTEGRATION = {"object": "integration", "name": "slack", "version": 3, "title": "Slack"}
INSTALLATION = {"id": "i1", "status": "active", "configuration": {"channel": "C1"}, "externalIds": []}
BINDING = {"site": "site_1", "status": "active", "configuration": {}, "externalIds": []}


class Line:
    """A client, what it is answered, and what it told of; each request is held to the OpenAPI document."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.router = respx.MockRouter(assert_all_called=False)
        self.events: list[RequestEvent] = []
        transport = httpx.MockTransport(self.router.async_handler)
        given = {"endpoint": HOST, "token": Secret(TOKEN), "seed": 7, **options}
        self.client = Client(
            transport=Validating(transport),
            clock=self.clock,
            observe=self.events.append,
            **given,
        )

    def answers(self, *answers: httpx.Response | Exception | Callable[..., httpx.Response]) -> respx.Route:
        """Any request gets these in turn, then the last one for ever."""
        told = list(answers)

        def answer(request: httpx.Request) -> httpx.Response:
            said = told.pop(0) if len(told) > 1 else told[0]
            if isinstance(said, Exception):
                raise said
            return said if isinstance(said, httpx.Response) else said(request)

        return self.router.route().mock(side_effect=answer)

    @property
    def sent(self) -> list[httpx.Request]:
        return [call.request for call in self.router.calls]

    @property
    def waited(self) -> list[RequestEvent]:
        return [event for event in self.events if event.wait]


def ok(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json=data, headers=headers)


def error(status: int, message: str = "no", headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": status, "message": message}}, headers=headers)


def page(status: int = 200) -> httpx.Response:
    return httpx.Response(status, html="<html><head><title>Sign in</title></head><body>hello</body></html>")
