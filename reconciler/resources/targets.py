"""Which addresses a run is about: globs, and what they take along."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from reconciler.errors import UsageError
from reconciler.resources.resource import Address
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Resource, State


@lru_cache(maxsize=1024)
def _parts(glob: str) -> tuple[re.Pattern[str] | None, ...]:
    """A pattern for each step of the address; `None` for `**`, which takes one step or more.

    `fnmatch` writes patterns that cannot backtrack, so that no glob of a stranger's takes for ever.
    """
    return tuple(
        None if part == "**" else re.compile(fnmatch.translate(part.replace("[", "[[]")))
        for part in glob.strip("/").split("/")
    )


def matches(glob: str, address: str) -> bool:
    """Whether the address is one that the glob names: `X` is X alone, `X/**` what is under it."""
    parts = _parts(glob)
    file_was_read = {0}
    """How many parts may be used up by the steps so far."""
    for step in address.split("/"):
        file_was_read = {at for used in file_was_read for at in _after(parts, used, step)}
    return len(parts) in file_was_read


def _after(parts: tuple[re.Pattern[str] | None, ...], used: int, step: str) -> tuple[int, ...]:
    """How many parts are used up after one more step of the address; nothing where it does not match."""
    if used == len(parts):
        return ()
    part = parts[used]
    if part is None:
        return (used, used + 1) if step else ()
    return (used + 1,) if part.match(step) else ()


def matches_any(globs: Iterable[str], address: str) -> bool:
    """Whether one of the globs names the address."""
    return any(matches(glob, address) for glob in globs)


def families(addresses: Iterable[Address]) -> Mapping[tuple[Address, str], Address]:
    """One address of each family, so that a question with one answer for all of it is asked once."""
    return {address.family: address for address in addresses}


def depends_on(table: Table, address: Address) -> tuple[Address, ...]:
    """The addresses that come before this one: its parent, and what its kind waits for."""
    kind = table[address.kind]
    parent = address.parent
    after = Address.of(table[kind.writing.after].word, address.key) if kind.writing.after else None
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


def lists_below(table: Table, above: Resource, live: State) -> int:
    """How many lists tell what a deletion of `above` takes along, where each is one page."""
    count = 0
    for kind in table.values():
        if kind.parent == above.address.kind:
            count += kind.live.stands_under(above)
        elif kind.writing.after == above.address.kind:
            there = live.get(Address.of(kind.word, above.address.key))
            count += 1 + (lists_below(table, there, live) if there else 0)
    return count


def refuse_unmatched(
    addresses: Iterable[Address], *, targets: Iterable[str], excludes: Iterable[str]
) -> None:
    """A narrowing that narrows nothing must not run on: what it should have left out would be touched.

    Raises `UsageError` with every glob that names none of the addresses, and what was probably meant.
    """
    addresses = tuple(addresses)
    given = (*(("--target", glob) for glob in targets), *(("--exclude", glob) for glob in excludes))
    found = [
        f"{option} {glob or repr(glob)}: matches nothing; {_near(glob, addresses)}"
        for option, glob in given
        if not glob or not any(matches(glob, address) for address in addresses)
    ]
    if found:
        raise UsageError("\n".join(found))


def _near(glob: str, addresses: tuple[Address, ...]) -> str:
    """What was most likely meant: a slash for a dot, the address of a bare name, or a similar address."""
    slashed = glob.replace(".", "/")
    meant = next((item for item in addresses if glob and item == slashed), None)
    meant = meant or next((item for item in addresses if item.key == glob), None)
    if meant:
        return f"did you mean `{meant}`?"
    return did_you_mean(glob, addresses, "write an address as a plan shows it")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run is about: targets and what they depend on, neither excluded nor dependent on what is."""

    table: Table
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    along: frozenset[Address] = frozenset()
    """What the targets depend on."""
    left_out: Mapping[Address, int] = field(default_factory=dict)
    """Per target how many addresses stand under it and are in no target."""

    @classmethod
    def of(
        cls, addresses: Iterable[Address], *, table: Table, targets: Iterable[str], excludes: Iterable[str]
    ) -> Selection:
        """The selection among these addresses."""
        targets, excludes, addresses = tuple(targets), tuple(excludes), tuple(addresses)
        chosen = frozenset(address for address in addresses if matches_any(targets, address))
        along = frozenset(above for address in chosen for above in ancestors(table, address))
        over = (
            next((above for above in address.lineage if above in chosen), None)
            for address in (addresses if chosen else ())
            if address not in chosen and address not in along and not matches_any(excludes, address)
        )
        return cls(table, targets, excludes, along, Counter(above for above in over if above is not None))

    @property
    def partial(self) -> bool:
        """Whether it is less than everything."""
        return bool(self.targets or self.excludes)

    def within(self, address: Address) -> bool:
        """Whether the run is about this address."""
        if not self.partial:
            return True
        if self.targets and address not in self.along and not matches_any(self.targets, address):
            return False
        return not self.excluded(address)

    def named(self, address: Address) -> bool:
        """Whether it is a target itself: only that may be deleted, not what a target depends on."""
        return not self.targets or matches_any(self.targets, address)

    def excluded(self, address: Address) -> bool:
        """Whether the address, or something that it depends on, is excluded."""
        if not self.excludes:
            return False
        return any(matches_any(self.excludes, item) for item in (address, *ancestors(self.table, address)))
