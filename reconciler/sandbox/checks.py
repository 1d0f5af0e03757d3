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
from reconciler.sandbox.call import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from reconciler.gitbook.operations.operation import Operation, Param

    Check = Callable[[Any, Any], str]

_BOOLEANS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False})


def params(operation: Operation, path: Mapping[str, str], query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The query's values in their types. Raises a 400 for what the table does not allow, path included."""
    values: dict[str, Any] = {}
    for param in operation.params:
        if param.in_ == "path":
            _value(param, path[param.name])
            continue
        texts = [value for name, value in query if name == param.name]
        if not texts:
            if param.required:
                msg = f"{param.name} is required"
                raise bad_request(msg)
        elif param.type == "array":
            values[param.name] = [_value(param, text) for text in texts]
        else:
            values[param.name] = _value(param, texts[-1])
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
    try:
        value = float(text)
    except ValueError:
        return None
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


def body(schema: Mapping[str, Any], content: bytes) -> Any:
    """The body. Raises a 400 with everything that is wrong with it."""
    return _checked(content, lambda value: problems(schema, value, ""))


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
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "enum": lambda values, value: "" if value in values else f"must be one of {', '.join(values)}",
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
