"""A request and its answer as they are sent, and the log's entry of both."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import CallerKind, SandboxReply
    from reconciler.sandbox.faults import Fault

HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """A request; `patience` is the number of seconds after which the caller gives up waiting."""

    method: str
    path: str
    """As sent: percent-encoded, without the query."""
    query: str = ""
    authorization: str = ""
    content_type: str = ""
    content: bytes = b""
    patience: float = math.inf


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Broken(Exception):
    """The connection ends without an answer."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One request, as the sandbox's log keeps it."""

    number: int
    """Counts from 1."""
    time: float
    operation: str
    """Empty where the API has no such operation."""
    path: Mapping[str, str]
    """The parameters in the path."""
    subject: str
    """What it is about, as an address where there is one: `installation/slack/space/ID`."""
    body: Any
    caller: CallerKind | None
    status: int
    """The status that was sent; 0 when the connection broke."""
    committed: bool
    """Whether it changed the state, also when the caller never got the reply."""
    fault: Fault | None


def answer(reply: SandboxReply) -> Answer:
    """The reply as JSON; nothing at all where it has no body."""
    if reply.body is None:
        return Answer(int(reply.status), b"", reply.headers)
    content = json.dumps(reply.body, separators=(",", ":")).encode()
    return Answer(int(reply.status), content, {"Content-Type": "application/json", **reply.headers})


def page(status: int, title: str) -> Answer:
    """The HTML that a proxy sends in place of GitBook's reply."""
    return Answer(int(status), HTML.format(title).encode(), {"Content-Type": "text/html; charset=utf-8"})
