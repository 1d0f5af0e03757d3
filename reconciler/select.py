"""Which addresses a run is about: globs, and what they take along."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reconciler.resource import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reconciler.kind import Table


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> re.Pattern[str]:
    parts = []
    for part in glob.strip("/").split("/"):
        if part == "**":
            parts.append("(?:/[^/]+)+")
        else:
            text = re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
            parts.append(f"/{text}")
    return re.compile("".join(parts))


def matches(glob: str, address: str) -> bool:
    """Whether the address is one that the glob names: `X` is X alone, `X/**` what is under it."""
    return _pattern(glob).fullmatch(f"/{address}") is not None


def matches_any(globs: Iterable[str], address: str) -> bool:
    """Whether one of the globs names the address."""
    return any(matches(glob, address) for glob in globs)


def depends_on(table: Table, address: Address) -> tuple[Address, ...]:
    """The addresses that come before this one: its parent, and the resource of its key that its kind waits for."""
    kind = table[address.kind]
    parent = address.parent
    after = Address.of(table[kind.after].word, address.key) if kind.after else None
    return tuple(found for found in (parent, after) if found is not None)


def ancestors(table: Table, address: Address) -> tuple[Address, ...]:
    """Everything that comes before this address, nearest first."""
    found: list[Address] = []
    queue = list(depends_on(table, address))
    while queue:
        current = queue.pop(0)
        found.append(current)
        queue.extend(depends_on(table, current))
    return tuple(found)


def selection(
    addresses: Iterable[Address], *, table: Table, targets: Iterable[str], excludes: Iterable[str]
) -> Callable[[Address], bool]:
    """Whether an address is within: a target or what one depends on, and neither excluded nor dependent on that."""
    targets, excludes = tuple(targets), tuple(excludes)
    known = tuple(addresses)
    along = {
        ancestor
        for address in known
        if matches_any(targets, address)
        for ancestor in ancestors(table, address)
    }

    def within(address: Address) -> bool:
        if targets and not (matches_any(targets, address) or address in along):
            return False
        if not excludes:
            return True
        return not any(matches_any(excludes, item) for item in (address, *ancestors(table, address)))

    return within
