"""The line of a file that a problem is about, less any secret that stands in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config.findings import Findings
from reconciler.config.paths import STDIN_NAME
from reconciler.config.reader import read
from reconciler.config.secrecy import looks_secret
from reconciler.config.syntax import scalar_ends
from reconciler.config.tree import Map, Seq, column_of, line_of, mark_of, value_of
from reconciler.problem import Snippet
from reconciler.value import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.problem import Place

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
        found = _LINE.findall(text)
        self._lines = [line for line, _ in found]
        self._ends = [end for _, end in found]
        self._cuts = cuts
        """What is masked on each line; unknown where the text is no YAML."""
        self._skipped = skipped
        """Bytes before the text: a byte order mark."""

    def snippet(self, place: Place) -> Snippet | None:
        index = place.line - 1
        if not 0 <= index < len(self._lines):
            return None
        line = self._lines[index]
        shown, start = self._masked(index, line, place.column - 1)
        token = _TOKEN.match(shown, start)
        before = zip(self._lines[:index], self._ends[:index], strict=True)
        byte = sum(len(f"{each}{end}".encode()) for each, end in before)
        byte += self._skipped + len(line[: place.column - 1].encode())
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
        data = Path(name).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    findings = Findings()
    root = read(text.encode(), file=findings.enter(name, Path()), findings=findings, merge=False)
    return _File(text, None if root is None else _cuts(root, text), len(data) - len(text.encode()))


def _cuts(root: Map, text: str) -> dict[int, list[tuple[int, int]]]:
    """What is masked, by line: from which column to which."""
    ends = scalar_ends(text)
    lines = [line for line, _ in _LINE.findall(text)]
    found: dict[int, list[tuple[int, int]]] = {}
    for position in _secrets(root, secret=False):
        first, column = line_of(position), column_of(position)
        last, end = ends.get((first, column), (first, len(lines[first])))
        for line in range(first, last + 1):
            start = column if line == first else 0
            stop = end if line == last else len(lines[line])
            if stop > start:
                found.setdefault(line, []).append((start, stop))
    return found


def _secrets(node: Map | Seq, *, secret: bool) -> Iterator[int]:
    """Where each value stands that a key above it calls a secret."""
    for key, value in node.items() if isinstance(node, Map) else enumerate(node):
        inner = secret or (isinstance(key, str) and looks_secret(key))
        if isinstance(value, Map | Seq):
            yield from _secrets(value, secret=inner)
        elif inner:
            yield value_of(mark_of(node, key))
