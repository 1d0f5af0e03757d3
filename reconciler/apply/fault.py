"""A fault of gbsync itself: what the report says of it, and its traceback for whoever mends it."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # otherwise Python prints it on stderr where nobody listens


def message_of(error: Exception) -> str:
    """What the report says: where it failed and what to do. The error's own text may quote a secret."""
    frames = [*traceback.walk_tb(error.__traceback__)]
    frame, line = frames[-1] if frames else (None, 0)
    where = f" at {frame.f_globals.get('__name__', '')}:{line}" if frame else ""
    what = f"gbsync itself failed here ({type(error).__name__}{where})"
    advice = "plan again to see what is live, and report it with the traceback that `--log debug` shows"
    return f"{what}; {advice}"


def traceback_of(error: BaseException, scrub: Callable[[str], str]) -> str:
    """The traceback with its causes, oldest first. It shows lines of code, and no values of variables.

    Only the errors' own texts may hold values (`KeyError: 'the-key'`), so these go through `scrub`.
    """
    return "\n".join(
        line
        for each in reversed([*_chain(error)])
        for line in (
            "Traceback (most recent call last):",
            *"".join(traceback.format_tb(each.__traceback__)).splitlines(),
            f"{type(each).__qualname__}: {scrub(str(each))}",
        )
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what it was raised from or while handling, as Python shows them."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
