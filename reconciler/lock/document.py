"""Base: what was applied last. The values, and the JSON document in which a store keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from reconciler.errors import LockError
from reconciler.resources.digest import Salt, checksum
from reconciler.resources.resource import Address
from reconciler.resources.stored_json import Damaged, StoredModel, Text, Texts, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = 1
_RESTORE = "restore it from git, or move it away and run `gbsync lock --adopt`"


@dataclass(frozen=True, slots=True)
class Intent:
    """A publish that was about to be sent: the version before it, and digests of what it was to publish.

    It is saved before the publish is sent. A script cannot be read back, so after a lost reply or a killed
    run only the intent tells the next run that a higher version is its own publish and no colleague's.
    """

    version: int | None
    fingerprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LockEntry:
    """What the lock says of one address."""

    file: str
    """The file that declared it."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Each declared field or key, `keyed.key`, with a digest of the value applied."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The file of each field or key that another one declared: an overlay."""
    version: int | None = None
    """For a publish: the version that it made on the server, or that was adopted."""
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """For fields that cannot be read back: digests of what was published."""
    intent: Intent | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    """For fields and keys that the API stores in another form than was sent: a digest of that form.

    GitBook trims and reorders some values. Without this the next plan would show them as changed for ever.
    """
    id: str = ""
    """The server's id of the object that this was applied to; empty where the address holds the id."""

    def file_of(self, name: str) -> str:
        """The file that declared a field or key."""
        return self.files.get(name, self.file)


@dataclass(frozen=True, slots=True)
class Base:
    """What was applied last to one organization at one endpoint: one section of the lock."""

    entries: Mapping[Address, LockEntry] = field(default_factory=dict)
    salt: Salt = field(default_factory=Salt)
    known: bool = False
    """Whether the lock has this section, which means that something was applied before."""
    fresh: bool = True
    """Whether the salt was made in this run, so that no file has digests made with it."""
    unmanaged: frozenset[Address] = frozenset()
    """What was live after the last apply and in no file. What else is in no file has appeared since."""
    commits: tuple[str, ...] = ()
    """The last commits that were applied, the newest one last; see `lock/commits.py`."""

    @property
    def stamp(self) -> str:
        """One text for equal entries: it tells whether the lock is still as it was when a plan was made."""
        return checksum(_section(self))


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
    version = document.get("format") if isinstance(document, dict) else None
    if isinstance(version, int) and version > FORMAT:
        msg = f"{name}: has format {version}, this program knows {FORMAT}; upgrade gbsync"
        raise LockError(msg)
    # `True == 1` in Python: without the second test a file that says `"format": true` would pass.
    if version != FORMAT or version is True or not all(map(_is_object, _sections(document))):
        msg = f"{name}: is not a lock file of gbsync; restore it from git, or name another with --lock"
        raise LockError(msg)
    return dict(document)


def _sections(document: Mapping[str, Any]) -> tuple[Any, Any]:
    return document.get("sections"), document.get("unmanaged", {})


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


class _StoredIntent(StoredModel):
    version: int | None
    fingerprints: dict[Text, Text]


class StoredEntry(StoredModel, extra="ignore"):
    """An entry in the document: what is empty is left out.

    Parts that are not known are ignored: `id` and `kept` were added within format 1, and colleagues share one
    lock file although they upgrade on different days.
    """

    file: Text
    fields: dict[Text, Text] = Field(default_factory=dict)
    files: dict[Text, Text] = Field(default_factory=dict)
    version: int | None = None
    fingerprints: dict[Text, Text] = Field(default_factory=dict)
    intent: _StoredIntent | None = None
    kept: dict[Text, Text] = Field(default_factory=dict)
    id: Text = ""

    def entry(self) -> LockEntry:
        """The entry that it describes."""
        intent = Intent(self.intent.version, self.intent.fingerprints) if self.intent else None
        return LockEntry(
            file=self.file,
            fields=self.fields,
            files=self.files,
            version=self.version,
            fingerprints=self.fingerprints,
            intent=intent,
            kept=self.kept,
            id=self.id,
        )


class _StoredLock(StoredModel, extra="ignore"):
    """The document. Only the section of this run is checked: the others are for those who use them."""

    salt: Text
    salts: dict[Text, Text] = Field(default_factory=dict)
    """The salts of sections that have one of their own."""
    sections: dict[Text, Any]
    unmanaged: dict[Text, Any] = Field(default_factory=dict)
    commits: dict[Text, Any] = Field(default_factory=dict)


class _StoredSection(StoredModel):
    entries: dict[Text, StoredEntry]
    unmanaged: Texts
    commits: Texts


def parse(document: Mapping[str, Any], section: str, name: str) -> Base:
    """The section of a decoded document as a base. Raises `LockError` for a damaged one."""
    try:
        lock = check(_StoredLock, document)
        if section not in lock.sections:
            return Base(salt=Salt(lock.salt), fresh=False)
        parts = {
            "entries": lock.sections[section],
            "unmanaged": lock.unmanaged.get(section, []),
            "commits": lock.commits.get(section, []),
        }
        stored = check(_StoredSection, parts)
    except Damaged as error:
        msg = f"{name}: is damaged in section {section!r} ({error}); {_RESTORE}"
        raise LockError(msg) from None
    return Base(
        entries={Address(address): item.entry() for address, item in stored.entries.items()},
        salt=Salt(lock.salts.get(section, lock.salt)),
        known=True,
        fresh=False,
        unmanaged=frozenset(map(Address, stored.unmanaged)),
        commits=stored.commits,
    )


def merged(document: Mapping[str, Any] | None, section: str, base: Base) -> dict[str, Any]:
    """The document with the base as its section, and every other section as it was.

    Two runs that make a new lock at the same time have a salt each. The second one keeps its own beside its
    section, because its digests were made with it. Raises `LockError` when the section that is there has
    another salt: digests that were made with another one could never be compared again.
    """
    document = document or {"salt": base.salt.text}
    salts = dict(document.get("salts", {}))
    if salts.get(section, document.get("salt")) != base.salt.text:
        if section in document.get("sections", {}):
            msg = "the lock file was replaced meanwhile; run again"
            raise LockError(msg)
        salts[section] = base.salt.text
    parts = {
        "salts": salts,
        "unmanaged": {**document.get("unmanaged", {}), section: sorted(base.unmanaged)},
        "commits": {**document.get("commits", {}), section: list(base.commits)},
    }
    return {
        "format": FORMAT,
        "salt": document.get("salt"),
        "sections": {**document.get("sections", {}), section: _section(base)},
        **{name: without for name, part in parts.items() if (without := _filled(part))},
    }


def _filled(part: Mapping[str, Any]) -> dict[str, Any]:
    """What is not empty: a document without it is the same, and stays so for earlier versions."""
    return {name: value for name, value in part.items() if value}


def part_of(document: Mapping[str, Any] | None, section: str) -> dict[str, Any]:
    """All that a document says of a section: it tells whether another run has written it."""
    names = ("sections", "unmanaged", "commits", "salts")
    parts = {name: (document or {}).get(name, {}).get(section) for name in names}
    return {name: part for name, part in parts.items() if part is not None}


def encode(document: Mapping[str, Any]) -> str:
    """The text of a lock file: sorted, one line for each value, so that git can merge two branches."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _section(base: Base) -> dict[str, Any]:
    return {str(address): entry_document(entry) for address, entry in base.entries.items()}


def entry_document(entry: LockEntry) -> dict[str, Any]:
    """The entry as JSON. What is empty is left out."""
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


def with_entry(base: Base, address: Address, entry: LockEntry) -> Base:
    """The base with one entry set."""
    return replace(base, entries={**base.entries, address: entry}, known=True)


def updated(base: Base, entries: Mapping[Address, LockEntry], forget: Iterable[Address]) -> Base:
    """The base with these entries set and those addresses forgotten."""
    remaining = {**base.entries, **entries}
    for address in forget:
        remaining.pop(address, None)
    return replace(base, entries=remaining, known=True)
