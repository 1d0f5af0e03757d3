"""Values that are more than their text: secrets, and text that was read from a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

MASK = "(secret)"
SourceKind = Literal["env", "secret", "var", "file", "yaml"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value can be read again: a saved plan keeps this in place of the value."""

    kind: SourceKind
    name: str
    """The variable's name; for `file` and `yaml` the path of the file."""
    path: tuple[str | int, ...] = ()
    """For `yaml`: the keys that lead to the value."""


class Secret:
    """A value that nobody is shown. Comparing, sending and digesting it takes a deliberate `reveal`.

    `parts` says how to read it again: literal text and sources in order; empty for a value that came
    from the API. A secret whose source is unset is *opaque*: `known` is false and `reveal` raises.
    A `weak` one was not declared as a secret: the name of its key or variable, or its shape, says it.
    """

    __slots__ = ("__value", "known", "parts", "weak")

    def __init__(
        self,
        value: Any = None,
        *,
        parts: tuple[str | Source, ...] = (),
        known: bool = True,
        weak: bool = False,
    ) -> None:
        self.__value = value
        self.weak = weak
        self.parts = parts
        self.known = known

    @property
    def sources(self) -> tuple[str, ...]:
        """What it is read from, as a file says it: `secret.NAME`."""
        return tuple(f"{part.kind}.{part.name}" for part in self.parts if isinstance(part, Source))

    def reveal(self) -> Any:
        """The value itself, in clear. Raises `LookupError` when it is opaque."""
        if not self.known:
            msg = f"the secret {', '.join(self.sources)} is not set"
            raise LookupError(msg)
        return self.__value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if not (self.known and other.known):
            return self.known == other.known and self.parts == other.parts
        return bool(same(self.reveal(), other.reveal()))

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> Any:  # a pickle would hold the value in clear
        msg = "a secret cannot be pickled"
        raise TypeError(msg)


class SealedText(str):
    """Text that cannot be read back once it is sent (a script): shown by size and digest, never as itself."""

    __slots__ = ()


class FileText(SealedText):
    """Text that stands in a file of its own (a script, an image as base64), and which file that is."""

    __slots__ = ("source",)

    source: Source

    @classmethod
    def of(cls, text: str, source: Source) -> FileText:
        """The text, remembering its source."""
        file_text = cls(text)
        file_text.source = source
        return file_text


def reveal(value: Any) -> Any:
    """The value with every secret in it in clear: for comparing in memory and for request bodies alone."""
    match value:
        case Secret():
            return value.reveal()
        case dict():
            return {key: reveal(item) for key, item in value.items()}
        case list() | tuple():
            return [reveal(item) for item in value]
        case _:
            return value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: `1` and `1.0` are, `1` and `true` are not; secrets in clear."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if isinstance(one, Secret):
        one = one.reveal()
    if isinstance(other, Secret):
        other = other.reveal()
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    # For Python `1 == True`. In JSON, and for a server, they are two values.
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def canonical(value: Any) -> str:
    """One text for equal JSON values, for digests; reveals secrets, so its result is secret too."""

    def plain(item: Any) -> Any:
        item = item.reveal() if isinstance(item, Secret) else item
        if isinstance(item, dict):
            return {key: plain(item[key]) for key in sorted(item)}
        if isinstance(item, list | tuple):
            return [plain(entry) for entry in item]
        return int(item) if isinstance(item, float) and item.is_integer() else item

    return json.dumps(plain(value), separators=(",", ":"))


def has_secret(value: Any) -> bool:
    """Whether a secret stands anywhere in the value."""
    match value:
        case str():
            return False
        case Secret():
            return True
        case dict():
            return any(has_secret(item) for item in value.values())
        case list() | tuple():
            return any(has_secret(item) for item in value)
        case _:
            return False


def has_strong_secret(value: Any) -> bool:
    """Whether a secret stands in the value that was declared as one: `${{ secret }}`, or under `secrets:`."""
    match value:
        case str():
            return False
        case Secret():
            return not value.weak
        case dict():
            return any(map(has_strong_secret, value.values()))
        case list() | tuple():
            return any(map(has_strong_secret, value))
        case _:
            return False


def is_known(value: Any) -> bool:
    """Whether no opaque secret stands in the value."""
    match value:
        case str():
            return True
        case Secret():
            return value.known
        case dict():
            return all(map(is_known, value.values()))
        case list() | tuple():
            return all(map(is_known, value))
        case _:
            return True


def unset(value: Any) -> frozenset[str]:
    """What the opaque secrets in the value would be read from."""
    match value:
        case Secret():
            return frozenset() if value.known else frozenset(value.sources)
        case dict():
            return frozenset().union(*map(unset, value.values()))
        case list() | tuple():
            return frozenset().union(*map(unset, value))
        case _:
            return frozenset()


class Absent(StrEnum):
    """The one value that means: there is no value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
