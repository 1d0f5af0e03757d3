"""One answer of the API, as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
"""The statuses with which a server says that a body or a query is wrong."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON and headers of one answer, and when it came."""

    status: int
    data: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""
    number: int = 0
    """Which request of this probe it answers; they count from 1."""
    time: float = 0.0
    """When the request was sent, in seconds since the epoch."""
    seconds: float = 0.0
    """How long the answer took."""

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_refusal(self) -> bool:
        """Whether the server says that the request is wrong."""
        return self.status in REFUSALS

    @property
    def object(self) -> Mapping[str, Any]:
        """Its JSON object; empty where it is none."""
        return self.data if isinstance(self.data, Mapping) else {}

    @property
    def configuration(self) -> Mapping[str, Any]:
        """The configuration in it."""
        value = self.object.get("configuration")
        return value if isinstance(value, Mapping) else {}

    @property
    def items(self) -> list[Any]:
        """The items of a page."""
        value = self.data if isinstance(self.data, list) else self.object.get("items")
        return value if isinstance(value, list) else []

    @property
    def next(self) -> str:
        """The cursor of the next page; empty on the last one."""
        following = self.object.get("next")
        return str(following.get("page") or "") if isinstance(following, Mapping) else ""


@dataclass(frozen=True, slots=True)
class Lag:
    """How long it took until a change was seen."""

    requests: int
    """Requests in between: 0 if the first one showed it."""
    seconds: float
    """Until the answer that showed it was asked for."""


class Unclear(Exception):
    """A step of the probe cannot go on: an answer was not what the next request needs."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def done(answer: Answer, what: str) -> Answer:
    """The answer of a success. Raises `Unclear` otherwise."""
    if not answer.ok:
        raise Unclear(f"{what} answers {answer.status}")
    return answer
