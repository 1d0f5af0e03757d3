"""Globs → the part of the live state that `export --only` writes: what they match and no file declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.config.format.export import Part
from reconciler.errors import UsageError
from reconciler.resources.resource import place_of
from reconciler.resources.targets import matches, matches_any, meant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, Live, State

OPTION = "--only"


def part_of(
    live: Live,
    globs: Sequence[str],
    *,
    declared: State,
    names: Mapping[str, Mapping[str, str]],
    table: Table,
    organization: str,
    beside: bool,
) -> Part:
    """What the globs match and no file declares; `names` and `beside` as in `Part`.

    Raises `UsageError` for globs that match nothing, or only what files declare already.
    """
    exportable = _exportable(live, table, organization)
    refuse(globs, exportable, declared)
    matched = frozenset(address for address in exportable if matches_any(globs, address))
    return Part(matched.difference(declared), names, beside)


def _exportable(live: Live, table: Table, organization: str) -> tuple[Address, ...]:
    """What a file of the organization can declare: no integration that somebody else publishes."""
    return tuple(
        address
        for address, resource in live.state.items()
        if table[address.kind].live.exported(resource, organization) is not None
    )


def refuse(globs: Iterable[str], exportable: Collection[Address], declared: State) -> None:
    """Raises `UsageError` with every glob by which nothing is written, and why."""
    reasons = (_reason(glob, exportable, declared) for glob in globs)
    refused = [reason for reason in reasons if reason]
    if refused:
        raise UsageError("\n".join(refused))


def _reason(glob: str, exportable: Collection[Address], declared: State) -> str:
    what = f"{OPTION} {glob or repr(glob)}"
    matched = [address for address in exportable if glob and matches(glob, address)]
    if not matched:
        return f"{what}: matches nothing that is live; {meant(glob, tuple(exportable))}"
    if all(address in declared for address in matched):
        more = f" and {len(matched) - 1} more" if len(matched) > 1 else ""
        place = place_of(declared[matched[0]])
        return f"{what}: {matched[0]}{more} is in the files already, at {place}; change it there"
    return ""
