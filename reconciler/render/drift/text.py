"""Drift for a terminal or a log: what moved, which side moved it, and both values."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from reconciler.plan.drift import What, Who
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.columns import columns, fold
from reconciler.render.drift.folded import entries
from reconciler.render.drift.sentences import (
    both_sides,
    circumstances,
    masks_of,
    parts,
    summary,
    unmanaged_sentences,
)
from reconciler.render.page import Page
from reconciler.render.plan.classes import MOST_NAMED, more, names_of, places_text, some, subject
from reconciler.render.plan.sentences import (
    UNCOMPARED,
    UNEQUAL,
    label_text,
    place_in_other_file,
    place_text,
)
from reconciler.render.plan.text import DEEPER, mention

if TYPE_CHECKING:
    from reconciler.plan.drift import Drift, Item, Move
    from reconciler.render.drift.folded import Entry
    from reconciler.render.masks import Masks

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
    Who.UNKNOWN: "unknown",
}


def drift_text(drift: Drift, *, width: int = 80, color: bool = False, expand: bool = False) -> str:
    """The drift as text; the last line is its summary. `expand` shows each item and each list whole."""
    page = Page(width)
    for sentence in circumstances(drift):
        page.say(sentence, hang=2)
    masks = masks_of(drift)
    for title, part in parts(drift):
        if title:
            page.heading(f"{title}:")
        for root, items in groupby(part, key=lambda item: item.address.root.key):
            page.heading(clean(root))
            for entry in entries(items, expand=expand):
                if len(entry.items) == 1:
                    _item(page, entry.first, masks, unlike=entry.steps.unlike)
                else:
                    _entry(page, entry, masks)
    mention(page, UNEQUAL, drift.uncompared, symbol=f"{UNCOMPARED} ", expand=expand)
    page.gap()
    for sentence in unmanaged_sentences(drift):
        page.say(sentence)
    page.gap()
    page.add((summary(drift), "strong"))
    return page.text(color=color)


def _entry(page: Page, entry: Entry, masks: Masks) -> None:
    symbol = SYMBOLS[entry.first.what]
    head = [("  ", ""), (f"{symbol} {subject(entry.steps, of_root=False)}", STYLES[symbol])]
    page.sides(head, places_text(entry.steps.places))
    _sentence(page, entry.first)
    if entry.first.what is What.CHANGED:
        for move in entry.common:
            _move(page, move, masks, "")
    varying = set(entry.steps.varying)
    if not varying:
        page.say(some(names_of(entry.items), MOST_NAMED), indent=6)
        return
    names = names_of(entry.items)
    shown = len(names) if len(names) <= MOST_NAMED + 1 else MOST_NAMED
    for name, item in zip(names[:shown], entry.items, strict=False):
        page.add("      ", (name, "strong"))
        for move in item.moves:
            if move.path in varying:
                _move(page, move, masks, place_in_other_file(move.place, item.place))
    if shown < len(names):
        page.add("      ", (more(len(names) - shown), "faint"))


def _item(page: Page, item: Item, masks: Masks, *, unlike: int = 0) -> None:
    symbol = SYMBOLS[item.what]
    left = [("  ", ""), (f"{symbol} ", STYLES[symbol])]
    if label := label_text(item):
        left.append((f"{label}  ", "strong"))
    other = f", unlike {counted(unlike, 'other')}" if unlike else ""
    left.append((f"{clean(item.address)}{other}", STYLES[symbol]))
    page.sides(left, place_text(item.place))
    _sentence(page, item)
    for move in item.moves if item.what is What.CHANGED else ():
        _move(page, move, masks, place_in_other_file(move.place, item.place))


def _sentence(page: Page, item: Item) -> None:
    sentence = "; ".join(part for part in (item.sentence, item.reason) if part)
    if sentence:
        page.say(f"({clean(sentence)})", indent=6, style="faint")


def _move(page: Page, move: Move, masks: Masks, place: str) -> None:
    head = [("      ", ""), (MOVED[move.who], "strong"), (f"  {clean(move.name)}", "")]
    file, live = both_sides(move, masks)
    both = f"  file {file}, live {live}"
    if sum(columns(text) for text, _ in head) + columns(both) <= page.width:
        page.sides([*head, (both, "")], place, below=DEEPER)
        return
    page.sides(head, place, below=DEEPER)
    for side, text in (("file", file), ("live", live)):
        for number, line in enumerate(fold(text, page.width - 15)):
            page.add(f"          {'    ' if number else side} {line}")
