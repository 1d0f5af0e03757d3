"""How replies may differ although they say the same: what the reference leaves to the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reconciler.sandbox.views import READABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.sandbox.behaviour import Behaviour

MASK = "********"
NEWS = "newSinceTheReference"
"""A field, and a value of an enumeration, that no client knows."""
_SECRET = re.compile(r"token|secret|password|key", re.IGNORECASE)
_DOCUMENTS = frozenset({"configurations", "contentSecurityPolicy", "blocks"})
_FREE = _DOCUMENTS | {"configuration", "payload", "props", "state", "element"}
"""What stands under these is not GitBook's: keys of integrations, and their documents."""
_ENUMS = {"site": ("type", "visibility"), "space": ("visibility",), "organization": ("type",)}
_SETS = ("scopes", "categories", "externalIds")


def shaped(body: Any, behaviour: Behaviour) -> Any:
    """The reply's body as this server writes it."""
    if body is None:
        return None
    steps: tuple[tuple[bool, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
        (behaviour.masks == "secrets", _masked),
        (behaviour.sets == "reversed", _reversed_sets),
        (behaviour.absent == "null", _with_nulls),
        (behaviour.enums == "new", _with_new_values),
        (behaviour.extra == "fields", _with_new_fields),
    )
    chosen = [step for is_on, step in steps if is_on]
    body = _each(body, chosen) if chosen else body
    return _floats(body) if behaviour.numbers == "floats" else body


def _each(body: Any, steps: list[Callable[[dict[str, Any]], dict[str, Any]]]) -> Any:
    """The body with the steps applied to each of GitBook's own objects."""
    if isinstance(body, list):
        return [_each(item, steps) for item in body]
    if not isinstance(body, dict):
        return body
    inner = {key: value if key in _FREE else _each(value, steps) for key, value in body.items()}
    for step in steps:
        inner = step(inner)
    return inner


def _masked(body: dict[str, Any]) -> dict[str, Any]:
    """The secret-looking keys of its configuration are a constant mask."""
    configuration = body.get("configuration")
    if not isinstance(configuration, dict):
        return body
    masked = {
        key: MASK if isinstance(value, str) and _SECRET.search(key) else value
        for key, value in configuration.items()
    }
    return {**body, "configuration": masked}


def _reversed_sets(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, **{key: body[key][::-1] for key in _SETS if isinstance(body.get(key), list)}}


def _with_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """An integration shows the fields that it does not have as null."""
    return {**dict.fromkeys(READABLE), **body} if body.get("object") == "integration" else body


def _with_new_values(body: dict[str, Any]) -> dict[str, Any]:
    keys = _ENUMS.get(str(body.get("object")), ("status",) if "integrationId" in body else ())
    return {**body, **dict.fromkeys(keys, NEWS)}


def _with_new_fields(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, NEWS: {"since": "tomorrow"}}


def _floats(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _floats(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_floats(item) for item in body]
    is_whole = isinstance(body, int) and not isinstance(body, bool)
    return float(body) if is_whole and abs(body) < LARGEST else body


LARGEST = 2**53
"""From here on, a float is not the same number."""
