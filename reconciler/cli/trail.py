"""The events file: JSON lines, each on disk before what it announces is sent."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reconciler.errors import LockError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from reconciler.event import Happened


class Trail:
    """Appends what happens to a file. Raises `LockError` when it cannot, so that nothing more is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: TextIO = self._guarded(lambda: open(path, "a", encoding="utf-8"))  # noqa: PTH123, SIM115 - kept open

    def __call__(self, event: Happened) -> None:
        """One line, flushed to the disk."""
        line = json.dumps(_line(event), ensure_ascii=False)
        self._guarded(lambda: self._write(line))

    def _write(self, line: str) -> None:
        self._file.write(f"{line}\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _guarded(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except OSError as error:
            reason = error.strerror or error
            msg = f"{self.path}: the events cannot be written: {reason}; name another with --events"
            raise LockError(msg) from None

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _line(event: Happened) -> dict[str, Any]:
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(),
        "moment": event.moment,
        "address": event.address,
        "action": event.action,
    }
    if event.call:
        line |= {"call": event.call, "number": event.number}
    if event.result:
        line |= {
            "outcome": event.result.outcome,
            "message": event.result.message,
            "status": event.result.status,
        }
    return line
