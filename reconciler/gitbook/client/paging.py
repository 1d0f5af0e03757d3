"""Lists: page after page, each item once, and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.errors import BadReply
from reconciler.gitbook.operations.parameters import MAX_LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from reconciler.gitbook.client.response import Reply
    from reconciler.gitbook.operations.operation import Operation

_NAMES = ("id", "name", "installation", "integration", "space", "site")
"""Keys that together tell one item from another."""


IDLE_MAX = 20
"""Pages in a row that bring nothing new: a few may be filtered, more is a server that never ends."""


async def pages(
    operation: Operation, params: Mapping[str, Any], call: Callable[..., Awaitable[Reply]]
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list once, however its pages overlap. Raises `BadReply` for a circle of pages."""
    asked = {"limit": MAX_LIMIT, **params} if operation.pages else dict(params)
    cursors = {asked.get("page")}
    seen: set[tuple[str, ...]] = set()
    idle = 0
    while True:
        reply = (await call(operation.id, asked)).data
        before = len(seen)
        for item in reply if isinstance(reply, list) else reply["items"]:
            name = identity(item)
            if name not in seen or not name:
                seen.add(name)
                yield item
        following = reply.get("next") if isinstance(reply, dict) else None
        if following is None:
            return
        # A cursor is a value of `page` to the same host, even where it reads like a URL.
        cursor = following["page"]
        idle = 0 if len(seen) > before else idle + 1
        problem = _endless(operation, idle, again=cursor in cursors)
        if problem:
            raise BadReply(problem, operation=operation.id, subject=operation.about(params))
        cursors.add(cursor)
        asked["page"] = cursor


def _endless(operation: Operation, idle: int, *, again: bool) -> str:
    """Why a list would not end, or ends nowhere; empty while it gets on."""
    if not operation.pages:
        return "the list has more pages"
    if again:
        return "the list leads back to a page that it has shown"
    return f"the list has {idle} pages in a row with nothing new" if idle > IDLE_MAX else ""


def identity(item: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells the item from others in its list; empty where nothing does."""
    found: list[str] = []
    for key in _NAMES:
        value = item.get(key)
        if isinstance(value, dict):
            value = value.get("id") or value.get("name")
        if isinstance(value, str):
            found += (key, value)
    return tuple(found)
