"""Values of a plan ⇄ JSON: secrets and files as their source and a digest, never as themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Strict

from reconciler.resources.digest import SLOW, Digest
from reconciler.resources.stored_json import Damaged, StoredModel, Text, check
from reconciler.resources.values import ABSENT, FileText, SealedText, Secret, Source, SourceKind, has_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.resources.digest import Salt
    from reconciler.resources.resource import Address

Read = Callable[[tuple[str | Source, ...]], Any]
"""Reads the value of a secret or a file again, from its source. Raises `LookupError` when it is gone."""


def pack(value: Any, salt: Salt) -> Any:
    """A value as JSON: `$absent`, `$secret`, `$file` and `$text` stand for what has no JSON of its own.

    An object of the user's in which a key begins with `$` is wrapped in `$object`, to tell it from these.
    """
    match value:
        case Mapping():
            packed = {key: pack(item, salt) for key, item in value.items()}
            return {"$object": packed} if any(str(key).startswith("$") for key in packed) else packed
        case list() | tuple():
            return [pack(item, salt) for item in value]
        case _:
            return _leaf(value, salt)


def _leaf(value: Any, salt: Salt) -> Any:
    match value:
        case _ if value is ABSENT:
            return {"$absent": True}
        case Digest():
            return {"$digest": value.text}
        case Secret():
            parts = [part if isinstance(part, str) else _source(part) for part in value.parts]
            return {"$secret": parts, "digest": salt.digest(value) if value.known else None}
        case FileText():
            return {"$file": _source(value.source), "digest": salt.digest(str(value))}
        case SealedText():
            return {"$text": str(value), "digest": salt.digest(str(value))}
        case _:
            return value


def seal(value: Any, salt: Salt) -> Any:
    """A value that is only compared, never sent: its digest when there is a secret in it."""
    return {"$digest": salt.digest(value)} if has_secret(value) else pack(value, salt)


def _source(source: Source) -> dict[str, Any]:
    return {"kind": source.kind, "name": source.name, "path": list(source.path)}


@dataclass(frozen=True, slots=True)
class Unpacker:
    """JSON → values. Collects in `stale` what has changed at its source since the plan was made."""

    salt: Salt
    read: Read
    stale: list[str] = field(default_factory=list)

    def masked(self, value: Any) -> Any:
        """A value to show or to compare; the digest of a secret or a file. Raises `Damaged`."""
        match value:
            case {"$absent": True}:
                return ABSENT
            case {"$digest": str(text)}:
                return Digest(text)
            case {"$secret": list(parts), "digest": None}:
                return Secret(parts=_parts(parts), known=False)
            case (
                {"$secret": list(), "digest": str(digest)}
                | {"$file": dict(), "digest": str(digest)}
                | {"$text": str(), "digest": str(digest)}
            ):
                return Digest(digest)
            case _:
                return _within(value, self.masked)

    def wanted(self, value: Any, address: Address) -> Any:
        """A value to send: secrets and files are read again from their source. Raises `Damaged`."""
        match value:
            case {"$secret": list(parts), "digest": (None | str()) as digest}:
                return self._secret(_parts(parts), digest, address)
            case {"$file": dict(source), "digest": str(digest)}:
                origin = _read_source(source)
                content = self._again((origin,), digest, address)
                return FileText.of("" if content is None else str(content), origin)
            case {"$text": str(text), "digest": str()}:
                return SealedText(text)
            case _:
                return _within(value, lambda item: self.wanted(item, address))

    def _secret(self, parts: tuple[str | Source, ...], digest: str | None, address: Address) -> Secret:
        if digest is None:
            self.stale.append(f"{address}: {named(parts)} was not set when the plan was made; plan again")
            return Secret(parts=parts, known=False)
        weak = not digest.startswith(SLOW)
        return Secret(self._again(parts, digest, address), parts=parts, weak=weak)

    def _again(self, parts: tuple[str | Source, ...], digest: str, address: Address) -> Any:
        try:
            value = self.read(parts)
        except LookupError as error:
            self.stale.append(
                f"{address}: {error.args[0]}; make it as it was when the plan was made, or plan again"
            )
            return None
        if not self.salt.matches(value, digest):
            self.stale.append(
                f"{address}: {named(parts)} is not what it was when the plan was made; plan again"
            )
        return value


def _within(value: Any, act: Callable[[Any], Any]) -> Any:
    match value:
        case {"$object": dict(inner)}:
            return {key: act(item) for key, item in inner.items()}
        case dict():
            if mark := next((key for key in value if key.startswith("$")), ""):
                msg = f"`{mark}` stands for nothing"
                raise Damaged(msg)
            return {key: act(item) for key, item in value.items()}
        case list():
            return [act(item) for item in value]
        case _:
            return value


def named(parts: Iterable[str | Source]) -> str:
    """The sources of a value, for people."""
    return ", ".join(
        part.name if part.kind in ("file", "yaml") else f"{part.kind}.{part.name}"
        for part in parts
        if isinstance(part, Source)
    )


def _parts(stored: Iterable[Any]) -> tuple[str | Source, ...]:
    return tuple(item if isinstance(item, str) else _read_source(item) for item in stored)


class _StoredSource(StoredModel):
    kind: SourceKind
    name: Text
    path: Annotated[tuple[Text | int, ...], Strict(strict=False)]


def _read_source(item: Any) -> Source:
    stored = check(_StoredSource, item)
    return Source(stored.kind, stored.name, stored.path)
