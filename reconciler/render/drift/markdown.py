"""Drift as the body of a GitHub issue, within the limit of its size."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from reconciler.plan.drift import What
from reconciler.render.clean import inert
from reconciler.render.drift.folded import entries
from reconciler.render.drift.sentences import (
    both_sides,
    circumstances,
    masks_of,
    parts,
    summary,
    unmanaged_sentences,
)
from reconciler.render.markdown import COMMENT_LIMIT, PIPE, ByteBudget, code, marker
from reconciler.render.plan.classes import MOST_NAMED, mentions, names_of, some, subject
from reconciler.render.plan.sentences import (
    label_text,
    notice_text,
    place_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.drift import Drift, Item, Move
    from reconciler.render.drift.folded import Entry
    from reconciler.render.masks import Masks
    from reconciler.render.plan.classes import Mention


MOST_ROWS = 200
"""Rows of one table or list."""
FRAMES = 512
"""Bytes reserved for headings and counts."""


def drift_markdown(drift: Drift, *, limit: int = COMMENT_LIMIT, name: str = "drift") -> str:
    """The drift in at most `limit` bytes; rows that are left out are counted."""
    head = [marker(f"{name} {drift.organization}"), f"### {summary(drift)}", ""]
    head += [line for sentence in circumstances(drift) for line in (f"> {code(sentence)}", ">")]
    tail = [*(f"{sentence}\n" for sentence in unmanaged_sentences(drift))]
    room = ByteBudget(limit)
    room.take("\n".join([*head, *tail]) + "\n" * FRAMES)
    # Built before the table, although it stands below it: whole resources get the room first.
    masks = masks_of(drift)
    chapters = [
        (title, items, [*_list("Not on both sides", _fates(items), room)]) for title, items in parts(drift)
    ]
    body = [
        line
        for title, items, fates in chapters
        for line in (*_title(title), *_table(items, masks, room), *fates)
    ]
    rest = _list("Not compared", map(_mentioned, mentions(drift.uncompared)), room)
    return inert("\n".join([*head, *body, *rest, *tail]))


def _title(title: str) -> tuple[str, ...]:
    """The heading of the items of one origin; nothing where there is only one part."""
    return (f"#### {html.escape(title)}", "") if title else ()


def _table(items: Iterable[Item], masks: Masks, room: ByteBudget) -> Iterator[str]:
    told = entries(item for item in items if item.what is What.CHANGED)
    rows = [row for entry in told for row in _rows(entry, masks)]
    if rows:
        yield "| moved | what | field | file | live |"
        yield "|---|---|---|---|---|"
        yield from _fitting(rows, room)
        yield ""


def _rows(entry: Entry, masks: Masks) -> Iterator[str]:
    """A row for each move: of several items at once, or where the values differ of each by itself."""
    if len(entry.items) > 1 and not entry.steps.varying:
        for move in entry.common:
            yield _row(_several(entry), entry.first, move, masks)
        return
    for item in entry.items:
        for move in item.moves:
            yield _row(_named(item), item, move, masks)


def _several(entry: Entry) -> str:
    return f"{code(subject(entry.steps))} {code(some(names_of(entry.items), MOST_NAMED))}"


def _named(item: Item) -> str:
    label = label_text(item)
    return f"{code(label)} {code(item.address)}" if label else code(item.address)


def _row(what: str, item: Item, move: Move, masks: Masks) -> str:
    where = f" {code(place_text(move.place or item.place))}" if move.place or item.place else ""
    file, live = both_sides(move, masks)
    cells = (move.who.value, what, code(move.name), f"{code(file)}{where}", code(live))
    return f"| {' | '.join(cell.replace('|', PIPE) for cell in cells)} |"


def _fates(items: Iterable[Item]) -> Iterator[str]:
    for entry in entries(item for item in items if item.what is not What.CHANGED):
        what = _several(entry) if len(entry.items) > 1 else _named(entry.first)
        yield f"- **{entry.first.what}** {what} {entry.first.sentence}"


def _mentioned(item: Mention) -> str:
    return f"- {code(notice_text(item.first) if len(item.notices) == 1 else item.text(MOST_NAMED))}"


def _list(title: str, lines: Iterable[str], room: ByteBudget) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield f"#### {title}"
        yield ""
        yield from _fitting(rows, room)
        yield ""


def _fitting(lines: list[str], room: ByteBudget) -> Iterator[str]:
    count = 0
    for line in lines[:MOST_ROWS]:
        if not room.take(f"{line}\n"):
            break
        count += 1
        yield line
    if count < len(lines):
        yield ""
        yield f"*{len(lines) - count:,} more left out here.*"
