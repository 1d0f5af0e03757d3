"""Drift as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.plan.approval.heal import value_digest
from reconciler.plan.drift import What, Who
from reconciler.render.drift.folded import entries
from reconciler.render.drift.sentences import masks_of, summary
from reconciler.render.json import place_document, plain
from reconciler.render.plan.json import against_document
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.plan.drift import Drift, Item, Move
    from reconciler.plan.step import Against
    from reconciler.render.masks import Masks
    from reconciler.resources.digest import Salt


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
        "salt": drift.salt.text,
        "items": [
            {**_item_document(item, masks, drift.salt), **_origin(item, drift.against)}
            for item in drift.items
        ],
        "uncompared": [
            {"address": str(notice.address), "path": list(notice.path), "note": notice.note}
            for notice in drift.uncompared
        ],
        "notes": list(drift.notes),
        **({"against": against_document(drift.against)} if drift.against else {}),
    }


def _origin(item: Item, against: Against | None) -> dict[str, Any]:
    return {"origin": against.of(item.address).value} if against else {}


def _item_document(item: Item, masks: Masks, salt: Salt) -> dict[str, Any]:
    return {
        "address": str(item.address),
        "label": item.label,
        "what": item.what.value,
        "who": item.who.value,
        "reason": item.reason,
        "place": place_document(item.place),
        "moves": [_move_document(move, masks, salt) for move in item.moves],
    }


def _move_document(move: Move, masks: Masks, salt: Salt) -> dict[str, Any]:
    document: dict[str, Any] = {"path": list(move.path), "who": move.who.value, "readable": not move.unknown}
    sides = (("file", move.file), ("live", move.live))
    # What `apply --heal` compares: the values here are masked where they are secret.
    document["digests"] = {name: value_digest(value, salt) for name, value in sides}
    return {**document, **{name: plain(value, masks) for name, value in sides if value is not ABSENT}}
