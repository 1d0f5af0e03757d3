"""The table of operations against the OpenAPI document, field by field, in both directions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from reconciler.gitbook.operations.operation import Operation, Param, Shape
from reconciler.gitbook.operations.table import OPERATIONS, operation_at
from tests.contract.openapi import DOCUMENT, corrected, normal, operations, required, resolve

THEIRS = operations(DOCUMENT)
EACH = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))


def _accepted() -> dict[str, Any]:
    """The corrected document, less four things that the table says otherwise, each for its reason."""
    document = deepcopy(corrected())
    schemas = document["components"]["schemas"]
    # Each directive is a text: naming the thirty of them would only refuse the next one.
    schemas["IntegrationContentSecurityPolicy"]["oneOf"][1] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }
    # The first alternative, any object with an `action`, contains all the others.
    schemas["ContentKitAction"] = schemas["ContentKitAction"]["anyOf"][0]
    # Naming a required key twice does no harm.
    del schemas["IntegrationConfigurationSchema"]["properties"]["required"]["uniqueItems"]
    # gbsync always sends the runtime.
    del schemas["PublishIntegration"]["properties"]["runtime"]["default"]
    return document


ACCEPTED = _accepted()


def _facts(param: Param) -> dict[str, Any]:
    values: dict[str, Any] = (
        {"type": "string", "enum": list(param.enum)} if param.enum else {"type": "string"}
    )
    schema: dict[str, Any] = {
        "pattern": param.pattern or None,
        "maxLength": param.max_length,
        "minimum": param.minimum,
        "maximum": param.maximum,
        "default": param.default,
    }
    schema |= {"type": "array", "items": values} if param.type == "array" else {**values, "type": param.type}
    return {key: value for key, value in schema.items() if value is not None}


def _shape(schema: dict[str, Any] | None) -> tuple[Shape, dict[str, Any]]:
    """The form of a reply, and the schema of its object or item, with its `$ref` still in place."""
    if schema is None:
        return Shape.NOTHING, {}
    if (array := resolve(schema, DOCUMENT)).get("type") == "array":
        return Shape.ARRAY, array["items"]
    if "allOf" in schema:
        (page,) = (part for part in schema["allOf"] if "$ref" not in part)
        return Shape.LIST, page["properties"]["items"]["items"]
    return Shape.OBJECT, schema


def _success(operation: Operation) -> dict[str, Any] | None:
    reply = THEIRS[operation.id]["responses"][str(operation.reply.status)]
    schema: dict[str, Any] | None = reply.get("content", {}).get("application/json", {}).get("schema")
    return schema


def test_both_sides_have_the_same_operations() -> None:
    assert set(OPERATIONS) == set(THEIRS)
    assert len(OPERATIONS) == 44


@EACH
def test_method_and_path_are_the_documents(operation: Operation) -> None:
    theirs = THEIRS[operation.id]

    assert (operation.method, operation.path) == (theirs["method"], theirs["path"])
    assert operation_at(operation.method, operation.path) is operation


@EACH
def test_parameters_and_their_limits_are_the_documents(operation: Operation) -> None:
    ours = {(param.in_, param.name): (param.required, _facts(param)) for param in operation.params}
    theirs = {
        (param["in"], param["name"]): (param.get("required", False), normal(param["schema"], DOCUMENT))
        for param in THEIRS[operation.id]["params"]
    }
    defaults = {
        (param["in"], param["name"]): param["schema"].get("default")
        for param in THEIRS[operation.id]["params"]
        if "$ref" not in param["schema"]
    }

    assert ours == theirs
    assert {key: facts.get("default") for key, (_, facts) in ours.items() if key in defaults} == defaults


@EACH
def test_the_body_is_the_documents(operation: Operation) -> None:
    request = THEIRS[operation.id].get("requestBody")
    ours = operation.body.model_json_schema() if operation.body else None
    theirs = request["content"]["application/json"]["schema"] if request else None

    assert request is None or request["required"]
    assert normal(ours, ours or {}) == normal(theirs, ACCEPTED)


@EACH
def test_the_promised_reply_is_the_documents(operation: Operation) -> None:
    shape, item = _shape(_success(operation))
    name = item.get("$ref", "").rsplit("/", 1)[-1]

    assert (operation.reply.shape, operation.reply.item) == (shape, name)
    assert set(operation.reply.keys) <= required(item, DOCUMENT)
    assert operation.statuses == tuple(sorted(map(int, THEIRS[operation.id]["responses"])))


@EACH
def test_who_may_call_it_is_the_documents(operation: Operation) -> None:
    assert operation.tokens == {name for entry in THEIRS[operation.id]["security"] for name in entry}


@EACH
def test_what_lies_beyond_the_reference_is_marked(operation: Operation) -> None:
    assert operation.beyond_reference == THEIRS[operation.id].get("x-beyond-reference", False)


@EACH
def test_only_lists_with_a_cursor_have_pages(operation: Operation) -> None:
    names = {param["name"] for param in THEIRS[operation.id]["params"]}

    assert operation.pages == ("page" in names)
    assert not operation.pages or operation.reply.shape is Shape.LIST


def test_a_reference_is_followed_to_its_end() -> None:
    document = {"one": {"$ref": "#/two"}, "two": {"$ref": "#/three"}, "three": {"type": "string"}}

    assert resolve({"$ref": "#/one"}, document) == {"type": "string"}
