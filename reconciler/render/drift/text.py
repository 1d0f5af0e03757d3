"""Drift for a terminal or a log: what moved, which side moved it, and both values."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from reconciler.plan.drift import What, Who
from reconciler.render.clean import clean
from reconciler.render.columns import columns, fold
from reconciler.render.drift.sentences import (
    both_sides,
    circumstances,
    masks_of,
    parts,
    summary,
    unmanaged_sentences,
)
from reconciler.render.page import Page
from reconciler.render.plan.sentences import (
    UNCOMPARED,
    UNEQUAL,
    label_text,
    notice_text,
    place_in_other_file,
    place_text,
)
from reconciler.render.plan.text import DEEPER

if TYPE_CHECKING:
    from reconciler.plan.drift import Drift, Item, Move
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


def drift_text(drift: Drift, *, width: int = 80, color: bool = False) -> str:
    """The drift as text; the last line is its summary."""
    page = Page(width)
    for sentence in circumstances(drift):
        page.say(sentence, hang=2)
    masks = masks_of(drift)
    for title, part in parts(drift):
        if title:
            page.heading(f"{title}:")
        for root, items in groupby(part, key=lambda item: item.address.root.key):
            page.heading(clean(root))
            for item in items:
                _item(page, item, masks)
    if drift.uncompared:
        page.heading(f"{UNEQUAL}:")
        for notice in drift.uncompared:
            page.say(f"{UNCOMPARED} {notice_text(notice)}", indent=2, hang=4)
    page.gap()
    for sentence in unmanaged_sentences(drift):
        page.say(sentence)
    page.add((summary(drift), "strong"))
    return page.text(color=color)


def _item(page: Page, item: Item, masks: Masks) -> None:
    symbol = SYMBOLS[item.what]
    left = [("  ", ""), (f"{symbol} ", STYLES[symbol]), (clean(item.address), STYLES[symbol])]
    if label := label_text(item):
        left.append((f"  {label}", "strong"))
    page.sides(left, place_text(item.place))
    sentence = "; ".join(part for part in (item.sentence, item.reason) if part)
    if sentence:
        page.say(f"({clean(sentence)})", indent=6, style="faint")
    for move in item.moves if item.what is What.CHANGED else ():
        _move(page, move, masks, place_in_other_file(move.place, item.place))


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
