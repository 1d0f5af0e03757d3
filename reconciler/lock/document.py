"""Base: what was applied last, as values and as the JSON document that keeps them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.errors import LockError
from reconciler.resources import stored as parts
from reconciler.resources.digest import Salt
from reconciler.resources.resource import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractAsyncContextManager

FORMAT = 1
_RESTORE = "restore it from git, or move it away and run `gbsync lock --adopt`"


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
    """Each declared field or key, `keyed.key`, with a digest of the value applied."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The file of each field or key that another one declared: an overlay."""
    version: int | None = None
    """For a publish: the remote version that it made, or that was adopted."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """For fields that cannot be read back: digests of what was published."""
    intent: Intent | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    """Of fields and keys that the API keeps in another form than was asked: a digest of that form."""
    id: str = ""
    """The server's id of the object that this was applied to; empty where the address says it."""

    def file_of(self, name: str) -> str:
        """The file that declared a field or key."""
        return self.files.get(name, self.file)


@dataclass(frozen=True, slots=True)
class Base:
    """The section of one endpoint and organization."""

    entries: Mapping[Address, Entry] = field(default_factory=dict)
    salt: Salt = field(default_factory=Salt)
    known: bool = False
    """Whether there is such a section: something was applied before."""
    fresh: bool = True
    """Whether the salt was made just now, so that no file depends on it."""
    unmanaged: frozenset[Address] = frozenset()
    """What was live after the last apply although no file declared it; all else has appeared since."""

    @property
    def stamp(self) -> str:
        """One text for equal entries: whether the lock is still what a plan was made from."""
        text = json.dumps(_section(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class LockStore(Protocol):
    """Keeps the base between runs: a lock file, or the sandbox's state."""

    @property
    def name(self) -> str:
        """Where a saved plan finds it again; empty where the command line alone says that."""
        ...

    def hold(self) -> AbstractAsyncContextManager[None]:
        """Keeps other runs from applying meanwhile. Raises `LockError` that says who does."""
        ...

    def load(self) -> Base:
        """What was applied last. Raises `LockError`."""
        ...

    def save(self, base: Base) -> None:
        """Replaces it, whole or not at all. Raises `LockError`."""
        ...


def section_of(endpoint: str, organization: str) -> str:
    """The name of the section in the document."""
    return f"{endpoint.rstrip('/')} {organization}"


def decode(text: str, name: str) -> dict[str, Any]:
    """The document in the text of a lock file. Raises `LockError` that says what is wrong with it."""
    if any(f"\n{marker} " in f"\n{text}" for marker in ("<<<<<<<", ">>>>>>>")):
        msg = (
            f"{name}: holds git's merge-conflict markers; take one side whole (git checkout --ours {name}),"
            " then `gbsync plan`: what is unknown then is published again, or recorded by `lock --adopt`"
        )
        raise LockError(msg)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{name}: is damaged ({error}); {_RESTORE}"
        raise LockError(msg) from None
    found = document.get("format") if isinstance(document, dict) else None
    if isinstance(found, int) and found > FORMAT:
        msg = f"{name}: has format {found}, this program knows {FORMAT}; upgrade gbsync"
        raise LockError(msg)
    if found != FORMAT or found is True or not all(map(_is_object, _sections(document))):
        msg = f"{name}: is not a lock file of gbsync; restore it from git, or name another with --lock"
        raise LockError(msg)
    return dict(document)


def _sections(document: Mapping[str, Any]) -> tuple[Any, Any]:
    return document.get("sections"), document.get("unmanaged", {})


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def parse(document: Mapping[str, Any], section: str, name: str) -> Base:
    """The section of a decoded document as a base. Raises `LockError` for a damaged one."""
    try:
        salt = Salt(parts.text(document, "salt"))
        sections = parts.mapping(document, "sections")
        if section not in sections:
            return Base(salt=salt, fresh=False)
        found = parts.mapping(sections, section)
        entries = {Address(address): read_entry(value) for address, value in found.items()}
        unmanaged = frozenset(map(Address, _unmanaged(document, section)))
    except parts.Damaged as error:
        msg = f"{name}: is damaged in section {section!r} ({error}); {_RESTORE}"
        raise LockError(msg) from None
    return Base(entries=entries, salt=salt, known=True, fresh=False, unmanaged=unmanaged)


def _unmanaged(document: Mapping[str, Any], section: str) -> tuple[str, ...]:
    sections = parts.mapping(document, "unmanaged") if "unmanaged" in document else {}
    return parts.texts(sections, section) if section in sections else ()


def merged(document: Mapping[str, Any] | None, section: str, base: Base) -> dict[str, Any]:
    """The document with the section as the base says, other sections untouched.

    Raises `LockError` when the document has another salt: the digests of the two would not fit together.
    """
    if document and document.get("salt") != base.salt.text:
        msg = "the lock file was replaced meanwhile; run again"
        raise LockError(msg)
    sections = {**(document or {}).get("sections", {}), section: _section(base)}
    unmanaged = {**(document or {}).get("unmanaged", {}), section: sorted(base.unmanaged)}
    unmanaged = {name: addresses for name, addresses in unmanaged.items() if addresses}
    plain = {"format": FORMAT, "salt": base.salt.text, "sections": sections}
    return {**plain, "unmanaged": unmanaged} if unmanaged else plain


def encode(document: Mapping[str, Any]) -> str:
    """The text of a lock file: sorted, a line per value, so that git merges what can be merged."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def read_entry(value: Any) -> Entry:
    """The entry in a document. Raises `Damaged`."""
    return Entry(
        file=parts.text(value, "file"),
        fields=_texts(value, "fields"),
        files=_texts(value, "files"),
        version=_version(value),
        fingerprints=_texts(value, "fingerprints"),
        intent=_intent(value["intent"]) if "intent" in value else None,
        id=parts.text(value, "id") if "id" in value else "",
        kept=_texts(value, "kept"),
    )


def _intent(value: Any) -> Intent:
    return Intent(parts.part(value, "version", int, NoneType), parts.text_mapping(value, "fingerprints"))


def _texts(value: Mapping[str, Any], name: str) -> dict[str, str]:
    return parts.text_mapping(value, name) if name in value else {}


def _version(value: Mapping[str, Any]) -> int | None:
    found: int | None = parts.part(value, "version", int, NoneType) if "version" in value else None
    return found


def _section(base: Base) -> dict[str, Any]:
    return {str(address): entry_document(entry) for address, entry in base.entries.items()}


def entry_document(entry: Entry) -> dict[str, Any]:
    """The entry as JSON; what is empty is left out."""
    plain: dict[str, Any] = {"file": entry.file}
    for name in ("fields", "files", "fingerprints", "kept"):
        if getattr(entry, name):
            plain[name] = dict(getattr(entry, name))
    if entry.id:
        plain["id"] = entry.id
    if entry.version is not None:
        plain["version"] = entry.version
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
