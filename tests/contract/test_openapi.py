"""The document's two useless schemas, and what their correction lets through."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.contract.openapi import DOCUMENT, corrected

EVENT = {
    "type": "ui_render",
    "eventId": "e1",
    "installationId": "i1",
    "componentId": "config",
    "props": {},
    "context": {"type": "configuration_space", "spaceId": "s1", "theme": "dark"},
}
PLAIN = {"text": "a", "number": 1, "yes": True, "list": ["a"], "deep": {"more": "b"}}


def accepts(document: dict[str, Any], name: str, value: Any) -> bool:
    registry = Registry().with_resource("", DRAFT4.create_resource(document))
    found: bool = OAS30Validator(
        {"$ref": f"#/components/schemas/{name}"}, registry=registry, _resolver=registry.resolver("")
    ).is_valid(value)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PlainObject", PLAIN),
        ("UIRenderEvent", {**EVENT, "spaceId": "s1"}),
        ("UIRenderEvent", {**EVENT, "siteId": "s1"}),
    ],
)
def test_what_is_meant_is_accepted_only_as_corrected(name: str, value: Any) -> None:
    assert not accepts(DOCUMENT, name, value)
    assert accepts(corrected(), name, value)


def test_an_event_of_nothing_is_still_refused() -> None:
    assert accepts(corrected(), "UIRenderEvent", EVENT)
    assert not accepts(corrected(), "UIRenderEvent", {"type": "ui_render"})


def test_the_document_itself_is_left_as_it_is() -> None:
    before = deepcopy(DOCUMENT)
    corrected()

    assert before == DOCUMENT
