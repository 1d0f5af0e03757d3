"""Mappings and lists that remember the place of each entry."""

from __future__ import annotations

from typing import Any

from reconciler.diagnostics import Place

_COLUMN_BITS = 16
_LINE_BITS = 24
_FILE_BITS = 20
_POSITION_BITS = _FILE_BITS + _LINE_BITS + _COLUMN_BITS
_COLUMN_MAX = (1 << _COLUMN_BITS) - 1
_LINE_MAX = (1 << _LINE_BITS) - 1
_POSITION_MASK = (1 << _POSITION_BITS) - 1


class Map(dict[str, Any]):
    """A mapping from a file. `marks` has two packed positions per key: the key's and the value's.

    Neither it nor a `Seq` shows what it holds: a secret may stand there in clear.
    """

    __slots__ = ("at", "marks")

    def __init__(self, at: int = 0) -> None:
        super().__init__()
        self.at = at
        self.marks: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Map({len(self)})"

    def put(self, key: str, value: Any, mark: int) -> None:
        """Sets an entry that stands at `mark`."""
        self[key] = value
        self.marks[key] = mark

    def without(self, *keys: str) -> Map:
        """A copy less these keys."""
        copy = Map(self.at)
        for key, value in self.items():
            if key not in keys:
                copy.put(key, value, self.marks[key])
        return copy


class Seq(list[Any]):
    """A list from a file. `marks` has the packed position of each item."""

    __slots__ = ("at", "marks")

    def __init__(self, at: int = 0) -> None:
        super().__init__()
        self.at = at
        self.marks: list[int] = []

    def __repr__(self) -> str:
        return f"Seq({len(self)})"

    def put(self, value: Any, mark: int) -> None:
        """Appends an item that stands at `mark`."""
        self.append(value)
        self.marks.append(mark)


def mark_of(node: Map | Seq, key: Any) -> int:
    """The mark of an entry or item."""
    marks: Any = node.marks
    return int(marks[key])


def pack(file: int, line: int, column: int) -> int:
    """One number for a position; lines and columns count from 0."""
    return (file << _LINE_BITS | min(line, _LINE_MAX)) << _COLUMN_BITS | min(column, _COLUMN_MAX)


def pair(key: int, value: int) -> int:
    """The mark of an entry: where its key and where its value stands."""
    return key << _POSITION_BITS | value


def key_of(mark: int) -> int:
    """The key's position in the mark of an entry."""
    return mark >> _POSITION_BITS


def value_of(mark: int) -> int:
    """The value's position in the mark of an entry, or of an item."""
    return mark & _POSITION_MASK


def file_of(position: int) -> int:
    """The number of the file that a position is in."""
    return position >> (_LINE_BITS + _COLUMN_BITS)


def line_of(position: int) -> int:
    """The line of a packed position, from 0."""
    return position >> _COLUMN_BITS & _LINE_MAX


def column_of(position: int) -> int:
    """The column of a packed position, from 0."""
    return position & _COLUMN_MAX


def unpack(position: int, files: list[str]) -> Place:
    """The place that a packed position stands for."""
    return Place(files[file_of(position)], line_of(position) + 1, column_of(position) + 1)
