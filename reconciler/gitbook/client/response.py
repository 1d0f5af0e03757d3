"""What came back for a request, and what that means: a reply, an error, or a failure that may pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError, ApiError, Conflict, NotFound
from reconciler.gitbook.client.message import message_in
from reconciler.gitbook.operations.operation import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.client.request import Request
    from reconciler.gitbook.operations.operation import ResponseSpec

RETRIED = frozenset({408, 429, 500, 502, 503, 504, *range(520, 526)})
"""Refusals that may pass; 520 to 525 are Cloudflare's own, where it could not reach GitBook."""
MAX_DEPTH = 100
MAX_VALUES = 1_000_000
"""Of a page of 1,000 objects each may have a thousand; 48 MB of `{},{},…` would take 1.4 GB in memory."""
MANY = f"JSON with more than {MAX_VALUES:,} values"
DEEP = f"JSON that is nested more than {MAX_DEPTH} levels deep"
_NESTED = frozenset({dict, list})
UNDECIDED = frozenset({499})
"""A refusal by something on the way that may have passed the request on before."""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer off the wire; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful reply: its JSON, validated as far as the table promises it."""

    status: int
    data: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`location` and `cache-control`, where they were sent."""
    attempts: int = 1
    """How often it was sent; more than once leaves open which one was carried out."""


class TransientError(Exception):
    """A failure that may pass when the request is sent again."""

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        certain: bool = False,
        garbled: bool = False,
        final: bool = False,
    ) -> None:
        self.reason = reason
        self.status = status
        self.certain = certain
        """The request was not carried out."""
        self.garbled = garbled
        """The status was a success, but the reply is not what the reference says."""
        self.final = final
        """Sending it again would meet the same."""
        self.asked = 0.0
        """Seconds that GitBook asks all workers to wait; the pacer sees to them."""
        super().__init__(reason)


def classify(request: Request, response: Response) -> Reply:
    """The reply that the answer is. Raises what it is otherwise: `ApiError`, `AccessError` or `Passing`."""
    status = response.status
    if status in RETRIED:
        said = _said(request, response)
        msg = f"GitBook answers{said}"
        raise TransientError(msg, status=status, certain=status == HTTPStatus.TOO_MANY_REQUESTS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in UNDECIDED:
        msg = f"GitBook answers{_said(request, response)}"
        raise TransientError(msg, status=status, final=True)
    if status >= HTTPStatus.BAD_REQUEST:
        raise _refusal(request, response)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise TransientError(_redirected(response), status=status, garbled=True, final=True)
    kept = {
        name: response.headers[name] for name in ("location", "cache-control") if name in response.headers
    }
    return Reply(status, _data(request, response), kept)


def _refusal(request: Request, response: Response) -> ApiError | AccessError:
    status, said = response.status, request.told(message_in(response.content))
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return AccessError(_access(request, status, said))
        case HTTPStatus.NOT_FOUND:
            return NotFound(
                said or "there is no such thing, or the token may not see it", **request.where(status)
            )
        case HTTPStatus.CONFLICT:
            return Conflict(said or "it exists already", **request.where(status))
        case _:
            return ApiError(said or "GitBook refuses the request", **request.where(status))


def _access(request: Request, status: int, said: str) -> str:
    operation = request.operation
    where = f"{operation.id} {request.subject}: HTTP {status}{f': {said}' if said else ''}"
    if status == HTTPStatus.UNAUTHORIZED:
        return f"{where}; GitBook does not know the token: is it whole, not expired, and for this endpoint?"
    sorts = ", ".join(sorted(operation.tokens & {"user", "integration", "integration-installation"}))
    role = (
        "may look at this"
        if not operation.writes
        else "may change this: an administrator of the organization"
    )
    return f"{where}; it takes a token of sort {sorts}, of somebody who {role}"


def _said(request: Request, response: Response) -> str:
    said = request.told(message_in(response.content))
    return f" {response.status}: {said}" if said else f" {response.status}"


def _redirected(response: Response) -> str:
    if "location" in response.headers:
        return "the endpoint redirects elsewhere, which is not followed; check the endpoint and its scheme"
    return f"GitBook answers {response.status}, which is no reply"


def _data(request: Request, response: Response) -> Any:
    """The JSON of a success. Raises `TransientError` when it is not what the reference says."""
    data, wrong = _read(request, response)
    if wrong:
        reason = f"the reply is {wrong}"
        raise TransientError(reason, status=response.status, garbled=True, final=wrong in (DEEP, MANY))
    return data


def _read(request: Request, response: Response) -> tuple[Any, str]:
    """The JSON, or what is there in its place: no error is left that would hold the reply."""
    expected, data = request.operation.reply, None
    if _has_too_many_values(response.content):
        return None, MANY
    try:
        if response.content.strip():
            data = json.loads(response.content, parse_constant=_no_number)
    except RecursionError:
        return None, DEEP
    except ValueError:
        kind = request.told(response.headers.get("content-type", "").partition(";")[0]) or "something"
        return None, f"{kind} that is not whole JSON"
    if _is_deep(data):
        return None, DEEP
    if not _keeps(expected, data):
        return None, f"JSON that is not {expected.shape.value} of the promised kind"
    return data, ""


def _has_too_many_values(content: bytes) -> bool:
    """Whether it may hold too much for the memory: before it is parsed, by the signs that begin a value."""
    return sum(content.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES


def _no_number(name: str) -> float:
    raise ValueError(name)


def _is_deep(data: Any) -> bool:
    """Whether it would exhaust the stack of whoever walks it; seen level by level, without a stack."""
    level = [data] if type(data) in _NESTED else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _NESTED
        ]
        if not level:
            return False
    return True


def _keeps(expected: ResponseSpec, data: Any) -> bool:
    match expected.shape:
        case Shape.NOTHING:
            return data is None or isinstance(data, dict)
        case Shape.OBJECT:
            return _are_items(expected, [data])
        case Shape.ARRAY:
            return _are_items(expected, data)
        case Shape.LIST:
            listed = isinstance(data, dict) and _are_items(expected, data.get("items"))
            return listed and _is_next(data.get("next"))


def _are_items(expected: ResponseSpec, items: Any) -> bool:
    keys = frozenset(expected.keys)
    return isinstance(items, list) and all(isinstance(item, dict) and keys <= item.keys() for item in items)


def _is_next(following: Any) -> bool:
    if following is None:
        return True
    page = following.get("page") if isinstance(following, dict) else None
    return isinstance(page, str) and bool(page)
