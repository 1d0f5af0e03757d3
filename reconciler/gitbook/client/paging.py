"""Lists: page after page, each item once, and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.errors import BadReply
from reconciler.gitbook.operations.parameters import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from reconciler.gitbook.client.response import ApiReply
    from reconciler.gitbook.operations.operation import Operation

_NAMES = ("id", "name", "installation", "integration", "space", "site")
"""The keys that together tell one item from another."""
IDLE_MAX = 20
"""So many pages in a row may bring nothing new: the server may filter a few. With more, it never ends."""


async def pages(
    operation: Operation, params: Mapping[str, Any], call: Callable[..., Awaitable[ApiReply]]
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, once. Raises `BadReply` for pages that go in a circle.

    Pages overlap when something is created or deleted while they are read.
    """
    asked = {"limit": MAX_LIMIT, **params} if operation.pages else dict(params)
    cursors = {asked.get("page")}
    seen: set[tuple[str, ...]] = set()
    idle = 0
    while True:
        items, cursor = items_and_next((await call(operation.id, asked)).data)
        before = len(seen)
        for item in items:
            name = identity(item)
            if name not in seen or not name:
                seen.add(name)
                yield item
        if cursor is None:
            return
        idle = 0 if len(seen) > before else idle + 1
        problem = _endless(operation, idle, again=cursor in cursors)
        if problem:
            raise BadReply(problem, operation=operation.id, subject=operation.about(params))
        cursors.add(cursor)
        asked["page"] = cursor


def items_and_next(data: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The items of one page, and the cursor of the page that follows.

    The cursor is sent as `page` to the same host, also when it looks like a URL: no server may name another.
    """
    if isinstance(data, list):
        return data, None
    following = data.get("next")
    return data["items"], None if following is None else following["page"]


def _endless(operation: Operation, idle: int, *, again: bool) -> str:
    """What is wrong with the pages of a list; empty while they bring something new."""
    if not operation.pages:
        return "the list has more pages"
    if again:
        return "the list leads back to a page that it has shown"
    return f"the list has {idle} pages in a row with nothing new" if idle > IDLE_MAX else ""


def identity(item: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells the item from the others of its list; empty when it has none of these keys."""
    parts: list[str] = []
    for key in _NAMES:
        value = item.get(key)
        if isinstance(value, dict):
            value = value.get("id") or value.get("name")
        if isinstance(value, str):
            parts += (key, value)
    return tuple(parts)
