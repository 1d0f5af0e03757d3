"""The events file: JSON lines, each on disk before what it announces is sent."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from reconciler.errors import LockError

if TYPE_CHECKING:
    from reconciler.apply.events import StepEvent

NO_DISK = (errno.EINVAL, errno.ENOTSUP)
"""Errors of `fsync` on a pipe or a terminal, which have no disk."""


class AuditLog:
    """Appends what happens to a file. Raises `LockError` when it cannot, so that nothing more is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            raise self._unwritable(error) from None
        self._cut = self._ends_in_a_line_cut_short()

    def __call__(self, event: StepEvent) -> None:
        """One line, on the disk when this returns."""
        line = json.dumps(_line(event), ensure_ascii=False)
        try:
            self._write(f"\n{line}\n" if self._cut else f"{line}\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def close(self) -> None:
        """Closes the file; every line is on the disk already."""
        with suppress(OSError):
            os.close(self._file)

    def _write(self, text: str) -> None:
        left, self._cut = text.encode(errors="backslashreplace"), True
        while left:
            left = left[os.write(self._file, left) :]
        try:
            os.fsync(self._file)
        except OSError as error:
            if error.errno not in NO_DISK:
                raise
        self._cut = False

    def _ends_in_a_line_cut_short(self) -> bool:
        """Whether a run was killed, or the disk full, in the middle of a line."""
        with suppress(OSError):
            size = os.lseek(self._file, 0, os.SEEK_END)
            os.lseek(self._file, max(0, size - 1), os.SEEK_SET)
            return size > 0 and os.read(self._file, 1) != b"\n"
        return False

    def _unwritable(self, error: OSError) -> LockError:
        reason = error.strerror or error
        return LockError(f"{self.path}: the events cannot be written: {reason}; name another with --events")


def _line(event: StepEvent) -> dict[str, Any]:
    line: dict[str, Any] = {
        "time": datetime.now(UTC).isoformat(),
        "phase": event.phase,
        "address": event.address,
        "action": event.action,
    }
    if event.call:
        line |= {"call": event.call, "number": event.number}
    if event.keys:
        line["keys"] = list(event.keys)
    if event.result:
        line |= {
            "outcome": event.result.outcome,
            "message": event.result.message,
            "status": event.result.status,
        }
    return line
