"""What the lock remembers of a resource, and what that says about fields that cannot be read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.diff import flat, readable
from reconciler.kind import Kind, Mark, Table
from reconciler.lock import Base, Entry
from reconciler.step import ABSENT, Change, Reason
from reconciler.value import has_secret, is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.digest import Salt
    from reconciler.resource import Address, Resource, State


class Memory(Mapping["Address", Entry]):
    """Per declared address the entry that it leaves when it is as declared; digests are made when asked for."""

    def __init__(
        self, desired: State, live: State, base: Base, changed: frozenset[Address], *, table: Table, name: Callable[[str], str]
    ) -> None:
        self._desired = desired
        self._live = live
        self._base = base
        self._changed = changed
        self._table = table
        self._name = name

    def __getitem__(self, address: Address) -> Entry:
        resource = self._desired[address]
        old = self._base.entries.get(address) if address not in self._changed else None
        file = resource.declaration.place.file if resource.declaration else ""
        kind = self._table[address.kind]
        entry = entry_of(kind, resource, self._base.salt, file=self._name(file), old=old)
        live = self._live.get(address)
        if kind.writes == "whole" and live and address not in self._changed:
            return replace(entry, version=live.facts.version, intent=None)
        return entry

    def __iter__(self) -> Iterator[Address]:
        return iter(self._desired)

    def __len__(self) -> int:
        return len(self._desired)


def entry_of(kind: Kind, resource: Resource, salt: Salt, *, file: str, old: Entry | None = None) -> Entry:
    """The entry of a resource that is as declared; digests of secrets are taken over from `old` where it has them."""
    known = old.fields if old else {}
    fields = {
        ".".join(path): _digest(salt, value, known.get(".".join(path)))
        for path, value in flat(kind, resource.attributes)
        if not kind.fields[path[0]].has(Mark.WRITE_ONLY) and value is not None and is_known(value)
    }
    return Entry(
        file=file,
        fields=fields,
        version=old.version if old else None,
        fingerprints=dict(old.fingerprints) if old else fingerprints(kind, resource, salt),
    )


def _digest(salt: Salt, value: Any, old: str | None) -> str:
    return old if old and has_secret(value) else salt.digest(value)


def fingerprints(kind: Kind, resource: Resource, salt: Salt) -> dict[str, str]:
    """A digest of each declared field that cannot be read back."""
    return {
        name: salt.digest(value, secret=kind.fields[name].has(Mark.SECRET))
        for name, value in resource.attributes.items()
        if kind.fields[name].has(Mark.WRITE_ONLY) and is_known(value)
    }


def settled(entry: Entry, kind: Kind, desired: Resource, live: Resource) -> Entry:
    """The entry after an interrupted publish: when its intent was plainly carried out, it is as if recorded."""
    if entry.intent is None:
        return entry
    done = (entry.intent.version or 0) + 1 == live.facts.version and not readable(kind, desired, live).changes
    if not done:
        return replace(entry, intent=None)
    return replace(
        entry, intent=None, version=live.facts.version, fingerprints=dict(entry.intent.fingerprints)
    )


def unseen(
    kind: Kind, desired: Resource, live: Resource, entry: Entry | None, salt: Salt
) -> tuple[tuple[Change, ...], Reason]:
    """The changes of declared fields that cannot be read back, judged by the lock, and why.

    Same version and fingerprint: none. Same version, another fingerprint: changed. Another version, or no
    entry: unknown, so it is published to be sure.
    """
    names = [name for name in desired.attributes if kind.fields[name].has(Mark.WRITE_ONLY)]
    names = [name for name in names if is_known(desired.attributes[name])]
    if not names:
        return (), Reason.NONE
    changes = tuple(_unseen(kind, name, desired, live, entry, salt) for name in names)
    found = tuple(change for change, _ in changes if change is not None)
    reasons = [reason for change, reason in changes if change is not None]
    order = (Reason.VERSION_MOVED, Reason.NO_MEMORY, Reason.FINGERPRINT_CHANGED)
    return found, next((reason for reason in order if reason in reasons), Reason.NONE)


def _unseen(
    kind: Kind, name: str, desired: Resource, live: Resource, entry: Entry | None, salt: Salt
) -> tuple[Change | None, Reason]:
    value = desired.attributes[name]
    place = desired.declaration.places.get((name,)) if desired.declaration else None
    recorded = entry.fingerprints.get(name) if entry else None
    if entry and entry.version is not None and entry.version != live.facts.version:
        return Change((name,), ABSENT, value, unknown=True, place=place), Reason.VERSION_MOVED
    if recorded is None:
        return Change((name,), ABSENT, value, unknown=True, place=place), Reason.NO_MEMORY
    if salt.matches(value, _as_kept(kind, name, recorded)):
        return None, Reason.NONE
    return Change((name,), ABSENT, value, place=place), Reason.FINGERPRINT_CHANGED


def _as_kept(kind: Kind, name: str, recorded: str) -> str:
    """A field that became secret since is compared as a secret, so that its plain digest is not trusted."""
    secret = kind.fields[name].has(Mark.SECRET)
    return recorded if not secret or recorded.startswith("scrypt:") else "scrypt:"
