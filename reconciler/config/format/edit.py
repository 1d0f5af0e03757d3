"""One value of a text replaced by another; everything else in it stays, to the last blank. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from reconciler.config.expressions.fill import FILE
from reconciler.config.yaml.syntax import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COLON = re.compile(r"\s*:\s+")
_MARKED = ("&", "!", "*", "|", ">")
"""What a value begins with that has a name or a type, or is a block of lines."""
_BOM = "\ufeff"


class Uneditable(ValueError):
    """The value cannot be replaced; the text says why, as the second half of a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a text, and where its value stands."""

    start: int
    end: int
    line: int
    """From 1, the line of the key."""
    text: str
    """The value as it is written."""
    scalar: str | None
    """The value, if it is a single one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to stand in place of a part of the text."""

    start: int
    end: int
    text: str


class Sheet:
    """A text whose values can be looked up by their place or by their keys."""

    def __init__(self, text: str) -> None:
        self._shift = len(_BOM) if text.startswith(_BOM) else 0
        self._text = text.removeprefix(_BOM)
        self._root: Any = Loader(self._text).get_single_node()
        self._at = {
            (key.start_mark.line + 1, key.start_mark.column + 1): (key, value)
            for key, value in _entries(self._root)
        }

    def at(self, line: int, column: int, key: str) -> Entry:
        """The entry whose key stands there. Raises `Uneditable` if its value cannot be replaced."""
        pair = self._at.get((line, column))
        if pair is None or pair[0].value != key:
            msg = "its value does not stand on a line of its own key"
            raise Uneditable(msg)
        return self._entry(*pair)

    def of(self, path: Sequence[str]) -> Entry | None:
        """The entry at these keys; `None` if there is none."""
        node, pair = self._root, None
        for key in path:
            if not isinstance(node, yaml.MappingNode):
                return None
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            if pair is None:
                return None
            node = pair[1]
        return self._entry(*pair) if pair else None

    def _entry(self, key: Any, value: Any) -> Entry:
        start, end = value.start_mark.index, value.end_mark.index
        text = self._text[start:end]
        if not _COLON.fullmatch(self._text[key.end_mark.index : start]) or text.startswith(_MARKED):
            msg = "its value is an alias, has a name or a type, or is a block of lines"
            raise Uneditable(msg)
        if "\n" in text or not text:
            msg = "its value stands on several lines"
            raise Uneditable(msg)
        if isinstance(value, yaml.MappingNode) and [pair[0].value for pair in value.value] == [FILE]:
            msg = "its value is the content of another file"
            raise Uneditable(msg)
        scalar = value.value if isinstance(value, yaml.ScalarNode) else None
        line = key.start_mark.line + 1
        return Entry(start + self._shift, end + self._shift, line, text, scalar)


def _entries(root: Any) -> Iterator[tuple[Any, Any]]:
    """Every key with its value; what aliases share comes once."""
    queue, seen = [root], set()
    while queue:
        node = queue.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from node.value
            queue += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            queue += node.value


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits, no two of which are about one place."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = f"{text[: edit.start]}{edit.text}{text[edit.end :]}"
    return text
