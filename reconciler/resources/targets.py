"""Which addresses a run is about: globs, and the addresses that depend on each other."""

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
    from reconciler.resources.resource import Resource


@lru_cache(maxsize=1024)
def _parts(glob: str) -> tuple[re.Pattern[str] | None, ...]:
    """A pattern for each step of the address; `None` for `**`, which takes one step or more.

    `fnmatch` writes patterns that cannot backtrack, so no glob takes for ever, whoever wrote it.
    """
    return tuple(
        None if part == "**" else re.compile(fnmatch.translate(part.replace("[", "[[]")))
        for part in glob.strip("/").split("/")
    )


def matches(glob: str, address: str) -> bool:
    """Whether the glob matches the address: `X` is X alone, `X/**` is what stands under it."""
    parts = _parts(glob)
    used_up = {0}
    """How many parts of the glob the steps so far may have used up; `**` leaves more than one possibility."""
    for step in address.split("/"):
        used_up = {after for used in used_up for after in _after(parts, used, step)}
    return len(parts) in used_up


def _after(parts: tuple[re.Pattern[str] | None, ...], used: int, step: str) -> tuple[int, ...]:
    """How many parts are used up after one more step of the address; empty where it does not match."""
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
    """One address of each family (parent and kind), for questions that all of a family answer alike."""
    return {address.family: address for address in addresses}


def comes_after(table: Table, address: Address) -> Address | None:
    """The address of another kind that this one waits for: an installation for its integration."""
    after = table[address.kind].writing.after
    return Address.of(table[after].word, address.key) if after else None


def depends_on(table: Table, address: Address) -> tuple[Address, ...]:
    """The addresses that come before this one: its parent, and what its kind waits for."""
    return tuple(above for above in (address.parent, comes_after(table, address)) if above is not None)


def ancestors(table: Table, address: Address) -> tuple[Address, ...]:
    """Everything that comes before this address, nearest first."""
    before: list[Address] = []
    queue = list(depends_on(table, address))
    while queue:
        nearest = queue.pop(0)
        before.append(nearest)
        queue.extend(depends_on(table, nearest))
    return tuple(before)


def lists_below(table: Table, above: Resource) -> int:
    """How many lists apply reads to see what a deletion of `above` takes along, each of one page.

    What comes after it has been deleted by then, so nothing is listed under that.
    """
    return sum(
        kind.live.stands_under(above)
        if kind.parent == above.address.kind
        else kind.writing.after == above.address.kind
        for kind in table.values()
    )


def refuse_unmatched(
    addresses: Iterable[Address], *, targets: Iterable[str], excludes: Iterable[str]
) -> None:
    """Raises `UsageError` with every glob that matches no address, and what was probably meant.

    A misspelt `--exclude` would otherwise touch what it was to leave out.
    """
    addresses = tuple(addresses)
    given = (*(("--target", glob) for glob in targets), *(("--exclude", glob) for glob in excludes))
    unmatched = [
        f"{option} {glob or repr(glob)}: matches nothing; {meant(glob, addresses)}"
        for option, glob in given
        if not glob or not any(matches(glob, address) for address in addresses)
    ]
    if unmatched:
        raise UsageError("\n".join(unmatched))


def meant(glob: str, addresses: tuple[Address, ...]) -> str:
    """What was most likely meant: a slash for a dot, the address of a bare name, or a similar address."""
    slashed = glob.replace(".", "/")
    exact = next((item for item in addresses if glob and item == slashed), None)
    exact = exact or next((item for item in addresses if item.key == glob), None)
    if exact:
        return f"did you mean `{exact}`?"
    return did_you_mean(glob, addresses, "write an address as a plan shows it")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run is about: targets and what they depend on, without what is excluded or depends on that."""

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
        """Whether it is a target itself. Only a target may be deleted, not what it depends on."""
        return not self.targets or matches_any(self.targets, address)

    def excluded(self, address: Address) -> bool:
        """Whether the address, or something that it depends on, is excluded."""
        if not self.excludes:
            return False
        return any(matches_any(self.excludes, item) for item in (address, *ancestors(self.table, address)))
