"""What an answer to a request means: a reply, an error, or a failure that may pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from reconciler.errors import AccessError, AlreadyExists, ApiError, NotFound
from reconciler.gitbook.client.message import message_in
from reconciler.gitbook.operations.operation import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.client.request import ApiRequest
    from reconciler.gitbook.operations.operation import ResponseSpec

RETRIED = frozenset({408, 429, 500, 502, 503, 504, *range(520, 526)})
"""Refusals that may pass. Cloudflare sends 520 to 525 itself, when it cannot reach GitBook."""
MAX_DEPTH = 100
"""Levels of nesting. More would exhaust Python's stack in whoever walks through the JSON."""
MAX_VALUES = 1_000_000
"""1,000 objects on a page with 1,000 values each. 48 MB of `{},{},…` would take 1.4 GB in memory."""
MANY = f"JSON with more than {MAX_VALUES:,} values"
DEEP = f"JSON that is nested more than {MAX_DEPTH} levels deep"
_NESTED = frozenset({dict, list})
UNDECIDED = frozenset({499})
"""A refusal by a proxy that may have passed the request on before: whether it took effect is not known."""


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer, not judged yet. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiReply:
    """A success: its JSON, validated as far as the table of operations promises it."""

    status: int
    data: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`location` and `cache-control`, if they were sent."""
    attempts: int = 1
    """How often the request was sent. After more than one it is not known which of them took effect."""


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
        misconfigured: bool = False,
    ) -> None:
        self.reason = reason
        self.status = status
        self.certain = certain
        """Whether it is certain that the request did not take effect: then even a POST may be sent again."""
        self.garbled = garbled
        """The status was a success, but the reply is not what the reference says."""
        self.final = final
        """Whether sending it again would fail in the same way."""
        self.misconfigured = misconfigured
        """Whether a setting of this machine is the likely cause: an unknown name, or no proxy at its address.

        The client sets it to false once anything was answered in this run: the settings were right then.
        """
        self.limited = status == HTTPStatus.TOO_MANY_REQUESTS
        """Whether the rate limit refused it: that is no attempt."""
        self.asked = 0.0
        """For how many seconds GitBook asks all workers to wait. The pacer makes them wait."""
        super().__init__(reason)


def classify(request: ApiRequest, response: Response) -> ApiReply:
    """The reply, if the answer is a success. Raises `ApiError`, `AccessError` or `TransientError` otherwise.

    A 429 was refused before anything was done, so it is `certain`. A 500 or 502 is not: GitBook may have
    carried out the request, and failed after that.
    """
    status = response.status
    if status in RETRIED:
        msg = f"GitBook answers{_in_words(request, response)}"
        raise TransientError(msg, status=status, certain=status == HTTPStatus.TOO_MANY_REQUESTS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in UNDECIDED:
        msg = f"GitBook answers{_in_words(request, response)}"
        raise TransientError(msg, status=status, final=True)
    if status >= HTTPStatus.BAD_REQUEST:
        raise _refusal(request, response)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise TransientError(_redirected(response), status=status, garbled=True, final=True)
    headers = {
        name: response.headers[name] for name in ("location", "cache-control") if name in response.headers
    }
    return ApiReply(status, _data(request, response), headers)


def _refusal(request: ApiRequest, response: Response) -> ApiError | AccessError:
    status, message = response.status, request.scrubbed(message_in(response.content))
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return AccessError(_access(request, status, message))
        case HTTPStatus.NOT_FOUND:
            return NotFound(
                message or "there is no such thing, or the token may not see it", **request.where(status)
            )
        case HTTPStatus.CONFLICT:
            return AlreadyExists(message or "it exists already", **request.where(status))
        case _:
            return ApiError(message or "GitBook refuses the request", **request.where(status))


def _access(request: ApiRequest, status: int, message: str) -> str:
    operation = request.operation
    where = f"{operation.id} {request.subject}: HTTP {status}{f': {message}' if message else ''}"
    if status == HTTPStatus.UNAUTHORIZED:
        whose = "the token (GITBOOK_TOKEN, or the login of GitBook's own CLI)"
        return f"{where}; GitBook does not know {whose}: is it whole, not expired, and for this endpoint?"
    sorts = ", ".join(sorted(operation.tokens & {"user", "integration", "integration-installation"}))
    role = (
        "may look at this"
        if not operation.writes
        else "may change this: an administrator of the organization"
    )
    return f"{where}; it takes a token of sort {sorts}, of somebody who {role}"


def _in_words(request: ApiRequest, response: Response) -> str:
    message = request.scrubbed(message_in(response.content))
    return f" {response.status}: {message}" if message else f" {response.status}"


def _redirected(response: Response) -> str:
    if "location" in response.headers:
        return "the endpoint redirects elsewhere, which is not followed; check the endpoint and its scheme"
    return f"GitBook answers {response.status}, which is no reply"


def _data(request: ApiRequest, response: Response) -> Any:
    """The JSON of a success. Raises `TransientError` when it is not what the reference says."""
    data, wrong = _read(request, response)
    if wrong:
        reason = f"the reply is {wrong}"
        raise TransientError(reason, status=response.status, garbled=True, final=wrong in (DEEP, MANY))
    return data


def _read(request: ApiRequest, response: Response) -> tuple[Any, str]:
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
        kind = request.scrubbed(response.headers.get("content-type", "").partition(";")[0]) or "something"
        return None, f"{kind} that is not whole JSON"
    if _is_deep(data):
        return None, DEEP
    if not _keeps(expected, data):
        return None, f"JSON that is not {expected.shape.value} of the promised kind"
    return data, ""


def _has_too_many_values(content: bytes) -> bool:
    """Whether it may fill the memory. Counts, before parsing, the characters that begin a value."""
    return sum(content.count(sign) for sign in (b",", b"[", b"{")) > MAX_VALUES


def _no_number(name: str) -> float:
    raise ValueError(name)


def _is_deep(data: Any) -> bool:
    """Whether it is nested too deep. Goes through it level by level, so this check needs no stack itself."""
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
