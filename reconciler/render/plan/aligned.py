"""Two values side by side: pairs of lines, and which part of each line differs."""

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
"""Characters up to which a nested value stays on one line."""
MOST_COMPARED = 2000
_STAND_INS = (Secret, Digest, SealedText)
"""Values that are shown by a mask or digest: no part of that text is marked as different."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether it is what differs."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and a line after; one of them may have no pieces, if it does not exist."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the line is only context."""
        return self.before == self.after


def rows(before: Any, after: Any, masks: Masks) -> tuple[Row, ...]:
    """The rows of one field. If they are too many, the last row says how many more there are."""
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
    """A row of two texts, with everything between their common beginning and end marked."""
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
    """Rows of lines that differ, in pairs as far as both sides have lines."""
    both = min(len(one), len(other))
    yield from map(_line, one[:both], other[:both])
    yield from (Row(before=(Piece(line, differs=True),)) for line in one[both:])
    yield from (Row(after=(Piece(line, differs=True),)) for line in other[both:])
