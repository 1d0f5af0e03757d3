"""What the table of operations says of each one: parameters, body, response, subject."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    open: bool = False
    """GitBook adds to the values: another one is sent too, with a warning."""
    default: Any = None
    summary: str = ""


class Shape(Enum):
    """The form of a successful reply."""

    NOTHING = "nothing"
    OBJECT = "an object"
    LIST = "a page of items"
    ARRAY = "all items at once"


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """What the reference says of a successful reply."""

    status: int
    shape: Shape = Shape.NOTHING
    item: str = ""
    """The name of the object, or of each item, in the reference; empty where it has none."""
    keys: tuple[str, ...] = ()
    """Keys of the object that a reply is recognized by; a reply without them does not come from GitBook."""
    also: tuple[int, ...] = ()
    """Other statuses that the reference names."""


class Repeat(Enum):
    """Whether a call may be sent again when its reply was lost."""

    FREELY = "as often as it takes"
    REBUILT = "not with a configuration: that must be built again from a fresh read"
    NEVER = "only when it certainly took no effect"


_REPEAT = {"POST": Repeat.NEVER, "PATCH": Repeat.REBUILT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: how it is called, who may call it, and what it replies."""

    id: str
    method: Method
    path: str
    """Below `/v1`, with its parameters in braces: `/integrations/{integrationName}`."""
    subject: str
    """What it is about: an address whose keys are names of parameters, or of fields of the body."""
    params: tuple[Param, ...]
    body: type[BaseModel] | None
    reply: ResponseSpec
    tokens: frozenset[str]
    """Whose tokens may call it."""
    summary: str
    command: str
    """The command that serves its purpose; `api` reaches every operation."""
    beyond_reference: bool
    """It belongs to the vendor's public API, but not to the reference of integrations."""

    def about(self, params: Mapping[str, Any], body: Any = None) -> str:
        """The address of what a call is about, as far as its keys are given: `installation/slack`."""
        given = {**(body if isinstance(body, Mapping) else {}), **params}
        address = ""
        for word, name in re.findall(r"(\w+)/{(\w+)}", self.subject):
            if not given.get(name):
                break
            address += f"/{word}/{given[name]}"
        return address.removeprefix("/")

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
