"""The schema of a resource's keyed field: which keys it may have, and what each is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Property:
    """One key that a schema describes."""

    type: str
    """`string`, `number`, `boolean`, `button`, or a type that came later."""
    default: Any = None
    enum: tuple[Any, ...] = ()
    """The only values allowed, as published; usually texts."""
    title: str = ""


@dataclass(frozen=True)
class Schema:
    """The keys that a resource's keyed field may have."""

    properties: Mapping[str, Property]
    required: frozenset[str] = frozenset()

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The value that each key has while nobody sets it."""
        return {key: item.default for key, item in self.properties.items() if item.default is not None}

    @cached_property
    def settable(self) -> frozenset[str]:
        """The keys that a file can set: all but buttons."""
        return frozenset(key for key, item in self.properties.items() if item.type != "button")

    @cached_property
    def required_keys(self) -> frozenset[str]:
        """The keys that must be set by the file or be live: required, settable, without a default."""
        return self.required & self.settable - self.defaults.keys()
