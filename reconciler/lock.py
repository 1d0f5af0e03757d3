"""Base: what was applied last, as a JSON file beside the first path."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.digest import Salt
from reconciler.errors import LockError
from reconciler.resource import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Intent:
    """A publish that was about to be sent: the version it started from, and what it was going to publish."""

    version: int | None
    fingerprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is remembered of one address."""

    file: str
    """The file that declared it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Each declared field or key, `configuration.channel`, with a digest of the value applied."""
    version: int | None = None
    """For a publish: the remote version that it made, or that was adopted."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """For fields that cannot be read back: digests of what was published."""
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class Base:
    """The section of one endpoint and organization. `known` is false where there is no lock at all."""

    entries: Mapping[Address, Entry] = field(default_factory=dict)
    salt: Salt = field(default_factory=Salt)
    known: bool = False


class Keeper(Protocol):
    """Keeps the base between runs: a lock file, or the sandbox's state."""

    def load(self) -> Base:
        """What was applied last. Raises `LockError`."""
        ...

    def save(self, base: Base) -> None:
        """Replaces it, whole or not at all. Raises `LockError`."""
        ...


def section_of(endpoint: str, organization: str) -> str:
    """The name of the section in the file."""
    return f"{endpoint.rstrip('/')} {organization}"


class LockFile:
    """`gbsync.lock`: JSON, sorted, one section per endpoint and organization, replaced atomically."""

    def __init__(self, path: Path, *, endpoint: str, organization: str) -> None:
        self.path = path
        self.section = section_of(endpoint, organization)

    def load(self) -> Base:
        """The section, empty where the file or the section does not exist. Raises `LockError` on a damaged one."""
        document = self._document()
        if document is None:
            return Base()
        return parse(document, self.section, str(self.path))

    def save(self, base: Base) -> None:
        """Writes the section and leaves the others as they are."""
        document = merged(self._document(), self.section, base)
        replace_file(self.path, json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")

    def _document(self) -> dict[str, Any] | None:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{self.path}: cannot be read: {error}; restore it from git, or move it away and run `gbsync lock --adopt`"
            raise LockError(msg) from None
        return decode(text, str(self.path))


def decode(text: str, name: str) -> dict[str, Any]:
    """The document in the text of a lock file. Raises `LockError` that says what is wrong with it."""
    if "\n<<<<<<< " in f"\n{text}":
        msg = (
            f"{name}: holds git's merge-conflict markers; take either side whole "
            f"(git checkout --ours -- {name}) and run `gbsync plan`: what it shows as unknown, `gbsync lock --adopt` records"
        )
        raise LockError(msg)
    try:
        document = json.loads(text)
    except ValueError as error:
        msg = f"{name}: is damaged ({error}); restore it from git, or move it away and run `gbsync lock --adopt`"
        raise LockError(msg) from None
    if not isinstance(document, dict) or not isinstance(document.get("sections"), dict):
        msg = f"{name}: is not a lock file of gbsync; restore it from git, or name another with --lock"
        raise LockError(msg)
    if document.get("format") != FORMAT:
        msg = f"{name}: has format {document.get('format')!r}, this program knows {FORMAT}; upgrade gbsync"
        raise LockError(msg)
    return document


def parse(document: Mapping[str, Any], section: str, name: str) -> Base:
    """The section of a decoded document as a base."""
    try:
        salt = Salt(str(document["salt"]))
        body = document["sections"].get(section)
        if body is None:
            return Base(salt=salt)
        entries = {Address(address): _entry(value) for address, value in body.items()}
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"{name}: is damaged (missing {error}); restore it from git, or move it away and run `gbsync lock --adopt`"
        raise LockError(msg) from None
    return Base(entries=entries, salt=salt, known=True)


def merged(document: Mapping[str, Any] | None, section: str, base: Base) -> dict[str, Any]:
    """The document with the section as the base says, other sections untouched."""
    sections = dict((document or {}).get("sections", {}))
    sections[section] = {str(address): _plain(entry) for address, entry in base.entries.items()}
    return {"format": FORMAT, "salt": base.salt.text, "sections": sections}


def _entry(value: Mapping[str, Any]) -> Entry:
    intent = value.get("intent")
    return Entry(
        file=value["file"],
        fields=dict(value.get("fields", {})),
        version=value.get("version"),
        fingerprints=dict(value.get("fingerprints", {})),
        intent=Intent(intent.get("version"), dict(intent.get("fingerprints", {}))) if intent else None,
    )


def _plain(entry: Entry) -> dict[str, Any]:
    plain: dict[str, Any] = {"file": entry.file}
    if entry.fields:
        plain["fields"] = dict(entry.fields)
    if entry.version is not None:
        plain["version"] = entry.version
    if entry.fingerprints:
        plain["fingerprints"] = dict(entry.fingerprints)
    if entry.intent:
        plain["intent"] = {"version": entry.intent.version, "fingerprints": dict(entry.intent.fingerprints)}
    return plain


def with_entry(base: Base, address: Address, entry: Entry) -> Base:
    """The base with one entry set."""
    return replace(base, entries={**base.entries, address: entry}, known=True)


def updated(base: Base, entries: Mapping[Address, Entry], forget: Iterable[Address]) -> Base:
    """The base with these entries set and those addresses forgotten."""
    kept = {**base.entries, **entries}
    for address in forget:
        kept.pop(address, None)
    return replace(base, entries=kept, known=True)


def replace_file(path: Path, text: str) -> None:
    """Writes a file whole or not at all. Raises `LockError` with the cause (a full disk, a read-only folder)."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                Path(temporary).unlink()
        msg = f"{path}: cannot be written: {error.strerror or error}; make room or name another place with --lock"
        raise LockError(msg) from None
