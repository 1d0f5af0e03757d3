"""The keys of a file in the order of the documentation: which mappings have one, and moving their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.config.language.body import BodySyntax
from reconciler.config.language.catalogue import KEYS as MEMBER_KEYS
from reconciler.config.language.catalogue import sections_of
from reconciler.config.language.settings import FREE
from reconciler.config.language.settings import KEYS as TOP_KEYS
from reconciler.config.language.shape import keys_at
from reconciler.config.yaml.nodes import Map, column_of, key_of, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconciler.resources.kind import Kind, Table

_COMMENT_OR_BLANK = re.compile(r"\s*(?:#.*)?")
_DASHES = re.compile(r"\s*(?:- +)+")
Lines = list[str]


@dataclass(frozen=True, slots=True)
class Ordered:
    """A mapping of the file with the order that its keys have in the documentation."""

    node: dict[str, Any]
    ranks: Mapping[str, int]
    """Keys of one rank stay as they are among themselves, and so do those without one, at the end."""

    def wanted(self) -> tuple[str, ...]:
        """Its keys in that order."""
        return tuple(sorted(self.node, key=lambda key: self.ranks.get(key, len(self.ranks))))


def orders(root: dict[str, Any], table: Table) -> Iterator[Ordered]:
    """Every mapping whose keys have an order, outer ones first; one that aliases share comes once."""
    seen: set[int] = set()
    for ordered in _all(root, table):
        if id(ordered.node) not in seen:
            seen.add(id(ordered.node))
            yield ordered


def _all(root: dict[str, Any], table: Table) -> Iterator[Ordered]:
    tops = [kind for kind in table.values() if not kind.parent]
    sections = sections_of(table)
    free = [key for key in root if key.startswith(FREE)]
    yield Ordered(root, _ranks(*TOP_KEYS, free, sections, *(kind.file.section for kind in tops)))
    for section in sections:
        yield from (Ordered(member, _ranks(*MEMBER_KEYS)) for member in _maps(root.get(section)))
    for kind in tops:
        yield from _bodies(root.get(kind.file.section), kind, table)


def _bodies(section: Any, kind: Kind, table: Table) -> Iterator[Ordered]:
    row = BodySyntax.of(kind, table)
    for body in _maps(section):
        sections = [child.file.section for child in row.children]
        yield Ordered(body, _ranks(*(key for key in row.keys if key not in sections), sections))
        for name in kind.fields:
            if name in body and name != kind.keyed:
                yield from _inside(body[name], kind, (name,))
        for child in row.children:
            yield from _bodies(body.get(child.file.section), child, table)


def _inside(value: Any, kind: Kind, path: tuple[str | int, ...]) -> Iterator[Ordered]:
    """The mappings inside a field whose spec says which keys they have."""
    if isinstance(value, dict):
        keys = keys_at(kind.spec, path)
        if keys:
            yield Ordered(value, _ranks(*keys))
    for key, inner in _entries(value):
        yield from _inside(inner, kind, (*path, key))


def _ranks(*keys: str | Iterable[str]) -> Mapping[str, int]:
    return {
        key: rank for rank, peers in enumerate(keys) for key in ([peers] if isinstance(peers, str) else peers)
    }


def _entries(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _maps(section: Any) -> Iterator[dict[str, Any]]:
    for _, body in _entries(section):
        if isinstance(body, dict):
            yield body


def moved(text: str, root: Map, table: Table, *, top: bool = True) -> str:
    """The text with the lines of each block mapping, and the comments above them, in their order.

    `top`: the sections of the file too. Positions in `root` are those of the text.
    """
    lines = text.split("\n")
    for ordered in reversed(list(orders(root, table))):
        if isinstance(ordered.node, Map) and (top or ordered.node is not root):
            _move(lines, ordered.node, ordered.wanted(), is_root=ordered.node is root)
    return "\n".join(lines)


def _move(lines: Lines, node: Map, order: tuple[str, ...], *, is_root: bool) -> None:
    starts = {key: line_of(key_of(node.marks[key])) for key in node}
    columns = {column_of(key_of(node.marks[key])) for key in node}
    if order == tuple(node) or len(columns) > 1 or len(set(starts.values())) < len(starts):
        return
    column = columns.pop()
    first, *rest = sorted(starts.values())
    prefix = lines[first][:column]
    if any(lines[start][:column].strip() for start in rest) or not _is_margin(prefix):
        return
    leads = [first if is_root or prefix.strip() else _lead(lines, first, column)]
    leads += [_lead(lines, start, column) for start in rest]
    if prefix.strip() and leads != [first, *rest]:
        return
    ends = [*leads[1:], _end(lines, rest[-1], column)]
    lines[first] = " " * column + lines[first][column:]
    keys = sorted(starts, key=lambda key: starts[key])
    blocks = {key: lines[lead:end] for key, lead, end in zip(keys, leads, ends, strict=True)}
    _swap_blanks(blocks[keys[0]], blocks[order[0]])
    lines[leads[0] : ends[-1]] = [line for key in order for line in blocks[key]]
    lines[leads[0]] = prefix + lines[leads[0]][column:] if prefix.strip() else lines[leads[0]]


def _swap_blanks(first: Lines, following: Lines) -> None:
    """The blank lines above the block that comes first go to the one that was first."""
    while following is not first and not following[0].strip():
        first.insert(0, following.pop(0))


def _is_margin(prefix: str) -> bool:
    """Whether nothing but indentation and the dashes of lists stands there."""
    return not prefix.strip() or _DASHES.fullmatch(prefix) is not None


def _lead(lines: Lines, start: int, column: int) -> int:
    """The first of the blank lines and comments above a key that go with it."""
    lead = start
    while (
        lead and _COMMENT_OR_BLANK.fullmatch(lines[lead - 1]) and _indent(lines[lead - 1], column) <= column
    ):
        lead -= 1
    return lead


def _end(lines: Lines, start: int, column: int) -> int:
    """The line after the last one that belongs to the entry that begins at `start`."""
    last = start + 1
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if not line.strip():
            continue
        indent = _indent(line, column)
        if indent < column or (indent == column and not line[column:].startswith("- ")):
            break
        last = index + 1
    return last


def _indent(line: str, blank: int) -> int:
    stripped = line.lstrip()
    return len(line) - len(stripped) if stripped else blank
