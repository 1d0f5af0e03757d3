"""What every store of the lock can do: `gbsync.lock` is one, the sandbox's state another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from reconciler.lock.document import Base


def silent(_text: str) -> None:
    """Tells nobody."""


class LockStore(Protocol):
    """Keeps the base between runs. Stores stand in `lock/stores/`; the engine knows only these names."""

    @property
    def name(self) -> str:
        """Where a saved plan finds the lock again; empty where only the command line says that."""
        ...

    def hold(self) -> AbstractAsyncContextManager[None]:
        """Keeps other runs from applying while this one does. Raises `LockError` that says who holds it.

        A run that holds it may hold it again: the outermost one releases it.
        """
        ...

    def check(self) -> None:
        """Raises `LockError` if this run has held the lock and another run has taken it over since."""
        ...

    def load(self) -> Base:
        """What was applied last. Raises `LockError`."""
        ...

    def save(self, base: Base) -> None:
        """Replaces what was stored: all of it, or nothing when it fails. Raises `LockError`.

        When it returns, the base has to survive a crash: apply saves the intent of a publish and sends the
        publish right after.
        """
        ...

    async def record(self, base: Base) -> None:
        """As `save`, while requests are in progress: a store that is far away does not stop them."""
        ...
