"""What reading the files asks of the place where they are; and the usual one, the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from reconciler import inputs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class FileSource(Protocol):
    """Answers for paths as the user writes them: relative to the current folder, or absolute."""

    @property
    def complete(self) -> bool:
        """Whether a file that is not there is missing. A commit does not hold what a build makes."""
        ...

    def read(self, path: str | Path, *, largest: int) -> bytes:
        """The bytes of a file. Raises `OSError` where there are none to read, or more than `largest`."""
        ...

    def is_there(self, path: str | Path) -> bool:
        """Whether something stands under the name."""
        ...

    def is_folder(self, path: str | Path) -> bool:
        """Whether a folder stands under the name."""
        ...

    def resolved(self, path: str | Path) -> Path:
        """The path without links, as far as they lead anywhere."""
        ...

    def names(self, folder: str | Path) -> Iterable[str]:
        """The names in a folder."""
        ...


class Disk:
    """The files as they are now."""

    complete = True

    def read(self, path: str | Path, *, largest: int) -> bytes:
        """The bytes of the file."""
        return inputs.read_bytes(path, largest=largest)

    def is_there(self, path: str | Path) -> bool:
        """Whether something stands under the name."""
        return inputs.is_there(path)

    def is_folder(self, path: str | Path) -> bool:
        """Whether a folder stands under the name."""
        return inputs.is_folder(path)

    def resolved(self, path: str | Path) -> Path:
        """The path without links."""
        return inputs.resolved(path)

    def names(self, folder: str | Path) -> Iterable[str]:
        """The names in a folder; none where it cannot be listed."""
        try:
            return [entry.name for entry in os.scandir(folder)]
        except OSError:
            return ()


DISK = Disk()
