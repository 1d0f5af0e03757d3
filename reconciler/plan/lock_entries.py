"""What the lock remembers of a resource, and what that says about fields that cannot be read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import dotted
from reconciler.lock.document import LockEntry
from reconciler.plan.diff import flat, live_key, live_value, readable
from reconciler.plan.step import Change, Reason
from reconciler.resources.digest import Digest, Salt
from reconciler.resources.kind import Mark
from reconciler.resources.resource import place_of
from reconciler.resources.values import ABSENT, has_strong_secret, is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.lock.document import Base
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Address, Resource, State

ABSENT_KEY_DIGEST = Salt("").digest(None)
"""The digest of a key that was declared to be absent."""
UNKNOWN = (Reason.VERSION_MOVED, Reason.NEVER_RECORDED)
"""Why nobody can say whether a field differs."""


def server_id(resource: Resource) -> str:
    """The id that the lock keeps: empty where the address says which object it is."""
    return "" if resource.facts.id == resource.address.key else resource.facts.id


def of_these(base: Base, declared: State, live: State) -> Base:
    """The base without the entries of other objects than those that are live, or that the files pin.

    An installation that was removed and made again by hand has another id: what was applied to the old one
    does not hold for the new one, nor for what stands under it.
    """
    # An entry has no id where the address is one, or where an older gbsync wrote it. It is believed then.
    ids = {
        address: _current_id(address, declared, live) for address, entry in base.entries.items() if entry.id
    }
    others = {address for address, own_id in ids.items() if own_id not in ("", base.entries[address].id)}
    if not others:
        return base
    entries = {
        address: entry for address, entry in base.entries.items() if others.isdisjoint(address.lineage)
    }
    return replace(base, entries=entries)


def _current_id(address: Address, declared: State, live: State) -> str:
    """The server's id of the object that this run is about; empty where nobody knows one."""
    if address in live:
        return live[address].facts.id
    resource = declared.get(address)
    return resource.declaration.id if resource and resource.declaration else ""


class LockEntries(Mapping["Address", LockEntry]):
    """Per declared address the entry that it leaves when it is as declared; made when asked for."""

    def __init__(
        self,
        desired: State,
        live: State,
        base: Base,
        changed: frozenset[Address],
        *,
        table: Table,
        name: Callable[[str], str],
    ) -> None:
        self._desired = desired
        self._live = live
        self._base = base
        self._changed = changed
        self._table = table
        self._name = name

    def __getitem__(self, address: Address) -> LockEntry:
        resource, live = self._desired[address], self._live.get(address)
        kind, old = self._table[address.kind], self._base.entries.get(address)
        changed = address in self._changed
        entry = self._fields(kind, resource, old, live, changed=changed)
        entry = replace(entry, id=server_id(live)) if live else entry
        if old and live and old.kept and not changed:
            entry = replace(entry, kept=self._stored_forms(kind, resource, live, old))
        if changed or live is None:
            return replace(entry, fingerprints=fingerprints(kind, resource, self._base.salt))
        return _unchanged(entry, kind, resource, live, old, self._base.salt)

    def _stored_forms(self, kind: Kind, resource: Resource, live: Resource, old: LockEntry) -> dict[str, str]:
        """What the API still keeps in the form that the lock knows."""
        return {
            change.name: old.kept[change.name]
            for change in readable(kind, resource, live).changes
            if is_normalised(change, live, kind, old, self._base.salt)
        }

    def __iter__(self) -> Iterator[Address]:
        return iter(self._desired)

    def __len__(self) -> int:
        return len(self._desired)

    def _fields(
        self, kind: Kind, resource: Resource, old: LockEntry | None, live: Resource | None, *, changed: bool
    ) -> LockEntry:
        """The entry with each declared field, and each one that a file named once and that is still set."""
        file = self._name(resource.declaration.place.file) if resource.declaration else ""
        fields: dict[str, str] = {}
        files: dict[str, str] = {}
        for path, value in flat(kind, resource.attributes):
            name = dotted(path)
            if value is None and not is_stated(resource, path):
                continue
            digest = self._digest(kind, path, value, old.fields.get(name) if old else None, changed=changed)
            if digest:
                fields[name] = digest
                place = place_of(resource, path)
                if place and (other := self._name(place.file)) != file:
                    files[name] = other
        # Such a line was removed from the file and its value stays live. The lock must go on knowing it, or a
        # later run with pruning would take the key for somebody else's.
        if old and live:
            for path in dropped(kind, resource, live, old):
                name = dotted(path)
                fields[name] = old.fields[name]
                if old.file_of(name) != file:
                    files[name] = old.file_of(name)
        return LockEntry(file, fields, files)

    def _digest(
        self, kind: Kind, path: tuple[str, ...], value: Any, old: str | None, *, changed: bool
    ) -> str | None:
        """The digest to keep; of a secret that is as it was the old one, which spares a slow derivation."""
        if not kind.fields[path[0]].compared:
            return None
        # The digest of a secret takes some 30 ms (scrypt), so an unchanged secret keeps the one it has.
        if not is_known(value) or (old and not changed and has_strong_secret(value)):
            return old
        return self._base.salt.digest(value)


def is_normalised(change: Change, live: Resource, kind: Kind, entry: LockEntry | None, salt: Salt) -> bool:
    """Whether the API keeps another form of this same value, and still the same one: so no change."""
    if entry is None or change.after is ABSENT:
        return False
    stored_form, asked = entry.kept.get(change.name), entry.fields.get(change.name)
    if stored_form is None or asked is None:
        return False
    now = live_value(kind.fields[change.path[0]], live)
    if len(change.path) > 1:
        now = live_key(kind, live, change.path[1])
    return now is not ABSENT and salt.matches(change.after, asked) and salt.matches(now, stored_form)


def _unchanged(
    entry: LockEntry, kind: Kind, resource: Resource, live: Resource, old: LockEntry | None, salt: Salt
) -> LockEntry:
    """The entry of a resource that no step touches: what cannot be read back is as the lock has it."""
    # Without the secret nobody can say whether what is live is what the file declares: the lock stays.
    if not all(map(is_known, hidden(kind, resource).values())):
        return replace(entry, version=old.version, fingerprints=old.fingerprints) if old else entry
    prints = old.fingerprints if old else fingerprints(kind, resource, salt)
    return replace(entry, version=live.facts.version, fingerprints=prints)


def is_stated(resource: Resource, path: tuple[str, ...]) -> bool:
    """Whether a file says so itself; a key that is claimed or pruned is to be absent without a line."""
    return resource.declaration is not None and path in resource.declaration.places


def dropped(kind: Kind, resource: Resource, live: Resource, entry: LockEntry) -> Iterator[tuple[str, ...]]:
    """The recorded fields and keys that are not declared any more but still live."""
    for name in sorted(entry.fields):
        if _declares(kind, resource, name) or entry.fields[name] == ABSENT_KEY_DIGEST:
            continue
        top, dot, key = name.partition(".")
        if dot and top == kind.keyed:
            if live_key(kind, live, key) is not ABSENT:
                yield (top, key)
        elif top in kind.fields and live_value(kind.fields[top], live) not in (
            None,
            kind.fields[top].assumed,
        ):
            yield (top,)


def _declares(kind: Kind, resource: Resource, name: str) -> bool:
    """Whether the resource has the field, or the key, of this name."""
    top, dot, key = name.partition(".")
    value = resource.attributes.get(top)
    if top == kind.keyed and isinstance(value, Mapping):
        return bool(dot) and key in value
    return not dot and top in resource.attributes


def hidden(kind: Kind, resource: Resource) -> dict[str, Any]:
    """Each declared field that cannot be read back; beside one also what every write sends by itself."""
    if not kind.unreadable:
        return {}
    declared = {
        item.name: resource.attributes[item.name]
        for item in kind.unreadable
        if item.name in resource.attributes
    }
    always = {item.name: item.assumed for item in kind.unreadable if item.has(Mark.ALWAYS)}
    return {**always, **declared} if declared else {}


def fingerprints(kind: Kind, resource: Resource, salt: Salt) -> dict[str, str]:
    """A digest of each field that cannot be read back: one slow derivation for each that is secret."""
    return {
        name: salt.digest(value, secret=kind.fields[name].has(Mark.SECRET))
        for name, value in hidden(kind, resource).items()
        if is_known(value)
    }


def resolve_intent(entry: LockEntry, kind: Kind, desired: Resource, live: Resource) -> LockEntry:
    """The entry after an interrupted publish: if its intent was plainly carried out, it is as if recorded."""
    if entry.intent is None:
        return entry
    # The reply to the publish was lost. One version more, with the fields as sent, is taken for ours. If it
    # went up by two, or the fields differ, a colleague may have published, and nothing is known.
    done = (entry.intent.version or 0) + 1 == live.facts.version and not readable(kind, desired, live).changes
    if not done:
        return replace(entry, intent=None)
    return replace(
        entry, intent=None, version=live.facts.version, fingerprints=dict(entry.intent.fingerprints)
    )


def is_recorded(entry: LockEntry | None, wanted: LockEntry, version: int | None) -> bool:
    """Whether the lock knows this version as what `wanted` says, done or intended."""
    if entry is None or version is None:
        return False
    done = entry.version == version and dict(entry.fingerprints) == dict(wanted.fingerprints)
    intent = entry.intent
    if done or intent is None:
        return done
    return (intent.version or 0) + 1 == version and dict(intent.fingerprints) == dict(wanted.fingerprints)


def unseen(
    kind: Kind, desired: Resource, live: Resource, entry: LockEntry | None, salt: Salt
) -> tuple[tuple[Change, ...], Reason]:
    """The changes of fields that cannot be read back, as far as the lock shows them, and the reason.

    Same version and fingerprint: none. Same version, another fingerprint: changed. Another version, or no
    entry: unknown, so it is published to be sure. A secret that is not set cannot be judged: no reason.
    """
    known = {name: value for name, value in hidden(kind, desired).items() if is_known(value)}
    if not known:
        return (), Reason.NONE
    reasons = {name: _reason(name, value, live, entry, salt) for name, value in known.items()}
    changes = tuple(
        _change(desired, name, known[name], reason, entry)
        for name, reason in reasons.items()
        if reason is not Reason.NONE
    )
    order = (*UNKNOWN, Reason.FINGERPRINT_CHANGED)
    return changes, next((reason for reason in order if reason in reasons.values()), Reason.NONE)


def _change(desired: Resource, name: str, value: Any, reason: Reason, entry: LockEntry | None) -> Change:
    """The change of one such field, from what was published last as far as the lock knows."""
    place = place_of(desired, (name,))
    if reason in UNKNOWN or entry is None:
        return Change((name,), ABSENT, value, unknown=True, place=place)
    return Change((name,), Digest(entry.fingerprints[name]), value, place=place)


def _reason(name: str, value: Any, live: Resource, entry: LockEntry | None, salt: Salt) -> Reason:
    recorded = entry.fingerprints.get(name) if entry else None
    # Somebody published since: the script may be another one, though every field that can be read is equal.
    if entry and entry.version is not None and entry.version != live.facts.version:
        return Reason.VERSION_MOVED
    if recorded is None or entry is None or entry.version is None:
        return Reason.NEVER_RECORDED
    return Reason.NONE if salt.matches(value, recorded) else Reason.FINGERPRINT_CHANGED
