"""Merges files into one mapping: overlays from left to right, and the parts of a folder side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.config.rules import reading
from reconciler.config.yaml.nodes import Map, Seq, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.config.yaml.findings import Findings

ADD_UP = ("protect", "ignore")
"""Lists to which every file adds. In all other lists the last file wins."""
_IN_EVERY_PART = "version"


def layered(layers: Iterable[Map]) -> Map:
    """The layers merged deeply, later ones winning; lists and scalars are replaced."""
    merged: Map | None = None
    for layer in layers:
        merged = layer if merged is None else lay(merged, layer)
    return Map() if merged is None else merged


def lay(under: Map, over: Map) -> Map:
    """A new mapping: `over` merged over `under`. A mapping in both keeps the place of the lower one."""
    merged = Map(over.at)
    merged.update(under)
    merged.marks.update(under.marks)
    for key, value in over.items():
        below = under.get(key)
        if type(below) is Map and type(value) is Map:
            merged[key] = lay(below, value)
        else:
            merged.put(key, value, over.marks[key])
    return merged


def overlaid(files: Iterable[Map]) -> Map:
    """Merges whole files as `layered` does, but adds up the lists of `ADD_UP`."""
    merged: Map | None = None
    for file in files:
        if merged is None:
            merged = file
            continue
        sums = _sums(merged, file)
        merged = lay(merged, file)
        merged.update(sums)
    return Map() if merged is None else merged


def joined(parts: Iterable[Map], findings: Findings) -> Map:
    """Joins the parts of a folder. The same key in two is reported, unless both have a mapping there."""
    merged: Map | None = None
    for part in parts:
        if merged is None:
            merged = part
            continue
        if part.get(_IN_EVERY_PART) == merged.get(_IN_EVERY_PART):
            part = part.without(_IN_EVERY_PART)  # noqa: PLW2901
        sums = _sums(merged, part)
        merged = _join(merged, part.without(*sums), findings)
        merged.update(sums)
    return Map() if merged is None else merged


def _sums(one: Map, other: Map) -> dict[str, Seq]:
    """The lists that add up, of those that both have."""
    sums = {key: _sum(one[key], other[key]) for key in ADD_UP if key in one and key in other}
    return {key: both for key, both in sums.items() if both is not None}


def _sum(one: Any, other: Any) -> Seq | None:
    if not (isinstance(one, Seq) and isinstance(other, Seq)):
        return None
    both = Seq(one.at)
    for items in (one, other):
        for item, mark in zip(items, items.marks, strict=True):
            both.put(item, mark)
    return both


def _join(one: Map, other: Map, findings: Findings) -> Map:
    joined_map = Map(one.at)
    joined_map.update(one)
    joined_map.marks.update(one.marks)
    for key, value in other.items():
        mark = other.marks[key]
        if key not in one:
            joined_map.put(key, value, mark)
        elif type(one[key]) is Map and type(value) is Map:
            joined_map[key] = _join(one[key], value, findings)
        else:
            first = findings.key(one, key)
            findings.add(
                reading.IN_TWO_PARTS,
                f"`{key}` is set in two files of the folder, first at {first}",
                "keep it in one of them",
                at=key_of(mark),
                also=(first,),
            )
    return joined_map
