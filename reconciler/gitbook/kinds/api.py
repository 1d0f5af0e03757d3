"""What a kind asks of a client: calls of operations, and lists.

Kinds know no client of their own: the client's table of operations takes the shapes of bodies from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.gitbook.client.response import ApiReply


class GitBookApi(Protocol):
    """The part of the client that kinds use."""

    async def call(
        self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> ApiReply:
        """The reply of one operation. Raises `ApiError` or `AccessError`."""
        ...

    def items(self, operation: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        """The items of a list on all its pages."""
        ...
