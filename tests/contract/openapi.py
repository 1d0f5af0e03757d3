"""The API's OpenAPI document, and its schemas in one comparable form."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

DOCUMENT: dict[str, Any] = json.loads(
    Path(__file__).with_name("gitbook-integrations.json").read_text(encoding="utf-8")
)
IGNORED = frozenset({"title", "description", "format", "nullable", "discriminator", "deprecated", "$defs"})
MEANINGLESS = (("default", None), ("minLength", 0))


def resolve(node: Any, document: dict[str, Any]) -> Any:
    """The node that a `$ref` points to; itself where it is none."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each operation by its id, with its method, path and parameters resolved."""
    found = {}
    for path, item in document["paths"].items():
        for method, body in item.items():
            params = [resolve(param, document) for param in body.get("parameters", ())]
            found[body["operationId"]] = {**body, "method": method.upper(), "path": path, "params": params}
    return found


def corrected() -> dict[str, Any]:
    """A copy in which the schemas that accept nothing useful, as they are written, accept what is meant.

    `PlainObject` has no type of its own, so that a scalar matches both it and the scalar's alternative, where
    `oneOf` wants one: it becomes any object. `UIRenderEvent` wants exactly one of three events of which two
    extend the third, so that an event on a space or a site always matches two: it becomes `anyOf`.
    """
    document = deepcopy(DOCUMENT)
    schemas = document["components"]["schemas"]
    schemas["PlainObject"] = {"type": "object", "additionalProperties": True}
    render = schemas["UIRenderEvent"]["allOf"][0]
    render["anyOf"] = render.pop("oneOf")
    return document


def required(node: Any, document: dict[str, Any]) -> set[str]:
    """The keys that an object has for certain."""
    node = resolve(node, document)
    return set(node.get("required", ())).union(*(required(part, document) for part in node.get("allOf", ())))


def normal(node: Any, document: dict[str, Any]) -> Any:
    """A schema without prose and references; equal for schemas that say the same in different words."""
    node = resolve(node, document)
    if not isinstance(node, dict):
        return node
    node = _merged(node, document) if "allOf" in node else node
    options = [item for item in (*node.get("oneOf", ()), *node.get("anyOf", ())) if item != {"type": "null"}]
    if options:
        found = [_over(normal(node.get("common", {}), document), normal(item, document)) for item in options]
        found = [item for item in found if item != {"type": "integer"} or {"type": "number"} not in found]
        return found[0] if len(found) == 1 else {"one of": sorted(found, key=_text)}
    return _plain(node, document)


def _plain(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in node.items():
        match key:
            case "properties":
                plain[key] = {name: normal(item, document) for name, item in value.items()}
            case "items":
                plain[key] = normal(value, document)
            case "additionalProperties":
                plain[key] = {} if value in (True, False) else normal(value, document)
            case "const":
                plain["enum"] = [value]
            case "required":
                plain[key] = sorted(value)
            case _ if key not in IGNORED and (key, value) not in MEANINGLESS:
                plain[key] = value
    return {key: value for key, value in plain.items() if value not in ({}, [], None)}


def _merged(node: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """What `allOf` says together; a part with alternatives leaves them beside the common rest."""
    common: dict[str, Any] = {}
    options: list[Any] = []
    for part in node["allOf"]:
        found = normal(part, document)
        if "one of" in found:
            options = found["one of"]
        else:
            common = _over(common, found)
    return {"oneOf": options, "common": common} if options else common


def _over(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one or "required" in other:
        merged["required"] = sorted({*one.get("required", ()), *other.get("required", ())})
    return merged


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
