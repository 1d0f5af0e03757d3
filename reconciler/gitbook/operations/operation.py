"""The language that the table of operations is written in: parameters, promises, one row per operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import BaseModel

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter in the path or the query, with its limits."""

    name: str
    in_: Literal["path", "query"] = "query"
    type: Literal["string", "number", "boolean", "array"] = "string"
    """An `array` of strings stands in the query once per value."""
    required: bool = False
    pattern: str = ""
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    enum: tuple[str, ...] = ()
    """The only values; of an `array`, of each of its strings."""
    default: Any = None
    summary: str = ""


class Shape(Enum):
    """The form of a successful reply."""

    NOTHING = "nothing"
    OBJECT = "an object"
    LIST = "a page of items"
    ARRAY = "all items at once"


@dataclass(frozen=True, slots=True)
class Promise:
    """What the reference promises of a successful reply."""

    status: int
    shape: Shape = Shape.NOTHING
    item: str = ""
    """The name of the object, or of each item, in the reference; empty where it has none."""
    keys: tuple[str, ...] = ()
    """Keys of the object that a reply is recognized by; a reply without them is not GitBook's."""
    also: tuple[int, ...] = ()
    """Other statuses that the reference names."""


class Repeat(Enum):
    """Whether a call may be made again when nobody knows what became of it."""

    FREELY = "as often as it takes"
    REBUILT = "not with a configuration: that is built again from a fresh read"
    NEVER = "not at all, unless it was certainly not made"


_REPEAT = {"POST": Repeat.NEVER, "PATCH": Repeat.REBUILT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: how it is called, by whom, and what it answers."""

    id: str
    method: Method
    path: str
    """Below `/v1`, with its parameters in braces: `/integrations/{integrationName}`."""
    params: tuple[Param, ...]
    body: type[BaseModel] | None
    reply: Promise
    tokens: frozenset[str]
    """Whose tokens may call it."""
    summary: str
    command: str
    """The command that serves its purpose; `api` reaches every operation."""
    beyond_reference: bool
    """It is of the vendor's public API, though not of the reference of integrations."""

    @property
    def writes(self) -> bool:
        """Whether calling it may change something."""
        return self.method != "GET"

    @property
    def repeat(self) -> Repeat:
        """Whether it is safe to repeat."""
        return _REPEAT.get(self.method, Repeat.FREELY)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that the reference names."""
        return tuple(sorted({self.reply.status, *self.reply.also}))

    @property
    def pages(self) -> bool:
        """Whether the reply comes in pages that the parameter `page` asks for."""
        return any(param.name == "page" for param in self.params)
