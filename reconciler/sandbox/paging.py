"""Lists in pages: opaque cursors, limits, and the overlaps that the API may have."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.sandbox.call import SandboxReply, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.sandbox.behaviour import Behaviour
    from reconciler.sandbox.call import Call

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a page begins: after `index` items, the last of which has this key."""

    index: int
    last: str
    listing: str
    """A digest of the list that it belongs to."""
    is_empty: bool = False
    """The page is empty, and another one follows at the same place."""

    def text(self) -> str:
        """The cursor as the API shows it."""
        parts = [self.index, self.last, self.listing, self.is_empty]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str, listing: str) -> _Cursor:
        """The cursor of a text. Raises a 400 for what no such list has given out."""
        try:
            parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, RecursionError):
            parts = None
        match parts:
            case [int(index), str(last), str(owner), bool(is_empty)] if index >= 0 and owner == listing:
                return cls(index, last, owner, is_empty)
        msg = "page is not a cursor of this list"
        raise bad_request(msg)


def page(
    items: Sequence[T], call: Call, behaviour: Behaviour, *, key: Callable[[T], str], view: Callable[[T], Any]
) -> SandboxReply:
    """One page of the items, the cursor of the next one if there is more, and how many there are."""
    limit = min(int(call.query.get("limit", behaviour.page_size)), behaviour.page_cap)
    if behaviour.unpaged == "whole" and not call.pages:
        limit = len(items)
    listing = hashlib.sha256(call.listing.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    text = call.query.get("page")
    cursor = None if text is None else _Cursor.parse(text, listing)
    total: dict[str, Any] = {"count": len(items)} if behaviour.count == "told" else {}
    if cursor and cursor.is_empty:
        again = _Cursor(cursor.index, cursor.last, listing)
        return SandboxReply(body={"items": [], **total, "next": {"page": again.text()}})
    start = _start(items, cursor, behaviour, key) if cursor else 0
    end = start + limit
    first = max(0, start - behaviour.overlap) if start else 0
    body: dict[str, Any] = {"items": [view(item) for item in items[first:end]], **total}
    if limit and end < len(items):
        is_empty = behaviour.empty_pages == "between"
        body["next"] = {"page": _Cursor(end, key(items[end - 1]), listing, is_empty).text()}
    return SandboxReply(body=body)


def _start(items: Sequence[T], cursor: _Cursor, behaviour: Behaviour, key: Callable[[T], str]) -> int:
    index, last = cursor.index, cursor.last
    if behaviour.cursor == "offset" or (0 < index <= len(items) and key(items[index - 1]) == last):
        return index
    positions = (number for number, item in enumerate(items, start=1) if key(item) == last)
    return next(positions, max(0, index - 1))
