"""How GitBook handles a configuration: its schema, its status, and what a PATCH makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from reconciler.sandbox.call import bad_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.sandbox.behaviour import Behaviour
    from reconciler.sandbox.records import Integration, Level

_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


def schema(integration: Integration, level: Literal["account", "space", "site"]) -> Mapping[str, Any]:
    """The properties and required keys at a level; empty for a component form and for none."""
    screen = (integration.document.get("configurations") or {}).get(level) or {}
    return screen if "properties" in screen else {}


def status(schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> Literal["active", "pending"]:
    """`pending` until every required key is set, including those that a button sets."""
    missing = [key for key in schema.get("required", ()) if configuration.get(key) is None]
    return "pending" if missing else "active"


def filled(
    schema: Mapping[str, Any], configuration: Mapping[str, Any], behaviour: Behaviour
) -> dict[str, Any]:
    """The configuration as it is stored: with defaults written in, where the API does that."""
    if behaviour.defaults == "left":
        return dict(configuration)
    properties = schema.get("properties", {})
    defaults = {key: item["default"] for key, item in properties.items() if item.get("default") is not None}
    return defaults | dict(configuration)


def refuse(
    schema: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], behaviour: Behaviour
) -> None:
    """Raises a 400 for the keys that this server does not take in a PATCH."""
    nulls = [key for key, value in new.items() if value is None] if behaviour.nulls == "refused" else []
    outside = _outside(schema, old, new) if behaviour.outside_schema == "refused" else []
    problems = [f"configuration.{key} must not be null" for key in nulls]
    problems += [f"configuration.{key} is not in the schema" for key in outside]
    if problems:
        raise bad_request("; ".join(problems))


def _outside(schema: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The new keys that the schema does not have; none where there is no schema."""
    return [key for key in new if key not in old and key not in schema["properties"]] if schema else []


def patched(
    schema: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], behaviour: Behaviour
) -> dict[str, Any]:
    """The configuration after a PATCH."""
    result = {**old, **new} if behaviour.patch == "merges" else dict(new)
    if behaviour.outside_schema == "dropped":
        outside = _outside(schema, old, new)
        result = {key: value for key, value in result.items() if key not in outside}
    if behaviour.nulls == "removed":
        result = {key: value for key, value in result.items() if value is not None}
    if behaviour.values == "trimmed":
        result = {key: value.strip() if isinstance(value, str) else value for key, value in result.items()}
    return filled(schema, result, behaviour)


def allows(integration: Integration, level: Level) -> bool:
    """Whether the integration's target admits bindings of this level."""
    return integration.document.get("target") in (None, "all", level)


def problems(schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> Iterator[str]:
    """What the schema forbids in the configuration."""
    for key, item in schema.get("properties", {}).items():
        value = configuration.get(key)
        expected = _TYPES.get(item["type"])
        if value is None or expected is None:
            continue
        if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
            yield f"configuration.{key} must be a {item['type']}"
        elif item.get("enum") and value not in item["enum"]:
            yield f"configuration.{key} must be one of {', '.join(item['enum'])}"
