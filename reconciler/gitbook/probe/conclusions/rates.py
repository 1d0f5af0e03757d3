"""What a series of reads showed of the rate limit: its shape, its size, and what replies say of it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from reconciler.gitbook.probe.conclusions.finding import Finding, Question, Value, unknown

if TYPE_CHECKING:
    from reconciler.gitbook.probe.answer import Answer

STEP = "rates"
LIMIT_HEADERS = ("x-ratelimit-limit", "ratelimit-limit", "ratelimit")
NEAR = 0.1
"""By so much of itself a measured number may differ from a whole one that it is taken for."""
TICK = 0.01
"""Seconds: what is faster counts as no time at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A limit that refills all the time."""

    burst: int
    """Requests that it admits at once after a long rest."""
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A limit that begins anew each period."""

    limit: int
    period: float
    """Seconds; 0 if no whole period was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Reads, one at a time and at the same time."""

    seconds: tuple[float, ...]
    """How long single replies took."""
    admitted: Answer
    """A reply that was admitted."""
    tried: int
    """Requests that were sent as fast as possible; 0 if that was not to be tried."""
    at_once: int
    """Requests that were sent at the same time."""
    fitting: int
    """How many of these were admitted, where the others were refused for that reason alone."""
    refusal: Answer | None = None
    shape: Bucket | Window | None = None


def tidy(number: float) -> float:
    """A measured number, without the digits that measuring adds."""
    whole = round(number)
    if whole >= 1 and abs(number - whole) <= NEAR * whole:
        return whole
    return float(f"{number:.2g}")


def _latency(seen: Rates) -> Finding:
    seconds = median(seen.seconds)
    return Finding(0 if seconds < TICK else round(seconds, 2), f"median of {len(seen.seconds)} reads")


def _announced_limit(seen: Rates) -> int:
    """The limit that headers tell; 0 if they do not."""
    for name in LIMIT_HEADERS:
        digits = seen.admitted.headers.get(name, "").partition(",")[0].strip()
        if digits.isdecimal():
            return int(digits)
    return 0


def _rate_limit(seen: Rates) -> Finding:
    match seen.shape:
        case Window(limit=limit):
            return Finding(limit)
        case Bucket(per_second=flow):
            return Finding(int(max(1, tidy(flow))), "flow in each period")
    if announced := _announced_limit(seen):
        return Finding(announced, "as the headers say; that many were not tried")
    if not seen.tried:
        return unknown("not tried")
    return Finding(0, f"none within {seen.tried} requests")


def _rate_period(seen: Rates) -> Finding:
    match seen.shape:
        case Window(period=period) if period:
            return Finding(tidy(period), "seconds")
        case Bucket(per_second=flow):
            return Finding(1 if flow >= 1 else tidy(1 / flow), "seconds")
    return unknown("no period came to its end")


def _rate_burst(seen: Rates) -> Finding:
    match seen.shape:
        case Bucket(burst=burst):
            return Finding(burst)
        case Window():
            return Finding(0, "a window, no bucket")
    return unknown("no limit was met")


def _rate_at_once(seen: Rates) -> Finding:
    if seen.fitting:
        return Finding(seen.fitting)
    if not seen.tried:
        return unknown("not tried")
    if median(seen.seconds) < TICK:
        return unknown("replies come too fast to be under way at the same time")
    return Finding(0, f"none within {seen.at_once} requests")


def _rate_told(seen: Rates) -> Finding:
    if _announced_limit(seen):
        return Finding("all")
    if seen.refusal is None:
        return unknown("nothing was refused")
    if seen.shape is None:
        return unknown("only requests at the same time were refused")
    return Finding("retry-after" if "retry-after" in seen.refusal.headers else "nothing")


def _rate_status(seen: Rates) -> Finding:
    if seen.refusal is None:
        return unknown("nothing was refused")
    status: Value = str(seen.refusal.status)
    return Finding(status)


QUESTIONS = (
    Question("latency", "Seconds that a reply takes", STEP, _latency),
    Question("rate_limit", "Requests that a period admits", STEP, _rate_limit),
    Question("rate_period", "Seconds of such a period", STEP, _rate_period),
    Question("rate_burst", "Requests that a full bucket admits at once", STEP, _rate_burst),
    Question("rate_at_once", "Requests that may be under way at once", STEP, _rate_at_once),
    Question("rate_told", "What replies say of the limit", STEP, _rate_told),
    Question("rate_status", "The status of what the limit refuses", STEP, _rate_status),
)
