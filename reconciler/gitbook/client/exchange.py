"""The protocol between the client and an HTTP library: one request out, one reply in, one class of failure.

There are two: `transport_aiohttp.py` for the network, and `transport_httpx.py` for the sandbox in process and
the tests. They say *what* failed and whether anything may have been sent. The client decides what follows
from that for a read or for a POST.
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
    """Seconds that the whole exchange may take."""
    sent: bool = False
    """Whether any of it may have left this machine. Set as soon as there is a connection to write it to.

    A POST that was not sent can be sent again. One that was sent may have taken effect, answered or not.
    """


@dataclass(frozen=True, slots=True)
class Incoming:
    """One reply, of which the body is still to be read. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: AsyncIterator[bytes]


class Exchange(Protocol):
    """Sends requests to one host. It follows no redirect, unpacks nothing and sends nothing twice."""

    failures: tuple[type[Exception], ...]
    """The exceptions that `open` and reading the chunks raise."""

    def open(self, outgoing: Outgoing) -> AbstractAsyncContextManager[Incoming]:
        """The reply to the request."""
        ...

    def lost(self, failure: Exception, outgoing: Outgoing) -> TransientError:
        """What one of `failures` means. `TransientError.certain` is true when nothing was sent."""
        ...

    async def aclose(self) -> None:
        """Closes every connection."""
        ...
