"""Drift as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.plan.drift import What, Who
from reconciler.render.drift.folded import entries
from reconciler.render.drift.sentences import masks_of, summary
from reconciler.render.json import place_document, plain
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.plan.drift import Drift, Item, Move
    from reconciler.render.masks import Masks


FORMAT_VERSION = "1.0"


def drift_document(drift: Drift) -> dict[str, Any]:
    """The drift as a JSON document. It holds no secret."""
    masks = masks_of(drift)
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
        "classes": [
            {
                "what": entry.first.what.value,
                "who": entry.first.who.value,
                "unlike": entry.steps.unlike,
                "addresses": [str(item.address) for item in entry.items],
            }
            for entry in entries(drift.items)
        ],
        "items": [_item_document(item, masks) for item in drift.items],
        "uncompared": [
            {"address": str(notice.address), "path": list(notice.path), "note": notice.note}
            for notice in drift.uncompared
        ],
        "notes": list(drift.notes),
    }


def _item_document(item: Item, masks: Masks) -> dict[str, Any]:
    return {
        "address": str(item.address),
        "label": item.label,
        "what": item.what.value,
        "who": item.who.value,
        "reason": item.reason,
        "place": place_document(item.place),
        "moves": [_move_document(move, masks) for move in item.moves],
    }


def _move_document(move: Move, masks: Masks) -> dict[str, Any]:
    document: dict[str, Any] = {"path": list(move.path), "who": move.who.value, "readable": not move.unknown}
    sides = (("file", move.file), ("live", move.live))
    return {**document, **{name: plain(value, masks) for name, value in sides if value is not ABSENT}}
