"""The sandbox's own schemas of the bodies say what the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.gitbook.operations import OPERATIONS
from reconciler.sandbox.bodies import BODIES
from tests.contract import openapi

DOCUMENT = openapi.corrected()
DECLARED = {
    id_: operation["requestBody"]["content"]["application/json"]["schema"]
    for id_, operation in openapi.operations(DOCUMENT).items()
    if "requestBody" in operation
}
FORMATS = ("byte", "uri")


def test_each_operation_with_a_body_has_its_schema() -> None:
    assert BODIES.keys() == DECLARED.keys() <= OPERATIONS.keys()


@pytest.mark.parametrize("operation", sorted(BODIES))
def test_a_schema_is_the_documents(operation: str) -> None:
    assert shape(BODIES[operation]) == shape(DECLARED[operation])


@pytest.mark.parametrize("operation", sorted(BODIES))
def test_a_schema_knows_the_documents_formats(operation: str) -> None:
    assert formats(BODIES[operation]) == formats(DECLARED[operation])


def shape(schema: Any) -> Any:
    return free(openapi.normal(schema, DOCUMENT))


def free(node: Any) -> Any:
    """Without what says nothing: defaults, `any object`, and the action's own alternatives."""
    if isinstance(node, list):
        return [free(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {
        key: free(value) for key, value in node.items() if key not in {"default", "additionalProperties"}
    }
    if (
        "additionalProperties" in node
        and isinstance(node["additionalProperties"], dict)
        and node["additionalProperties"]
    ):
        found["additionalProperties"] = free(node["additionalProperties"])
    return found


def formats(node: Any) -> list[str]:
    node = openapi.resolve(node, DOCUMENT)
    if isinstance(node, dict):
        own = [node["format"]] if node.get("format") in FORMATS else []
        return sorted(own + [item for value in node.values() for item in formats(value)])
    return sorted(item for value in node for item in formats(value)) if isinstance(node, list) else []
