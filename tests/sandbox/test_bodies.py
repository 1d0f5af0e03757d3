"""The sandbox's own schemas of the bodies say what the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.sandbox.bodies import BODIES
from tests.contract import openapi

DOCUMENT = openapi.corrected()
# Of an action's alternatives the first, any object with an `action`, takes in all others.
ACTION = DOCUMENT["components"]["schemas"]["ContentKitAction"]
ACTION.update(ACTION.pop("anyOf")[0])
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
    return without_defaults(openapi.normal(schema, DOCUMENT))


def without_defaults(node: Any) -> Any:
    """What is refused: a default refuses nothing. What a plain object may hold, the document says badly."""
    if isinstance(node, list):
        return [without_defaults(item) for item in node]
    if isinstance(node, dict):
        return {key: without_defaults(value) for key, value in node.items() if not says_nothing(key, value)}
    return node


def says_nothing(key: str, value: Any) -> bool:
    return key in ("default", "plain") and not isinstance(value, dict)


def formats(node: Any) -> list[str]:
    node = openapi.resolve(node, DOCUMENT)
    if isinstance(node, dict):
        own = [node["format"]] if node.get("format") in FORMATS else []
        return sorted(own + [item for value in node.values() for item in formats(value)])
    return sorted(item for value in node for item in formats(value)) if isinstance(node, list) else []
