"""One request as a handler gets it, and the handler's reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

CallerKind = Literal["user", "integration", "integration-installation"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user, an integration (by name) or one installation of it (by id)."""

    kind: CallerKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request."""

    operation: str
    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any = None
    pages: bool = True
    """Whether the operation has parameters that ask for a page."""

    @property
    def listing(self) -> str:
        """The list that the call asks for, with its filters: a cursor holds for no other one."""
        filters = sorted((name, value) for name, value in self.query.items() if name not in ("page", "limit"))
        return repr((self.operation, sorted(self.path.items()), filters))

    @property
    def name(self) -> str:
        """The integration that the path names."""
        return self.path["integrationName"]

    @property
    def extended(self) -> bool | None:
        """Whether spaces and sites shall come as objects; `None` when not said."""
        value = self.query.get("extended")
        return None if value is None else bool(value)


@dataclass(frozen=True, slots=True)
class SandboxReply:
    """Status, JSON body and headers; no body at all for 204 and 205."""

    status: int = HTTPStatus.OK
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    changed: bool = True
    """Whether the request changed the state."""


DONE = SandboxReply(HTTPStatus.NO_CONTENT)
WAS_NOT_THERE = SandboxReply(HTTPStatus.NO_CONTENT, changed=False)
WAS_THERE = SandboxReply(HTTPStatus.RESET_CONTENT)


class Refusal(Exception):
    """The request is answered with an error of this status."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = int(status)
        self.message = message
        self.headers = headers or {}
        super().__init__(f"{self.status} {message}")

    def reply(self) -> SandboxReply:
        """The error in GitBook's format."""
        return SandboxReply(
            self.status, {"error": {"code": self.status, "message": self.message}}, self.headers
        )


def bad_request(message: str) -> Refusal:
    """400: the request is not what the reference allows."""
    return Refusal(HTTPStatus.BAD_REQUEST, message)


def forbidden(message: str) -> Refusal:
    """403: the object exists, but this caller may not use it."""
    return Refusal(HTTPStatus.FORBIDDEN, message)


def not_found(*, what: str, name: str) -> Refusal:
    """404: there is no such object, or the caller may not know of it."""
    return Refusal(HTTPStatus.NOT_FOUND, f"{what} {name} could not be found")


def no_operation(status: int = HTTPStatus.NOT_FOUND, *allowed: str) -> Refusal:
    """404 or 405: the API has nothing there, or not with this method."""
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return Refusal(status, "there is no such operation", headers)


def not_served(operation: str) -> Refusal:
    """501: GitBook has this operation, the sandbox does not."""
    return Refusal(HTTPStatus.NOT_IMPLEMENTED, f"the sandbox does not serve {operation}")


def not_json() -> Refusal:
    """415: the body is not said to be JSON."""
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be sent as application/json")


def conflict(message: str) -> Refusal:
    """409: the object exists already."""
    return Refusal(HTTPStatus.CONFLICT, message)
