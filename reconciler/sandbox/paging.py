"""Lists in pages: opaque cursors, limits, and the overlaps that the API may have."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.sandbox.call import SandboxReply, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.sandbox.behaviour import Behaviour
    from reconciler.sandbox.call import Call

T = TypeVar("T")


def page(
    items: Sequence[T], call: Call, behaviour: Behaviour, *, key: Callable[[T], str], view: Callable[[T], Any]
) -> SandboxReply:
    """One page of the items, the cursor of the next one if there is more, and how many there are."""
    limit = min(int(call.query.get("limit", behaviour.page_size)), behaviour.page_cap)
    if behaviour.unpaged == "whole" and not call.pages:
        limit = len(items)
    start = _start(items, call.query.get("page"), behaviour, key)
    end = start + limit
    first = max(0, start - behaviour.overlap) if start else 0
    body: dict[str, Any] = {"items": [view(item) for item in items[first:end]], "count": len(items)}
    if limit and end < len(items):
        body["next"] = {"page": _cursor(end, key(items[end - 1]))}
    return SandboxReply(body=body)


def _cursor(index: int, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([index, last]).encode()).decode().rstrip("=")


def _start(items: Sequence[T], cursor: str | None, behaviour: Behaviour, key: Callable[[T], str]) -> int:
    if cursor is None:
        return 0
    try:
        index, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        index, last = int(index), str(last)
    except (ValueError, TypeError):
        msg = "page is not a cursor of this list"
        raise bad_request(msg) from None
    if behaviour.cursor == "offset" or (0 < index <= len(items) and key(items[index - 1]) == last):
        return index
    positions = (number for number, item in enumerate(items, start=1) if key(item) == last)
    return next(positions, max(0, index - 1))
