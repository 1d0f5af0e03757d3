"""Schemathesis, let loose on the sandbox on a port, finds nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from lzstring import compress_to_encoded_uri_component

from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.sandbox import ORGANIZATION, SANDBOX_TOKEN, Sandbox, world
from reconciler.sandbox.records import Event, Installation
from reconciler.sandbox.server import running
from tests.conftest import NIGHTLY
from tests.contract import openapi
from tests.sandbox.api import SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
pytest_plugins = ["schemathesis.pytest.plugin"]

REFUSALS = ("400", "401", "403", "404", "409", "415")
KNOWN = {
    "integrationName": "webhook",
    "installationId": "wH7kLm2Np4Qr6St8Uv0W",
    "organizationId": ORGANIZATION,
    "spaceId": SPACE,
    "siteId": "site_p4Xo1",
    "eventId": "event",
}
CONTEXT = {"type": "configuration_space", "spaceId": SPACE, "theme": "dark"}
SCREEN = {"componentId": "config", "props": {}, "context": CONTEXT}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
        }
    },
}


def document() -> dict[str, Any]:
    """The corrected document, with the refusals that every operation may answer.

    The reference names 404 alone, and 400 once; 401 and 403 go without saying, 400 is what its limits ask,
    and 409 is how this sandbox says that something exists.
    """
    found = openapi.corrected()
    refusal = {"description": "", "content": {"application/json": {"schema": ERROR}}}
    for item in found["paths"].values():
        for operation in item.values():
            operation["responses"] |= dict.fromkeys(REFUSALS, refusal)
    return found


schema = schemathesis.openapi.from_dict(document())


def resolve(case: schemathesis.Case[Any]) -> None:
    """Put into a valid request what nobody can make up: ids that exist, the API's own cursors, LZ-string."""
    case.query.pop("page", None)
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if len(repr(case.path_parameters)) % 2:
        case.path_parameters = {name: KNOWN[name] for name in case.path_parameters}
    if isinstance(case.body, dict) and isinstance(case.body.get("props"), dict):
        # The corrected document allows a null in a plain object, which the reference does not.
        case.body["props"] = {"text": "x", "list": [1, True, {}]}
    if "request" in case.query:
        case.query["request"] = compress_to_encoded_uri_component(json.dumps(SCREEN))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The sandbox on a port, with something at each known id."""
    store = world.default()
    store.put_installation(Installation(KNOWN["installationId"], "webhook", ORGANIZATION))
    webhook = store.integrations["webhook"]
    store.integrations["webhook"] = replace(webhook, organization=ORGANIZATION)
    payload = {"eventId": "event", "type": "task", "task": {}}
    store.add_event(Event("event", "webhook", payload))
    with running(Sandbox(store)) as found:
        yield f"{found}/v1"


@schema.parametrize()
@settings(
    max_examples=200 if NIGHTLY else 15,
    derandomize=not NIGHTLY,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_nothing_is_found(case: schemathesis.Case[Any], url: str) -> None:
    resolve(case)
    tokens = OPERATIONS[case.operation.definition.raw["operationId"]].tokens
    token = SANDBOX_TOKEN if "user" in tokens else "gb_int_webhook"
    case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {token}"})
