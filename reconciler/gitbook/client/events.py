"""What a client tells while it works, for progress and the request log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One answer, or one wait, for progress and the request log. Never holds a body or a token."""

    operation: str
    subject: str
    attempt: int
    """Counts from 1; for a wait, the attempt that comes after it."""
    status: int | None = None
    """The status of an answer; `None` when none came."""
    seconds: float = 0.0
    """How many seconds the answer took."""
    wait: float = 0.0
    """For how many seconds nothing will be sent; 0 for an answer."""
    limit: bool = False
    """Whether the rate limit makes it wait: then all workers wait."""
    reason: str = ""
    """What failed, if something did."""


def unobserved(_event: RequestEvent) -> None:
    """Tells nobody."""
