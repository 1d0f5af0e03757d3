"""The line of a file that a problem is about, with every secret in it masked."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from reconciler.config.expressions.template import Reference, has_expression, pieces
from reconciler.config.yaml.files import LARGEST, STDIN, STDIN_NAME, parts_of
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.syntax import Loader, follow
from reconciler.diagnostics import Snippet
from reconciler.inputs import is_folder, read_bytes
from reconciler.resources.secret_names import SecretNames, has_secret_shape, looks_secret
from reconciler.resources.values import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.diagnostics import Place

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
"""A line as YAML counts them, and how it ends."""
_WORD = re.compile(r"[\w.-]+")
_MASK = "mask"
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s,\[\]{}]+")


class Snippets:
    """Reads each file once. What cannot be read, and the standard input, has no snippets.

    The lists `mask:` of all inputs count in every file: an overlay may hold what the first file masks.
    """

    def __init__(self, inputs: Iterable[str] = ()) -> None:
        self._files: dict[str, _File | None] = {}
        texts = (_text(name) for path in inputs for name in _files_of(path))
        self._mask = tuple(name for text in texts if text is not None for name in mask_list(text[0]))

    def at(self, place: Place) -> Snippet | None:
        """The line at a place; a secret in it, or what may be one, is masked."""
        if place.file not in self._files:
            self._files[place.file] = _opened(place.file, self._mask)
        file = self._files[place.file]
        return file.snippet(place) if file else None


class _File:
    def __init__(self, text: str, mask: Sequence[str], skipped: int) -> None:
        self._mask = tuple(mask)
        lines = _LINE.findall(text)
        self._lines = [line for line, _ in lines]
        sizes = (len(line.encode()) + len(end) for line, end in lines)
        self._starts = tuple(accumulate(sizes, initial=skipped))
        """How many bytes stand before each line; `skipped` before the text: a byte order mark."""
        self._cuts = _cuts(text, SecretNames(self._mask))
        """What is masked on each line; `None` where the text is not YAML."""

    def snippet(self, place: Place) -> Snippet | None:
        index = place.line - 1
        if not 0 <= index < len(self._lines):
            return None
        line = self._lines[index]
        masked, start = self._masked(index, line, place.column - 1)
        token = _TOKEN.match(masked, start)
        byte = self._starts[index] + len(line[: place.column - 1].encode())
        return Snippet(masked, start, token.end() if token else start, byte)

    def _masked(self, index: int, line: str, column: int) -> tuple[str, int]:
        """The line less its secrets, and where the column has moved to."""
        if self._cuts is None:
            return (MASK, 0) if self._may_be_secret(index) else (line, min(column, len(line)))
        for start, end in sorted(self._cuts.get(index, ()), reverse=True):
            line = f"{line[:start]}{MASK}{line[end:]}"
            column += len(MASK) - (end - start) if column >= end else 0
        return line, min(column, len(line))

    def _may_be_secret(self, index: int) -> bool:
        """Whether a line of a file that is not YAML is in a part of the file in which a secret's name is."""
        top = next((line for line in range(index, 0, -1) if self._lines[line][:1].strip()), 0)
        words = _WORD.findall("\n".join(self._lines[top : index + 1]))
        keys = tuple(name.rpartition("/")[2] for name in self._mask)
        return any(looks_secret(word, keys) for word in words)


def _files_of(path: str) -> Sequence[str]:
    if path == STDIN:
        return ()
    return [str(part) for part in parts_of(Path(path), Findings())] if is_folder(path) else [path]


def _text(name: str) -> tuple[str, int] | None:
    """The text of a file, and how many bytes stand before it; `None` where it cannot be read."""
    if name == STDIN_NAME:
        return None
    try:
        data = read_bytes(name, largest=LARGEST)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return (text, len(data) - len(text.encode())) if len(data) <= LARGEST else None


def _opened(name: str, mask: Sequence[str]) -> _File | None:
    opened = _text(name)
    return _File(opened[0], (*mask, *mask_list(opened[0])), opened[1]) if opened else None


def mask_list(text: str) -> tuple[str, ...]:
    """The names in the file's `mask:`; of a file that is not YAML those above the fault."""
    follower = _MaskList()
    with suppress(yaml.YAMLError):
        follow(Loader(text), follower.take)
    return tuple(follower.names)


class _MaskList:
    """Follows a file, and keeps the items of the list `mask:` at its top."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._depth = 0
        self._key: str | None = None

    def take(self, event: Any) -> None:
        """Takes the next event."""
        match event:
            case yaml.CollectionStartEvent():
                self._depth += 1
            case yaml.CollectionEndEvent():
                self._depth -= 1
                self._key = None if self._depth == 1 else self._key
            case yaml.ScalarEvent() | yaml.AliasEvent():
                self._value(getattr(event, "value", ""))

    def _value(self, text: str) -> None:
        if self._depth == 1:
            self._key = text if self._key is None else None
        elif self._key == _MASK and text:
            self.names.append(text)


def _cuts(text: str, names: SecretNames) -> Mapping[int, list[tuple[int, int]]] | None:
    """What is masked, by line: from which column to which; `None` where the text is not YAML."""
    places = Secrets(names)
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


def _key(level: _Level) -> str:
    return str(getattr(level.key, "value", ""))


class Secrets:
    """Follows a file, and keeps where each value begins and ends that is secret by a key above it."""

    def __init__(self, names: SecretNames) -> None:
        self._names = names
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
        return level.secret or self._names.is_secret(_key(level), self._root())

    def _root(self) -> str:
        """The integration that a value belongs to: the second key from the top."""
        return _key(self._levels[1]) if len(self._levels) > 1 else ""

    def _value(self, event: Any) -> None:
        """A key or a value is over; where a value is empty, its key may be what was meant for one."""
        level = self._levels[-1] if self._levels else None
        if level is None:
            return
        if level.is_map and level.key is None:
            level.key = event
            return
        if isinstance(event, yaml.ScalarEvent):
            self._named.setdefault(_key(level), []).append(event)
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
