"""The line of a file that a problem is about, less any secret that stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import yaml

from reconciler.config.expressions.template import Reference, has_expression, pieces
from reconciler.config.yaml.files import LARGEST, STDIN_NAME
from reconciler.config.yaml.syntax import Loader, follow
from reconciler.diagnostics import Snippet
from reconciler.inputs import read_bytes
from reconciler.resources.secret_names import has_secret_shape, looks_secret
from reconciler.resources.values import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.diagnostics import Place

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
"""A line as YAML counts them, and how it ends."""
_WORD = re.compile(r"[\w.-]+")
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s,\[\]{}]+")


class Snippets:
    """Reads each file once. What cannot be read, and the standard input, has no snippets."""

    def __init__(self) -> None:
        self._files: dict[str, _File | None] = {}

    def at(self, place: Place) -> Snippet | None:
        """The line at a place; a secret in it, or one that may be, is a mask."""
        if place.file not in self._files:
            self._files[place.file] = _opened(place.file)
        file = self._files[place.file]
        return file.snippet(place) if file else None


class _File:
    def __init__(self, text: str, cuts: Mapping[int, list[tuple[int, int]]] | None, skipped: int) -> None:
        lines = _LINE.findall(text)
        self._lines = [line for line, _ in lines]
        sizes = (len(line.encode()) + len(end) for line, end in lines)
        self._starts = tuple(accumulate(sizes, initial=skipped))
        """How many bytes stand before each line; `skipped` before the text: a byte order mark."""
        self._cuts = cuts
        """What is masked on each line; unknown where the text is no YAML."""

    def snippet(self, place: Place) -> Snippet | None:
        index = place.line - 1
        if not 0 <= index < len(self._lines):
            return None
        line = self._lines[index]
        shown, start = self._masked(index, line, place.column - 1)
        token = _TOKEN.match(shown, start)
        byte = self._starts[index] + len(line[: place.column - 1].encode())
        return Snippet(shown, start, token.end() if token else start, byte)

    def _masked(self, index: int, line: str, column: int) -> tuple[str, int]:
        """The line less its secrets, and where the column has moved to."""
        if self._cuts is None:
            return (MASK, 0) if self._may_be_secret(index) else (line, min(column, len(line)))
        for start, end in sorted(self._cuts.get(index, ()), reverse=True):
            line = f"{line[:start]}{MASK}{line[end:]}"
            column += len(MASK) - (end - start) if column >= end else 0
        return line, min(column, len(line))

    def _may_be_secret(self, index: int) -> bool:
        """Whether a line of a file that is no YAML stands in a part in which a secret's name does."""
        top = next((line for line in range(index, 0, -1) if self._lines[line][:1].strip()), 0)
        words = _WORD.findall("\n".join(self._lines[top : index + 1]))
        return any(looks_secret(word) for word in words)


def _opened(name: str) -> _File | None:
    if name == STDIN_NAME:
        return None
    try:
        data = read_bytes(name, largest=LARGEST)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    if len(data) > LARGEST:
        return None
    return _File(text, _cuts(text), len(data) - len(text.encode()))


def _cuts(text: str) -> Mapping[int, list[tuple[int, int]]] | None:
    """What is masked, by line: from which column to which; `None` where the text cannot be followed."""
    places = Secrets()
    try:
        follow(Loader(text), places.take)
    except yaml.YAMLError:
        return None
    places.follow_variables()
    lines = [line for line, _ in _LINE.findall(text)]
    cuts: dict[int, list[tuple[int, int]]] = {}
    for (first, column), (last, end) in dict.fromkeys(places.spans):
        for line in range(first, last + 1):
            start = column if line == first else 0
            stop = end if line == last else len(lines[line])
            if stop > start:
                cuts.setdefault(line, []).append((start, stop))
    return cuts


def _variables(event: Any) -> tuple[str, ...]:
    """The names of the variables, or members' values, that a text is made of."""
    text = getattr(event, "value", "") or ""
    if not has_expression(text):
        return ()
    references = [piece for piece in pieces(text) if isinstance(piece, Reference)]
    return tuple(piece.name for piece in references if piece.scope not in ("env", "secret"))


@dataclass(slots=True)
class _Level:
    """A collection that is open: whether it is a mapping, all of it is secret, and the last key."""

    is_map: bool
    secret: bool
    key: Any = None


class Secrets:
    """Follows a file, and keeps where each value begins and ends that a key above it calls a secret."""

    def __init__(self) -> None:
        self.spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._named: dict[str, list[Any]] = {}
        """The values under each key, which may be those of a variable."""
        self._used: set[str] = set()
        """The variables from which a secret is made."""
        self._levels: list[_Level] = []

    def take(self, event: Any) -> None:
        """Takes the next event."""
        level = self._levels[-1] if self._levels else None
        match event:
            case yaml.CollectionStartEvent():
                is_map = isinstance(event, yaml.MappingStartEvent)
                self._levels.append(_Level(is_map, level is not None and self._is_secret(level)))
            case yaml.CollectionEndEvent():
                self._levels.pop()
                self._value(event)
            case yaml.ScalarEvent() | yaml.AliasEvent():
                self._value(event)

    def _is_secret(self, level: _Level) -> bool:
        return level.secret or looks_secret(str(getattr(level.key, "value", "")))

    def _value(self, event: Any) -> None:
        """A key or a value is over; where a value is empty, its key may be what was meant for one."""
        level = self._levels[-1] if self._levels else None
        if level is None:
            return
        if level.is_map and level.key is None:
            level.key = event
            return
        if isinstance(event, yaml.ScalarEvent):
            self._named.setdefault(str(getattr(level.key, "value", "")), []).append(event)
        if self._is_secret(level) and not isinstance(event, yaml.CollectionEndEvent):
            empty = level.secret and event.start_mark.index == event.end_mark.index
            self._mark(level.key if empty else event)
            self._used.update(_variables(event))
        elif isinstance(event, yaml.ScalarEvent) and has_secret_shape(event.value):
            self._mark(event)
        level.key = None

    def follow_variables(self) -> None:
        """Marks what stands in the file under the names of the variables from which a secret is made."""
        queue, seen = [*self._used], set(self._used)
        while queue:
            for event in self._named.get(queue.pop(), ()):
                self._mark(event)
                queue += [name for name in _variables(event) if name not in seen]
                seen.update(queue)

    def _mark(self, event: Any) -> None:
        if event is not None:
            start, end = event.start_mark, event.end_mark
            self.spans.append(((start.line, start.column), (end.line, end.column)))
