"""Faults carried out: what a caller gets in place of the true answer."""

from __future__ import annotations

import math
from email.utils import formatdate
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.sandbox.call import Refusal, SandboxReply
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.wire import Answer, answer, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.faults import Faults

_BAD_GATEWAY = page(HTTPStatus.BAD_GATEWAY, "502 Bad Gateway")
_GATEWAY_TIMEOUT = page(HTTPStatus.GATEWAY_TIMEOUT, "504 Gateway Time-out")
_SIGN_IN = page(HTTPStatus.OK, "Sign in to continue")
_ERROR = answer(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong").reply())
_INSTEAD: Mapping[Fault, Answer] = MappingProxyType(
    {
        Fault.ERROR: _ERROR,
        Fault.ERROR_AFTER: _ERROR,
        Fault.GATEWAY: _BAD_GATEWAY,
        Fault.GATEWAY_AFTER: _BAD_GATEWAY,
        Fault.UNAVAILABLE: Answer(503, b"no healthy upstream", {"Content-Type": "text/plain"}),
        Fault.TIMEOUT: _GATEWAY_TIMEOUT,
        Fault.TIMEOUT_AFTER: _GATEWAY_TIMEOUT,
        Fault.HTML: _SIGN_IN,
        Fault.HTML_AFTER: _SIGN_IN,
    }
)
_LIMITED = (Fault.LIMIT_SECONDS, Fault.LIMIT_DATE, Fault.LIMIT_HEADERS)


def spoiled(fault: Fault, true: Answer, faults: Faults, now: float) -> Answer | None:
    """The answer after the fault changed it; `None` when the connection breaks."""
    if fault in _INSTEAD:
        return _INSTEAD[fault]
    if fault in _LIMITED:
        return _refused(fault, faults.retry_after, now)
    if fault is Fault.TRUNCATED:
        return Answer(true.status, true.content[: len(true.content) // 2], true.headers)
    return true if fault is Fault.SLOW else None


def delay(fault: Fault | None, faults: Faults) -> float:
    """The seconds that the fault keeps the caller waiting."""
    if fault is Fault.SLOW:
        return faults.slow
    return faults.silence if fault in (Fault.HANG, Fault.HANG_AFTER) else 0


def _refused(fault: Fault, seconds: int, now: float) -> Answer:
    if fault is Fault.LIMIT_SECONDS:
        headers = {"Retry-After": str(seconds)}
    elif fault is Fault.LIMIT_DATE:
        headers = {"Retry-After": formatdate(math.ceil(now + seconds), usegmt=True)}
    else:
        headers = rate_headers(limit=1000, remaining=0, reset=now + seconds)
    return answer(too_many(headers))


def too_many(headers: Mapping[str, str], status: int = HTTPStatus.TOO_MANY_REQUESTS) -> SandboxReply:
    """What a rate limit refuses with."""
    return Refusal(HTTPStatus(status), "Too many requests", headers).reply()


def rate_headers(*, limit: int, remaining: int, reset: float) -> dict[str, str]:
    """What a reply says of a rate limit; `Reset` is whole seconds since the epoch."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(math.ceil(reset)),
    }
