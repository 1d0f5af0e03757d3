"""An operation, its parameters and its body as one request; its secrets are in clear from here on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from reconciler.errors import UsageError
from reconciler.value import Secret

if TYPE_CHECKING:
    from reconciler.gitbook.operation import Operation, Param


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent as often as its operation allows."""

    operation: Operation
    target: str
    """Path and query below the endpoint's `/v1`."""
    subject: str
    """What it is about, as an address where there is one."""
    content: bytes | None = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """The texts that nobody may see: those of its body, and the token."""
    keyed: bool
    """Its body has a `configuration`, which must come from a fresh read."""

    def where(self, status: int | None) -> dict[str, Any]:
        """What an error says of the request."""
        return {"operation": self.operation.id, "subject": self.subject, "status": status}


def request(
    operation: Operation, params: Mapping[str, Any], body: Any, *, secrets: tuple[str, ...] = ()
) -> Request:
    """The request, which has these secrets beside those of its body.

    Raises `UsageError` for parameters that are not the operation's or not usable.
    """
    subject = subject_of(operation, params, body)
    unknown = sorted(params.keys() - {param.name for param in operation.params})
    if unknown:
        msg = f"{operation.id} {subject}: has no parameter {', '.join(unknown)}"
        raise UsageError(msg)
    found: list[str] = [*secrets]
    try:
        clear = _in_clear(body, found)
        content = (
            None if operation.body is None else json.dumps(clear, separators=(",", ":"), allow_nan=False)
        )
    except LookupError as error:
        msg = f"{operation.id} {subject}: {error.args[0]}; set it"
        raise UsageError(msg) from None
    except (TypeError, ValueError):
        # The error's own text could show a value of the body.
        msg = f"{operation.id} {subject}: the body has a value that JSON does not have"
        raise UsageError(msg) from None
    return Request(
        operation,
        _path(operation, params) + _query(operation, params),
        subject,
        None if content is None else content.encode(),
        tuple(found),
        isinstance(body, Mapping) and "configuration" in body,
    )


def subject_of(operation: Operation, params: Mapping[str, Any], body: Any = None) -> str:
    """The address of what a call is about: `installation/slack/space/7fQm`."""
    name = params.get("integrationName")
    if not name:
        organization = params.get("organizationId")
        return f"organization/{organization}" if organization else ""
    named = body if isinstance(body, Mapping) else {}
    for word, key in (("space", "space"), ("site", "siteId")):
        id_ = params.get(f"{word}Id") or named.get(key)
        if id_:
            return f"installation/{name}/{word}/{id_}"
    return f"{'installation' if '/installation' in operation.path else 'integration'}/{name}"


def _path(operation: Operation, params: Mapping[str, Any]) -> str:
    path = operation.path
    for param in operation.params:
        if param.in_ == "path":
            path = path.replace(f"{{{param.name}}}", _segment(operation, param, params.get(param.name)))
    return path


def _segment(operation: Operation, param: Param, value: Any) -> str:
    """One segment of the path: nothing in it can lead to another one."""
    text = "" if value is None else str(value)
    if text in ("", ".", ".."):
        msg = f"{operation.id}: needs {param.name}, {param.summary}; {text!r} is none"
        raise UsageError(msg)
    return quote(text, safe="")


def _query(operation: Operation, params: Mapping[str, Any]) -> str:
    pairs: list[tuple[str, str]] = []
    for param in operation.params:
        value = params.get(param.name)
        if param.in_ != "query" or value is None:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        pairs.extend((param.name, _text(item)) for item in values)
    return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_clear(value: Any, secrets: list[str]) -> Any:
    """The value as plain JSON, and the texts of its secrets. Raises `LookupError` for one that is not set."""
    match value:
        case Secret():
            clear = value.reveal()
            _collect(clear, secrets)
            return clear
        case Mapping():
            return {key: _in_clear(item, secrets) for key, item in value.items()}
        case list() | tuple():
            return [_in_clear(item, secrets) for item in value]
        case _:
            return value


def _collect(clear: Any, secrets: list[str]) -> None:
    match clear:
        case Mapping():
            for item in clear.values():
                _collect(item, secrets)
        case list() | tuple():
            for item in clear:
                _collect(item, secrets)
        case None | bool():
            return
        case _:
            secrets.append(str(clear))
