"""What the engine asks of a client: the one seam between plan and apply and whatever speaks to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager, AbstractContextManager


class Rate(Protocol):
    """How much the server allows, as far as it has said so."""

    @property
    def per_second(self) -> float:
        """Requests per second."""
        ...


class Api(Protocol):
    """A client as the engine sees it.

    It counts and paces requests and keeps secrets out of messages. The requests themselves are the business
    of each kind's `Calls`, which know the client's own methods.
    """

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeated ones included."""
        ...

    @property
    def rate(self) -> Rate | None:
        """How much the server allows; `None` while it has not said so."""
        ...

    def register_secret(self, value: Any) -> None:
        """From now on no message of this client shows a secret that stands in the value."""
        ...

    def scrubbed(self, text: str, value: Any) -> str:
        """The text on one line, without the secrets that are registered or that stand in the value."""
        ...

    def reserve(self, requests: int) -> AbstractAsyncContextManager[object]:
        """Waits until so many requests may be sent; the calls inside then go without a wait between them.

        What it yields hands some of them to others, with `within`.
        """
        ...

    def within(self, reserved: object) -> AbstractContextManager[None]:
        """The call inside is one of those that were reserved, and goes without a wait."""
        ...

    def at_once(self, most: int) -> int:
        """How many requests, at most so many, pass at once right after another one, as far as is known."""
        ...

    async def lag(self, attempt: int) -> None:
        """Waits before something that was just written is read again, longer with each attempt."""
        ...
