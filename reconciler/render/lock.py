"""The lock as text and JSON: which fields of each address were applied, and by which file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.render.amounts import counted
from reconciler.render.clean import clean, inert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.lock.document import Base, LockEntry
    from reconciler.resources.resource import Address

FORMAT_VERSION = "1.0"
EMPTY = "Nothing has been applied yet."


def lock_text(base: Base) -> str:
    """The addresses of the lock with their fields, and how many there are."""
    if not base.entries:
        return EMPTY
    lines = [line for address in sorted(base.entries) for line in _lines(address, base.entries[address])]
    count = f"{counted(len(base.entries), 'address', 'addresses')} in the lock."
    return inert("\n".join([*lines, "", count]))


def _lines(address: Address, entry: LockEntry) -> Iterator[str]:
    yield f"{clean(address)}  {clean(entry.file)}"
    if entry.version is not None:
        unreadable = ", ".join(clean(name) for name in sorted(entry.fingerprints))
        yield f"    version {entry.version}" + (f" with {unreadable}" if unreadable else "")
    if entry.intent is not None:
        yield "    a publish was started but not recorded; the next plan checks whether it was made"
    for name in sorted(entry.fields):
        file = entry.file_of(name)
        yield f"    {clean(name)}" + (f"  {clean(file)}" if file != entry.file else "")


def lock_document(base: Base) -> dict[str, Any]:
    """The lock as a JSON document."""
    return {
        "format_version": FORMAT_VERSION,
        "known": base.known,
        "entries": {str(address): _entry(base.entries[address]) for address in sorted(base.entries)},
    }


def _entry(entry: LockEntry) -> dict[str, Any]:
    return {
        "file": entry.file,
        "fields": {name: entry.file_of(name) for name in sorted(entry.fields)},
        "version": entry.version,
        "unreadable": sorted(entry.fingerprints),
        "interrupted": entry.intent is not None,
    }
