"""Two values side by side: which lines belong together, and which part of a line differs."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.render.amounts import counted
from reconciler.render.columns import ELLIPSIS
from reconciler.render.values import inline, is_nested, is_text, pair, tall
from reconciler.resources.digest import Digest
from reconciler.resources.values import ABSENT, SealedText, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.render.masks import Masks

MOST_ROWS = 120
AROUND = 2
"""Lines shown before and after those that differ."""
SHORT = 72
"""A nested value up to this long stays in one line."""
MOST_COMPARED = 2000
_STAND_INS = (Secret, Digest, SealedText)
"""What is not shown itself, so that no part of what is shown differs."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether it is what differs."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line before and one after; no pieces where there is none."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the line only stands around those that differ."""
        return self.before == self.after


def rows(before: Any, after: Any, masks: Masks) -> tuple[Row, ...]:
    """The rows of one field, bounded: the last one then says how many lines there are."""
    one, other = inline(before, masks), inline(after, masks)
    flat = not (is_text(before) or is_text(after))
    if flat and (max(len(one), len(other)) <= SHORT or not (is_nested(before) or is_nested(after))):
        return (_pair(before, after, masks),)
    compared = tuple(_compared(tall(before, masks), tall(after, masks)))
    if len(compared) <= MOST_ROWS:
        return compared
    more = Piece(f"{ELLIPSIS} {counted(len(compared) - MOST_ROWS, 'more line')}")
    return (
        *compared[:MOST_ROWS],
        Row((more,) if before is not ABSENT else (), (more,) if after is not ABSENT else ()),
    )


def _pair(before: Any, after: Any, masks: Masks) -> Row:
    one, other = pair(before, after, masks)
    if before is ABSENT:
        return Row(after=(Piece(other),))
    if after is ABSENT:
        return Row((Piece(one),))
    stand_in = isinstance(before, _STAND_INS) or isinstance(after, _STAND_INS)
    return Row((Piece(one),), (Piece(other),)) if stand_in else _line(one, other)


def _line(one: str, other: str) -> Row:
    """Two texts with the part between what they share at both ends marked."""
    most = min(len(one), len(other))
    head = next((index for index in range(most) if one[index] != other[index]), most)
    tail = next((n for n in range(most - head) if one[-n - 1] != other[-n - 1]), most - head)
    return Row(_pieces(one, head, tail), _pieces(other, head, tail))


def _pieces(text: str, head: int, tail: int) -> tuple[Piece, ...]:
    middle, end = text[head : len(text) - tail], text[len(text) - tail :]
    pieces = (Piece(text[:head]), Piece(middle, differs=True), Piece(end))
    return tuple(piece for piece in pieces if piece.text) or (Piece(""),)


def _compared(one: Sequence[str], other: Sequence[str]) -> Iterator[Row]:
    if max(len(one), len(other)) > MOST_COMPARED or not (one and other):
        yield from _beside(one, other)
        return
    groups = difflib.SequenceMatcher(None, one, other, autojunk=False).get_grouped_opcodes(AROUND)
    for number, group in enumerate(groups):
        if number:
            yield Row((Piece(ELLIPSIS),), (Piece(ELLIPSIS),))
        for tag, start, end, begin, stop in group:
            if tag == "equal":
                yield from (Row((Piece(line),), (Piece(line),)) for line in one[start:end])
            else:
                yield from _beside(one[start:end], other[begin:stop])


def _beside(one: Sequence[str], other: Sequence[str]) -> Iterator[Row]:
    """Lines that differ, as pairs as long as both sides have one."""
    both = min(len(one), len(other))
    yield from map(_line, one[:both], other[:both])
    yield from (Row(before=(Piece(line, differs=True),)) for line in one[both:])
    yield from (Row(after=(Piece(line, differs=True),)) for line in other[both:])
