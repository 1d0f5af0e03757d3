"""`apply --json FILE`: each event as a JSON line in Terraform's format, as it happens."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler.apply.events import Phase
from reconciler.errors import UsageError
from reconciler.render.json import json_text
from reconciler.render.report.stream import event_line, plan_lines, report_line, version_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import RawIOBase

    from reconciler.apply.events import StepEvent
    from reconciler.apply.report import Report
    from reconciler.plan.step import Plan
    from reconciler.resources.resource import Address


class JsonStream:
    """Writes each event as a line, for programs that follow an apply; `--events` is the audit log."""

    def __init__(self, file: RawIOBase | None) -> None:
        self.file = file
        self.started: dict[Address, float] = {}

    def begin(self, plan: Plan) -> None:
        """Writes the version and the plan. Raises `OSError`; nothing has been sent yet."""
        if self.file:
            for line in (version_line(at=_now()), *plan_lines(plan, at=_now())):
                put(self.file, line)

    def before(self, observe: Callable[[StepEvent], None]) -> Callable[[StepEvent], None]:
        """An observer that writes a line of the stream, then calls the other observer."""

        def both(event: StepEvent) -> None:
            self.tell(event)
            observe(event)

        return both if self.file else observe

    def tell(self, event: StepEvent) -> None:
        """Writes one event of one step."""
        now = time.monotonic()
        if event.phase is Phase.START:
            self.started[event.address] = now
        elapsed = now - self.started.get(event.address, now)
        self._write(event_line(event, at=_now(), elapsed=elapsed))

    def end(self, report: Report) -> None:
        """The counts of what was done."""
        self._write(report_line(report, at=_now()))

    def _write(self, line: dict[str, Any]) -> None:
        if self.file is None:
            return
        try:
            put(self.file, line)
        except OSError as error:
            # The apply continues: the report and the events file say what was done.
            click.echo(f"--json: cannot be written any more: {error.strerror or error}", file=sys.stderr)
            self.file = None


def put(file: RawIOBase, line: dict[str, Any]) -> None:
    """One line, at once and as UTF-8. Raises `OSError`."""
    left = f"{json_text(line, indent=None)}\n".encode(errors="backslashreplace")
    while left:
        left = left[file.write(left) or 0 :]


def _now() -> str:
    return datetime.now(UTC).isoformat()


@contextmanager
def json_stream_to(path: str | None, plan: Plan) -> Iterator[JsonStream]:
    """A stream into a new file, or into nothing if there is no path. Raises `UsageError`."""
    if path is None:
        yield JsonStream(None)
        return
    try:
        file = Path(path).open("wb", buffering=0)  # noqa: SIM115 - kept open
        stream = JsonStream(file)
        stream.begin(plan)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror or error}; name another with --json"
        raise UsageError(msg) from None
    with file:
        yield stream
