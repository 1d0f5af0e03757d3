"""Whether a request is what the reference allows: parameters by the table, bodies by their schemas."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.gitbook.operations.body_errors import body_errors
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.call import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from reconciler.gitbook.operations.operation import Operation, Param

    Check = Callable[[Any, Any], str]

USUAL = Behaviour()
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_BOOLEANS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False})


def params(
    operation: Operation,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    behaviour: Behaviour = USUAL,
) -> dict[str, Any]:
    """The query's values in their types. Raises a 400 for what the table does not allow, path included."""
    values: dict[str, Any] = {}
    known = {param.name for param in operation.params if param.in_ == "query"}
    unknown = sorted({name for name, _ in query} - known)
    if unknown and behaviour.unknown_query == "refused":
        msg = f"{', '.join(unknown)} is no parameter"
        raise bad_request(msg)
    for param in operation.params:
        if param.in_ == "path":
            _value(param, path[param.name])
            continue
        texts = [value for name, value in query if name == param.name]
        if not texts:
            if param.required:
                msg = f"{param.name} is required"
                raise bad_request(msg)
        elif param.type != "array" and len(texts) > 1:
            msg = f"{param.name} is given {len(texts)} times"
            raise bad_request(msg)
        elif param.type == "array":
            values[param.name] = [_value(param, text) for text in texts]
        else:
            values[param.name] = _value(param, texts[0])
    return values


def _value(param: Param, text: str) -> Any:
    value: Any = text
    if param.type == "boolean":
        value = _BOOLEANS.get(text)
    elif param.type == "number":
        value = _number(text)
    if value is None:
        msg = f"{param.name} must be a {param.type}"
        raise bad_request(msg)
    for problem in _param_problems(param, text, value):
        msg = f"{param.name} {problem}"
        raise bad_request(msg)
    return value


def _number(text: str) -> float | None:
    # Python's own `float` takes `1_0`, and white space around a number.
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def _param_problems(param: Param, text: str, value: Any) -> Iterator[str]:
    if param.enum and text not in param.enum:
        yield f"must be one of {', '.join(param.enum)}"
    if param.pattern and not re.fullmatch(param.pattern.rstrip("$"), text):
        yield f"must match {param.pattern}"
    if param.max_length is not None and len(text) > param.max_length:
        yield f"must have at most {param.max_length} characters"
    if param.minimum is not None and value < param.minimum:
        yield f"must be at least {param.minimum}"
    if param.maximum is not None and value > param.maximum:
        yield f"must be at most {param.maximum}"


def body(schema: Mapping[str, Any], content: bytes, behaviour: Behaviour = USUAL) -> Any:
    """The body. Raises a 400 with everything that is wrong with it."""

    def wrong(value: Any) -> Iterator[str]:
        yield from problems(schema, value, "")
        if behaviour.unknown_keys == "refused":
            yield from (f"{name} is not known" for name in strangers(schema, value, ""))

    value = _checked(content, wrong)
    return known_part(schema, value) if behaviour.unknown_keys == "dropped" else value


def strangers(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    """The keys that the schema does not name, at any depth."""
    for name, _, inner in _entries(schema, value):
        if inner is None:
            yield f"{where}{name}"
        else:
            yield from strangers(inner, value[name], f"{where}{name}.")


def known_part(schema: Mapping[str, Any], value: Any) -> Any:
    """The value without the keys that the schema does not name."""
    if isinstance(value, list):
        return [known_part(schema["items"], item) for item in value] if "items" in schema else value
    if not isinstance(value, dict):
        return value
    return {
        name: known_part(inner, item) for name, item, inner in _entries(schema, value) if inner is not None
    }


def _entries(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any, Mapping[str, Any] | None]]:
    """Keys and values of a mapping, each with its schema: empty where anything goes, `None` for strangers."""
    if isinstance(value, list) and "items" in schema:
        yield from ((number, item, schema["items"]) for number, item in enumerate(value))
    if not isinstance(value, dict):
        return
    parts = _parts(schema, value)
    properties = {name: inner for part in parts for name, inner in part.get("properties", {}).items()}
    others = next((part["additionalProperties"] for part in parts if "additionalProperties" in part), None)
    is_free = not properties and others is None
    for name, item in value.items():
        yield name, item, properties.get(name, {} if is_free else others)


def _parts(schema: Mapping[str, Any], value: Any) -> list[Mapping[str, Any]]:
    """The schemas that hold for the value: all parts, and of several choices those that fit."""
    inner = [part for item in schema.get("allOf", ()) for part in _parts(item, value)]
    fitting = [item for item in schema.get("oneOf", ()) if not any(problems(item, value, ""))]
    return [schema, *inner, *(part for item in fitting for part in _parts(item, value))]


def body_of(model: type[BaseModel], content: bytes) -> Any:
    """The body, checked by the shape in the row: for operations without a schema in `bodies`."""
    return _checked(content, lambda value: body_errors(model, value))


def _checked(content: bytes, check: Callable[[Any], Iterable[str]]) -> Any:
    try:
        value = json.loads(content, parse_constant=_finite, parse_float=_finite)
        if b"\\ud" in content.lower():
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
        wrong = list(check(value))
    except (ValueError, RecursionError):
        msg = "the body is not JSON"
        raise bad_request(msg) from None
    if wrong:
        raise bad_request("; ".join(wrong))
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def problems(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    """What the schema does not allow in the value: OpenAPI's words, as far as the bodies use them."""
    here = where or "the body"
    if "type" in schema and not _is(schema["type"], value):
        yield f"{here} must be a JSON {schema['type']}"
        return
    for word, check in _CHECKS.items():
        problem = check(schema[word], value) if word in schema else ""
        if problem:
            yield f"{here} {problem}"
    for part in schema.get("allOf", ()):
        yield from problems(part, value, where)
    if "oneOf" in schema:
        yield from _choice(schema["oneOf"], value, where)
    if isinstance(value, dict):
        yield from _inside(schema, value, where)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from problems(schema["items"], item, f"{where}[{number}]")


def _inside(schema: Mapping[str, Any], value: Mapping[str, Any], where: str) -> Iterator[str]:
    prefix = f"{where}." if where else ""
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{prefix}{name} is required"
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties")
    for name, item in value.items():
        inner = properties.get(name, others)
        if inner:
            yield from problems(inner, item, f"{prefix}{name}")


def _choice(choices: Sequence[Mapping[str, Any]], value: Any, where: str) -> Iterator[str]:
    """Exactly one must fit; if none does, the problems of the one that comes closest."""
    of_its_type = [choice for choice in choices if "type" not in choice or _is(choice["type"], value)]
    problems_of_each = [list(problems(choice, value, where)) for choice in of_its_type or choices]
    fitting = sum(not item for item in problems_of_each)
    if fitting > 1:
        yield f"{where or 'the body'} is more than one thing at once"
    elif not fitting:
        yield from min(problems_of_each, key=len)


_TYPES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "object": (dict,),
        "array": (list,),
        "string": (str,),
        "number": (int, float),
        "boolean": (bool,),
    }
)


def _is(name: str, value: Any) -> bool:
    return isinstance(value, _TYPES[name]) and isinstance(value, bool) == (name == "boolean")


def _is_plain(value: Any) -> bool:
    """Whether it may stand in a `PlainObject`: no null, and no list in a list."""
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(not isinstance(item, list) and _is_plain(item) for item in value)
    return value is not None


def _format(name: str, text: str) -> str:
    if name == "byte":
        try:
            base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return "must be base64"
    elif not _is_uri(text):
        return "must be a URL"
    return ""


def _is_uri(text: str) -> bool:
    if any(letter.isspace() for letter in text):
        return False
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "enum": lambda values, value: "" if value in values else f"must be one of {', '.join(values)}",
        "plain": lambda _, value: "" if all(map(_is_plain, value.values())) else "must be a plain object",
        "minLength": lambda least, text: (
            f"must have at least {least} characters" if len(text) < least else ""
        ),
        "maxLength": lambda most, text: f"must have at most {most} characters" if len(text) > most else "",
        "maxItems": lambda most, items: f"must have at most {most} items" if len(items) > most else "",
        "maxProperties": lambda most, items: f"must have at most {most} keys" if len(items) > most else "",
        "uniqueItems": lambda _, items: (
            "must not repeat an item" if len({*map(json.dumps, items)}) < len(items) else ""
        ),
        "minimum": lambda least, value: f"must be at least {least}" if value < least else "",
        "maximum": lambda most, value: f"must be at most {most}" if value > most else "",
        "format": _format,
    }
)
