"""What the client asks of whatever speaks HTTP: one request out, one reply in, and a name for each failure.

Two things speak it: `transport_aiohttp.py` over the network, and `transport_httpx.py` for the sandbox in
process and the tests. Both say only *what* failed and whether anything may have been sent; what follows from
that, for a read or for a POST, is decided by the client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager

    from reconciler.gitbook.client.response import TransientError


@dataclass(slots=True)
class Outgoing:
    """One request on its way out."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    patience: float
    """Seconds for all of it."""
    sent: bool = False
    """Whether any of it may have left this machine; set once a connection is there to write it to."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One reply whose body is still to be read; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: AsyncIterator[bytes]


class Exchange(Protocol):
    """Sends requests to one host. It follows no redirect, unpacks nothing and sends nothing twice."""

    failures: tuple[type[Exception], ...]
    """What `open`, and reading the chunks, raise."""

    def open(self, outgoing: Outgoing) -> AbstractAsyncContextManager[Incoming]:
        """The reply to the request."""
        ...

    def lost(self, failure: Exception, outgoing: Outgoing) -> TransientError:
        """What one of `failures` means. `Passing.certain` is true where nothing was sent."""
        ...

    async def aclose(self) -> None:
        """Closes every connection."""
        ...
