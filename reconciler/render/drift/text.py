"""Drift as text, JSON and Markdown: what moved, who moved it, and how it is on both sides."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from reconciler.plan.drift import What, Who
from reconciler.render.json import plain
from reconciler.render.markdown import COMMENT_LIMIT, PIPE, Budget, code, marker
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.text import (
    DEEPER,
    UNCOMPARED,
    UNEQUAL,
    declared_in_unread_file,
    notice_text,
    place_text,
)
from reconciler.render.text import clean, columns, counted, fold, inert
from reconciler.render.values import inline, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.drift import Drift, Item, Move

FORMAT_VERSION = "1.0"
SYMBOLS = {
    What.CHANGED: "~",
    What.VANISHED: "-",
    What.APPEARED: "+",
    What.DECLARED: "+",
    What.DROPPED: "-",
}
STYLES = {"+": "create", "~": "update", "-": "delete"}
MOVED = {
    Who.LIVE: "live moved",
    Who.FILE: "file moved",
    Who.BOTH: "both moved",
    Who.UNKNOWN: "nobody knows",
}
FATES = tuple(what for what in What if what is not What.CHANGED)
FORGETFUL = "No lock says what was applied last, so nobody knows who moved. `gbsync lock --adopt` makes one."
PARTIAL = "Partial: what --target and --exclude leave out was not looked at."
MOST_ROWS = 200
"""Rows of one table or list in an issue."""
FRAMES = 512
"""Bytes for what stands around the rows."""


def summary(drift: Drift) -> str:
    """One line, such as `Drift: 2 fields moved (1 live, 1 both), 1 resource appeared.`."""
    if not drift.items:
        return "No drift."
    sides = {who: drift.fields(who) for who in Who}
    said = [f"{counted(drift.count(what), 'resource')} {what}" for what in FATES if drift.count(what)]
    if any(sides.values()):
        which = ", ".join(f"{number:,} {who}" for who, number in sides.items() if number)
        said.insert(0, f"{counted(sum(sides.values()), 'field')} moved ({which})")
    return f"Drift: {', '.join(said)}."


def drift_text(drift: Drift, *, width: int = 80, color: bool = False) -> str:
    """The drift for a terminal or a log; the last line is its summary."""
    page = Page(width)
    for sentence in _circumstances(drift):
        page.say(sentence, hang=2)
    masks = _masks(drift)
    for root, items in groupby(drift.items, key=lambda item: item.address.root.key):
        page.heading(clean(root))
        for item in items:
            _item(page, item, masks)
    if drift.uncompared:
        page.heading(f"{UNEQUAL}:")
        for notice in drift.uncompared:
            page.say(f"{UNCOMPARED} {notice_text(notice)}", indent=2, hang=4)
    page.gap()
    for sentence in _unmanaged(drift):
        page.say(sentence)
    page.add((summary(drift), "strong"))
    return page.text(color=color)


def _circumstances(drift: Drift) -> Iterator[str]:
    yield from map(clean, drift.notes)
    if not drift.remembered and drift.items:
        yield FORGETFUL
    if drift.partial:
        yield PARTIAL


def _unmanaged(drift: Drift) -> Iterator[str]:
    if drift.unmanaged:
        verb = "is" if drift.unmanaged == 1 else "are"
        yield f"{counted(drift.unmanaged, 'live resource')} {verb} unmanaged."


def _masks(drift: Drift) -> Masks:
    masks = Masks()
    for item in drift.items:
        for move in item.moves:
            masks.meet(move.file, move.live)
    return masks


def _item(page: Page, item: Item, masks: Masks) -> None:
    symbol = SYMBOLS[item.what]
    left = [("  ", ""), (f"{symbol} ", STYLES[symbol]), (clean(item.address), STYLES[symbol])]
    label = clean(item.label)
    if label and label != item.address.key:
        left.append((f"  {label}", "strong"))
    page.sides(left, place_text(item.place))
    sentence = "; ".join(part for part in (item.sentence, item.reason) if part)
    if sentence:
        page.say(f"({clean(sentence)})", indent=6, style="faint")
    for move in item.moves if item.what is What.CHANGED else ():
        _move(page, move, masks, declared_in_unread_file(move.place, item.place))


def _move(page: Page, move: Move, masks: Masks, place: str) -> None:
    head = [("      ", ""), (MOVED[move.who], "strong"), (f"  {clean(move.name)}", "")]
    file, live = _sides(move, masks)
    both = f"  file {file}, live {live}"
    if sum(columns(text) for text, _ in head) + columns(both) <= page.width:
        page.sides([*head, (both, "")], place, below=DEEPER)
        return
    page.sides(head, place, below=DEEPER)
    for side, text in (("file", file), ("live", live)):
        for number, line in enumerate(fold(text, page.width - 15)):
            page.add(f"          {'    ' if number else side} {line}")


def _sides(move: Move, masks: Masks) -> tuple[str, str]:
    if move.live is ABSENT and move.unknown:
        return inline(move.file, masks), "(not readable)"
    return pair(move.file, move.live, masks)


def drift_document(drift: Drift) -> dict[str, Any]:
    """The drift as a JSON object. Holds no secret."""
    masks = _masks(drift)
    return {
        "format_version": FORMAT_VERSION,
        "organization": drift.organization,
        "endpoint": drift.endpoint,
        "summary": summary(drift),
        "drift": bool(drift.items),
        "remembered": drift.remembered,
        "partial": drift.partial,
        "counts": {
            **{what.value: drift.count(what) for what in What},
            "fields": {who.value: drift.fields(who) for who in Who},
            "unmanaged": drift.unmanaged,
        },
        "items": [_item_document(item, masks) for item in drift.items],
        "uncompared": [
            {"address": str(notice.address), "path": list(notice.path), "note": notice.note}
            for notice in drift.uncompared
        ],
        "notes": list(drift.notes),
    }


def _item_document(item: Item, masks: Masks) -> dict[str, Any]:
    place = item.place
    return {
        "address": str(item.address),
        "label": item.label,
        "what": item.what.value,
        "who": item.who.value,
        "reason": item.reason,
        "place": {"file": place.file, "line": place.line, "column": place.column} if place else None,
        "moves": [_move_document(move, masks) for move in item.moves],
    }


def _move_document(move: Move, masks: Masks) -> dict[str, Any]:
    document: dict[str, Any] = {"path": list(move.path), "who": move.who.value, "readable": not move.unknown}
    sides = (("file", move.file), ("live", move.live))
    return {**document, **{name: plain(value, masks) for name, value in sides if value is not ABSENT}}


def drift_markdown(drift: Drift, *, limit: int = COMMENT_LIMIT, name: str = "drift") -> str:
    """The drift as the body of an issue, of at most `limit` bytes; what is left out is counted."""
    head = [marker(f"{name} {drift.organization}"), f"### {summary(drift)}", ""]
    head += [line for sentence in _circumstances(drift) for line in (f"> {code(sentence)}", ">")]
    tail = [*(f"{sentence}\n" for sentence in _unmanaged(drift))]
    room = Budget(limit)
    room.take("\n".join([*head, *tail]) + "\n" * FRAMES)
    fates = [*_list("Not on both sides", _fates(drift), room)]
    parts = [
        *_table(drift, _masks(drift), room),
        *fates,
        *_list("Not compared", (f"- {code(notice_text(item))}" for item in drift.uncompared), room),
    ]
    return inert("\n".join([*head, *parts, *tail]))


def _table(drift: Drift, masks: Masks, room: Budget) -> Iterator[str]:
    rows = [
        _row(item, move, masks) for item in drift.items if item.what is What.CHANGED for move in item.moves
    ]
    if rows:
        yield "| moved | what | field | file | live |"
        yield "|---|---|---|---|---|"
        yield from _fitting(rows, room)
        yield ""


def _row(item: Item, move: Move, masks: Masks) -> str:
    label = f" {code(item.label)}" if item.label and item.label != item.address.key else ""
    where = f" {code(place_text(move.place or item.place))}" if move.place or item.place else ""
    file, live = _sides(move, masks)
    what = f"{code(item.address)}{label}"
    cells = (move.who.value, what, code(move.name), f"{code(file)}{where}", code(live))
    return f"| {' | '.join(cell.replace('|', PIPE) for cell in cells)} |"


def _fates(drift: Drift) -> Iterator[str]:
    for item in drift.items:
        if item.what is not What.CHANGED:
            label = f" {code(item.label)}" if item.label and item.label != item.address.key else ""
            yield f"- **{item.what}** {code(item.address)}{label} {item.sentence}"


def _list(title: str, lines: Iterable[str], room: Budget) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"#### {title}"
        yield ""
        yield from _fitting(found, room)
        yield ""


def _fitting(lines: list[str], room: Budget) -> Iterator[str]:
    kept = 0
    for line in lines[:MOST_ROWS]:
        if not room.take(f"{line}\n"):
            break
        kept += 1
        yield line
    if kept < len(lines):
        yield ""
        yield f"*{len(lines) - kept:,} more left out here.*"
