"""An operation, its parameters and its body as one request. From here on its secrets are in clear."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from reconciler.errors import UsageError
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.resources.values import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.gitbook.operations.operation import Operation, Param


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request, ready to be sent as often as its operation allows."""

    operation: Operation
    target: str
    """Path and query below the endpoint's `/v1`."""
    subject: str
    """What it is about, for messages: an address if there is one."""
    content: bytes | None = field(repr=False)
    keyed: bool
    """Whether its body has a `configuration`, which must have been built from a fresh read."""
    scrubber: SecretScrubber
    """Cuts secrets out of what the server says."""
    withheld: bool
    """Whether a secret in its body is too short to be cut out: then no message of the server is shown."""

    def where(self, status: int | None) -> dict[str, Any]:
        """The arguments of an error that say which request failed."""
        return {"operation": self.operation.id, "subject": self.subject, "status": status}

    def scrubbed(self, text: str) -> str:
        """What the server says about it, without secrets."""
        return self.scrubber.scrubbed(text, withheld=self.withheld)


def request(
    operation: Operation, params: Mapping[str, Any], body: Any, *, scrubber: SecretScrubber | None = None
) -> ApiRequest:
    """The request. From now on the secrets in its body are cut out of every message of the server.

    Raises `UsageError` for parameters that the operation does not have, or that cannot be used.
    """
    scrubber = scrubber or SecretScrubber()
    subject = operation.about(params, body)
    unknown = sorted(params.keys() - {param.name for param in operation.params})
    if unknown:
        msg = f"{operation.id} {subject}: has no parameter {', '.join(unknown)}"
        raise UsageError(msg)
    content, problem = (None, "") if operation.body is None else _written(body)
    if problem:
        msg = f"{operation.id} {subject}: {problem}"
        raise UsageError(msg)
    return ApiRequest(
        operation,
        _path(operation, params) + _query(operation, params),
        subject,
        content,
        isinstance(body, Mapping) and "configuration" in body,
        scrubber,
        withheld=not register_secret(body, scrubber),
    )


def register_secret(value: Any, scrubber: SecretScrubber) -> bool:
    """Has the secrets in the value cut out of messages. False when one of them is too short for that."""
    added = [scrubber.add(text) for text in _secrets(value, secret=False)]
    return all(added)


def _written(body: Any) -> tuple[bytes | None, str]:
    """The body as JSON, or what is wrong with it. No exception is raised: it would hold the body in clear."""
    try:
        return json.dumps(_in_clear(body), separators=(",", ":"), allow_nan=False).encode(), ""
    except LookupError as error:
        return None, f"{error.args[0]}; set it"
    except (TypeError, ValueError):
        return None, "the body has a value that JSON does not have"


def _path(operation: Operation, params: Mapping[str, Any]) -> str:
    path = operation.path
    for param in operation.params:
        if param.in_ == "path":
            path = path.replace(f"{{{param.name}}}", _segment(operation, param, params.get(param.name)))
    return path


def _segment(operation: Operation, param: Param, value: Any) -> str:
    """One segment of the path, quoted: no id with a `/` or `..` in it can lead to another operation."""
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


def _in_clear(value: Any) -> Any:
    """The value as plain JSON. Raises `LookupError` for a secret that is not set."""
    match value:
        case Secret():
            return _in_clear(value.reveal())
        case Mapping():
            return {key: _in_clear(item) for key, item in value.items()}
        case list() | tuple():
            return [_in_clear(item) for item in value]
        case _:
            return value


def _secrets(value: Any, *, secret: bool) -> Iterator[str]:
    """The texts of all secrets in a value that are set. `true`, `false` and `null` are too common."""
    match value:
        case Secret():
            yield from _secrets(value.reveal(), secret=True) if value.known else ()
        case Mapping():
            for item in value.values():
                yield from _secrets(item, secret=secret)
        case list() | tuple():
            for item in value:
                yield from _secrets(item, secret=secret)
        case None | bool():
            return
        case _ if secret:
            yield str(value)
