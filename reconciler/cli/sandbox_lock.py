"""The lock of a sandbox: a `LockStore` in the sandbox's own state."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.lock.document import Base, merged, parse, section_of
from reconciler.lock.stores.file import held

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reconciler.sandbox import Sandbox


@dataclass(slots=True)
class SandboxLockStore:
    """Keeps the base inside the sandbox's state, so that one file holds everything of a sandbox."""

    sandbox: Sandbox
    file: str
    endpoint: str
    organization: str
    timeout: float = 0.0
    _held: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """Empty, because only `--sandbox` says where the sandbox is."""
        return ""

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Keeps other runs from applying to the same file."""
        if not self.file or self._held:
            yield
            return
        async with held(Path(self.file), timeout=self.timeout, tell=tell):
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def check(self) -> None:
        """Nothing: the system keeps other runs out as long as this process lives."""

    def load(self) -> Base:
        """What was applied last to this sandbox."""
        document = self.sandbox.store.lock
        if not document:
            return Base()
        return parse(document, section_of(self.endpoint, self.organization), self.file or "the sandbox")

    def save(self, base: Base) -> None:
        """Stores it, and writes the file at once: a publish may be sent only when its intent is on disk."""
        section = section_of(self.endpoint, self.organization)
        self.sandbox.store.lock = merged(self.sandbox.store.lock or None, section, base)
        if self.file:
            self.sandbox.store.save(self.file)

    async def record(self, base: Base) -> None:
        """As `save`: the disk is near."""
        self.save(base)


def tell(text: str) -> None:
    """Prints a line above the progress bar; `err=True` would write into the bar."""
    click.echo(text, file=sys.stderr)
