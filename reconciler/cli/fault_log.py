"""`--log debug`: the traceback of a fault of gbsync itself, on stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator


class FaultLog(logging.Handler):
    """Writes what the engine logs to stderr, without any control character."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record, which may have several lines."""
        from reconciler.render.clean import clean  # noqa: PLC0415 - only when there is something to say

        for line in record.getMessage().splitlines():
            # Not `err=True`, which goes around whoever draws a bar on this stream.
            click.echo(clean(line), file=sys.stderr)


@contextmanager
def faults_logged(level: str) -> Iterator[None]:
    """While this is open, faults are logged on stderr; at any level but `debug`, they are not."""
    if level != "debug":
        yield
        return
    logger, handler = logging.getLogger("reconciler"), FaultLog()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
