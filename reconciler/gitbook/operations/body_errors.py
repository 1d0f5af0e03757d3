"""Turns pydantic's errors about a JSON body into messages: where it is wrong, and what is allowed there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import BaseModel

Path = tuple[str | int, ...]

_TYPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_LIMITS = {
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least {min_length} items",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
}
_TAGS = frozenset({"union_tag_invalid", "union_tag_not_found"})


def body_errors(model: type[BaseModel], body: Any) -> list[str]:
    """What is wrong with the body, once per place. No message has a value of the body."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    else:
        return []
    by_place: dict[Path, list[Mapping[str, Any]]] = {}
    for item in errors:
        by_place.setdefault(_path(item["loc"], item, body), []).append(item)
    return [
        f"{'.'.join(['body', *map(str, path)])}: {_words(model, path, items, _value(body, path))}"
        for path, items in by_place.items()
        if not _is_shadowed(path, by_place)
    ]


def _path(location: Path, error: Any, body: Any) -> Path:
    """The place in the body, without the names of union members that pydantic adds."""
    path: list[str | int] = []
    node = body
    for step in location:
        if not _has(node, step):
            continue
        path.append(step)
        node = node[step]
    if error["type"] == "missing":
        path.append(location[-1])
    elif error["type"] in _TAGS:
        path.append(str(error["ctx"]["discriminator"]).strip("'"))
    return tuple(path)


def _has(node: Any, step: str | int) -> bool:
    return step in node if isinstance(node, dict) else isinstance(node, list) and isinstance(step, int)


def _value(body: Any, path: Path) -> Any:
    node = body
    for step in path:
        node = node[step] if _has(node, step) else None
    return node


def _is_shadowed(path: Path, paths: Iterable[Path]) -> bool:
    """Whether a longer place has an error too.

    Pydantic reports each member of a union. The one that got furthest into the body was meant.
    """
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)


def _words(model: type[BaseModel], path: Path, errors: list[Mapping[str, Any]], value: Any) -> str:
    kind, context = str(errors[0]["type"]), errors[0].get("ctx", {})
    if kind in _TYPES:
        types = (_TYPES[error["type"]] for error in errors if error["type"] in _TYPES)
        return f"must be {' or '.join(dict.fromkeys(types))}"
    if kind in _LIMITS:
        limit = _LIMITS[kind].format(**context)
        return "must not be empty" if context.get("min_length") == 1 else limit
    match kind:
        case "missing" | "union_tag_not_found":
            return "is required"
        case "extra_forbidden":
            known = model.model_fields if len(path) == 1 else ()
            return f"there is no such key; {did_you_mean(str(path[-1]), known, 'look into the reference')}"
        case "literal_error" | "union_tag_invalid":
            return f"is none of its values; {_choice(context, value)}"
    message = str(errors[0]["msg"])
    return message[:1].lower() + message[1:]


def _choice(context: Mapping[str, Any], value: Any) -> str:
    allowed = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
    otherwise = f"it is one of {', '.join(allowed)}"
    return did_you_mean(value, allowed, otherwise) if isinstance(value, str) else otherwise
