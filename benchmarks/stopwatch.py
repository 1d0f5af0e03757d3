"""Seconds on the wall and of this process's CPU."""

from __future__ import annotations

import time


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, so far."""
        return {"wall": time.perf_counter() - self._wall, "cpu": time.process_time() - self._cpu}
