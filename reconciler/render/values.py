"""A value, or two values that differ, as bounded text: texts in quotes, secrets masked."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.render.amounts import counted
from reconciler.render.clean import clean, quoted
from reconciler.render.columns import ELLIPSIS
from reconciler.render.masks import is_hidden
from reconciler.resources.digest import Digest, Salt
from reconciler.resources.values import ABSENT, FileText, SealedText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.render.masks import Masks

LONGEST = 160
"""Characters of one line of a value that are shown."""
MOST_LINES = 12
"""Lines of one value, or of one difference, that are shown."""
MOST_COMPARED = 400
"""Lines that are compared one by one; of longer texts, all lines count as changed."""
LEAD = 20
"""Characters shown before the first difference of two long texts."""
DIGITS = 12
"""Digits of a digest that are shown."""
ABSENT_TEXT = "(none)"


@dataclass(frozen=True, slots=True)
class Marked:
    """One line of a difference: the symbol is `+`, `-`, blank or an ellipsis."""

    symbol: str
    text: str


def digest(value: str) -> str:
    """The digest of a text that is not shown whole; saved plans and the lock have the same."""
    return Salt("").digest(str(value))


def inline(value: Any, masks: Masks) -> str:
    """The value in one line, shortened if it is too long."""
    if is_plain(value):
        return _bounded(value)
    text = _whole(value, masks)
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 1]}{ELLIPSIS} ({counted(len(text), 'character')})"


def _bounded(text: str, start: int = 0) -> str:
    if len(text) <= LONGEST:
        return quoted(text)
    # Shown from a little before the difference, so that the reader finds the place.
    start = min(max(0, start - LEAD), len(text) - LEAD)
    part = text[start : start + LONGEST]
    head = ELLIPSIS if start else ""
    tail = ELLIPSIS if start + LONGEST < len(text) else ""
    return f"{head}{quoted(part)}{tail} ({counted(len(text), 'character')})"


def _whole(value: Any, masks: Masks) -> str:
    match value:
        case Mapping():
            items = (f"{quoted(str(key))}: {_whole(item, masks)}" for key, item in value.items())
            return "{" + ", ".join(items) + "}"
        case list() | tuple():
            return "[" + ", ".join(_whole(item, masks) for item in value) + "]"
        case _:
            return _leaf(value, masks)


def _leaf(value: Any, masks: Masks) -> str:
    if is_hidden(value):
        return masks.text(value)
    match value:
        case _ if value is ABSENT:
            return ABSENT_TEXT
        case Digest():
            return f"({clean(value.text)[: DIGITS + len('sha256:')]})"
        case SealedText():
            return _sealed(value)
        case _:
            return quoted(value) if isinstance(value, str) else clean(json.dumps(value, default=str))


def _sealed(text: SealedText) -> str:
    name = f"{clean(text.source.name)} " if isinstance(text, FileText) else ""
    return f"{name}({counted(len(text), 'character')}, {digest(text)[: DIGITS + len('sha256:')]})"


def pair(before: Any, after: Any, masks: Masks) -> tuple[str, str]:
    """Two values, each in one line; of long texts the part where they differ."""
    if is_plain(before) and is_plain(after) and max(len(before), len(after)) > LONGEST:
        start = _shared(before, after)
        return _bounded(before, start), _bounded(after, start)
    return inline(before, masks), inline(after, masks)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items at the beginning are equal."""
    most = min(len(one), len(other))
    return next((index for index in range(most) if one[index] != other[index]), most)


def is_plain(value: Any) -> bool:
    """Whether the value is a text that is shown as it is: no secret, no digest."""
    return isinstance(value, str) and not isinstance(value, SealedText) and value is not ABSENT


def is_text(value: Any) -> bool:
    """Whether the value is a text of several lines."""
    return is_plain(value) and "\n" in value.strip("\n")


def is_nested(value: Any) -> bool:
    """Whether the value is a mapping or a list."""
    return isinstance(value, Mapping | list | tuple)


def _items(value: Any) -> Sequence[Any]:
    return tuple(value.values()) if isinstance(value, Mapping) else value


def tall(value: Any, masks: Masks) -> list[str]:
    """The value on as many lines as it needs."""
    if is_plain(value):
        return [_line(line) for line in value.split("\n")]
    return [] if value is ABSENT else list(_nested(value, masks))


def _line(line: str) -> str:
    """The line, with its spaces at the end made visible."""
    ink = line.rstrip(" ")
    return clean(ink) + "·" * (len(line) - len(ink))


def _nested(value: Any, masks: Masks, head: str = "") -> Iterator[str]:
    """The value, indented like JSON but without commas: a new item then changes no other line."""
    if not is_nested(value) or not value:
        yield f"{head}{inline(value, masks)}"
        return
    keyed = isinstance(value, Mapping)
    names = [f"{quoted(str(key))}: " for key in value] if keyed else [""] * len(value)
    yield f"{head}{'{' if keyed else '['}"
    for name, item in zip(names, _items(value), strict=True):
        yield from (f"  {line}" for line in _nested(item, masks, name))
    yield "}" if keyed else "]"


def difference(before: Any, after: Any, masks: Masks) -> list[Marked]:
    """The lines that differ, with one line of context; if they are too many, the last one says how many."""
    marked = _compared(tall(before, masks), tall(after, masks))
    if len(marked) <= MOST_LINES:
        return marked
    changed = [line for line in marked if line.symbol in "+-"]
    what = "changed" if before is not ABSENT and after is not ABSENT else "in all"
    return [*_first(changed), Marked(ELLIPSIS, f"{counted(len(changed), 'line')} {what}")]


def _first(lines: Sequence[Marked]) -> list[Marked]:
    """The first lines of both sides, in their order."""
    share = MOST_LINES // len({line.symbol for line in lines})
    room = {"-": share, "+": share}
    first = []
    for line in lines:
        room[line.symbol] -= 1
        if room[line.symbol] >= 0:
            first.append(line)
    return first


def _compared(one: list[str], other: list[str]) -> list[Marked]:
    # Equal lines at both ends are cut off first: difflib takes quadratic time.
    head = _shared(one, other)
    most = min(len(one), len(other)) - head
    tail = next((n for n in range(most) if one[-n - 1] != other[-n - 1]), most)
    middle, changed = one[head : len(one) - tail], other[head : len(other) - tail]
    if max(len(middle), len(changed)) > MOST_COMPARED:
        return _beside(middle, changed)
    marked = _unified(middle, changed) if middle and changed else _beside(middle, changed)
    context = [*one[max(0, head - 1) : head]], [*one[len(one) - tail :][:1]]
    return [*(Marked(" ", line) for line in context[0]), *marked, *(Marked(" ", line) for line in context[1])]


def _beside(one: Sequence[str], other: Sequence[str]) -> list[Marked]:
    return [Marked("-", line) for line in one] + [Marked("+", line) for line in other]


def _unified(one: list[str], other: list[str]) -> list[Marked]:
    marked: list[Marked] = []
    for line in list(difflib.unified_diff(one, other, n=1, lineterm=""))[2:]:
        if not line.startswith("@@"):
            marked.append(Marked(line[0], line[1:]))
        elif marked:
            marked.append(Marked(ELLIPSIS, ""))
    return marked
