"""Checks what a user typed for an operation against its row, before anything is sent."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.errors import UsageError
from reconciler.gitbook.operations.body_errors import BodyFindings, body_findings
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from reconciler.gitbook.operations.operation import Operation, Param

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a user typed for an operation, checked."""

    values: Mapping[str, Any]
    """The parameters in their types."""
    news: tuple[str, ...] = ()
    """What in them, or in the body, gbsync does not know; it is sent as it is."""


def arguments(operation: Operation, texts: Sequence[str], body: Any = None) -> Arguments:
    """The arguments, from `name=value` texts and the body. Raises `UsageError` with every problem."""
    problems: list[str] = []
    given: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if equals:
            given.setdefault(name, []).append(value)
        else:
            problems.append(f"-p {text}: is not NAME=VALUE")
    typed = dict(_params(operation, given, problems))
    in_body = body_problems(operation, body)
    problems += in_body.errors
    news = (*_news(operation, given), *in_body.news)
    if problems:
        raise UsageError("\n".join(f"{operation.id}: {line}" for line in (*problems, *news)))
    return Arguments(typed, news)


def body_problems(operation: Operation, body: Any) -> BodyFindings:
    """What is to be said of the body, each with the place in it. No message has a value of the body."""
    if operation.body is None:
        return BodyFindings() if body is None else BodyFindings(("takes no body",))
    if body is None:
        return BodyFindings((f"needs a body: --body FILE, a JSON object with {_keys(operation.body)}",))
    return body_findings(operation.body, body)


def _news(operation: Operation, given: Mapping[str, list[str]]) -> Iterator[str]:
    """The values that GitBook may have added."""
    for param in operation.params if given else ():
        for value in given.get(param.name, []) if param.open else ():
            if value not in param.enum:
                advice = did_you_mean(value, param.enum, f"known are {', '.join(param.enum)}")
                yield f"-p {param.name}={value}: this gbsync knows no such value; {advice}"


def _keys(model: type[BaseModel]) -> str:
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return ", ".join(required) or "any of " + ", ".join(model.model_fields)


def _params(
    operation: Operation, given: Mapping[str, list[str]], problems: list[str]
) -> Iterator[tuple[str, Any]]:
    known = {param.name: param for param in operation.params}
    for name in given.keys() - known.keys():
        advice = did_you_mean(name, known, f"there are {', '.join(known)}" if known else "there are none")
        problems.append(f"-p {name}: there is no such parameter; {advice}")
    for name, param in known.items():
        values = given.get(name, [])
        if param.required and not values:
            problems.append(f"-p {name}=…: is required; it is the {param.summary}")
        if len(values) > 1 and param.type != "array":
            problems.append(f"-p {name}: is given {len(values)} times; once is enough")
        for value in values:
            problems += [f"-p {name}={value}: {problem}" for problem in param_problems(param, value)]
        if values:
            typed = [_typed(param, value) for value in values]
            yield name, typed if param.type == "array" else typed[0]


def param_problems(param: Param, text: str) -> Iterator[str]:
    """What is wrong with a text as the value of a parameter."""
    value = _typed(param, text)
    if value is None:
        yield f"must be a {param.type}" + ("; true or false" if param.type == "boolean" else "")
        return
    if param.enum and text not in param.enum and not param.open:
        yield "is none of its values; " + did_you_mean(text, param.enum, f"there are {', '.join(param.enum)}")
    if param.in_ == "path" and text in ("", ".", ".."):
        yield "is no name"
    elif param.pattern and not re.fullmatch(param.pattern.removesuffix("$"), text):
        yield f"must match {param.pattern}"
    if param.max_length is not None and len(text) > param.max_length:
        yield f"must have at most {param.max_length} characters"
    if param.minimum is not None and value < param.minimum:
        yield f"must be at least {param.minimum}"
    if param.maximum is not None and value > param.maximum:
        yield f"must be at most {param.maximum}"


def _typed(param: Param, text: str) -> Any:
    """The value in its type; `None` when the text is not of that type."""
    match param.type:
        case "boolean":
            return _BOOLEANS.get(text)
        case "number":
            return _number(text)
        case _:
            return text


def _number(text: str) -> float | int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value
