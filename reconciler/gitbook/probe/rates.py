"""Finds the rate limit with reads: at the same time, as fast as possible, and again after a rest."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.gitbook.client.response import TransientError
from reconciler.gitbook.probe.answer import Answer, Unclear
from reconciler.gitbook.probe.conclusions.rates import Bucket, Rates, Window

if TYPE_CHECKING:
    from reconciler.gitbook.probe.calls import Calls

AT_ONCE = 16
"""As many requests as gbsync itself has under way."""
REFUSING = (429, 503)
SINGLE = 5
ASK, GAP = "getIntegrationByName", {"integrationName": "gbsync-probe-rates"}
"""A read that costs the server little: there is no such integration."""
FIRST_WAIT, GROWTH = 0.01, 0.03
LONGEST_REST = 90.0
"""Seconds: a longer period is not waited for."""
REST = 4
"""After so many times the time in which a limit admits something again, a bucket admits more."""
PHASES = (0.3, 0.6)
"""Parts of a period after which reads are sent: where they take until the next one begins, it admits more
to both kinds of limit, but not to both of these series."""
FLOW_ADMISSIONS = 20


@dataclass(slots=True)
class _Reads:
    """Sends the reads, and remembers one that was admitted and one that was refused."""

    calls: Calls
    most: int
    width: int = 1
    admitted: Answer | None = None
    refusal: Answer | None = None

    async def once(self) -> bool:
        """Whether one more is admitted. Raises `Unclear` if no answer comes."""
        try:
            answer = await self.calls.once(ASK, GAP)
        except TransientError:
            raise Unclear(f"{ASK} got no answer") from None
        if answer.status in REFUSING:
            self.refusal = answer
            return False
        self.admitted = answer
        return True

    async def volley(self, number: int) -> int:
        """How many of so many at the same time are admitted."""
        return sum(await asyncio.gather(*(self.once() for _ in range(number))))

    async def exhaust(self) -> int | None:
        """How many are admitted until one is refused; `None` if none is."""
        admitted = 0
        while admitted < self.most:
            volley = await self.volley(self.width)
            admitted += volley
            if volley < self.width:
                return admitted
        return None

    async def rest(self) -> float | None:
        """When a read is admitted again, which it then has been; `None` if that takes too long."""
        start, wait = self.calls.clock.time(), FIRST_WAIT
        asked = (self.refusal.headers.get("retry-after", "") if self.refusal else "").strip()
        # Told in whole seconds: the last one is watched, to see where the period really ends.
        await self.calls.clock.sleep(
            max(0.0, min(float(asked), LONGEST_REST) - 1) if asked.isdecimal() else 0
        )
        watched = self.calls.clock.time()
        while self.calls.clock.time() - start < LONGEST_REST:
            if await self.once():
                return self.calls.clock.time()
            await self.calls.clock.sleep(wait)
            wait = max(FIRST_WAIT, GROWTH * (self.calls.clock.time() - watched))
        return None


async def observe(calls: Calls, most: int) -> Rates:
    """Sends up to `most` reads as fast as possible; with 0 only a few, one after the other."""
    reads = _Reads(calls, most)
    seconds = []
    for _ in range(SINGLE):
        start = calls.clock.time()
        while not await reads.once():
            await calls.clock.sleep(1)
            start = calls.clock.time()
        seconds.append(calls.clock.time() - start)
    fitting = await _fitting(reads) if most else 0
    announced = _announced(reads)
    shape = await _shape(reads, fitting) if most and announced <= most else None
    if isinstance(shape, Window) and not fitting and shape.limit > 1:
        fitting = await _fitting_in_fresh(reads, shape)
    if reads.refusal is not None:
        calls.refusing.add(reads.refusal.status)
    _keep_below(calls, shape)
    await calls.clock.sleep(
        calls.spacing and min(LONGEST_REST, shape.period if isinstance(shape, Window) else 1)
    )
    if reads.admitted is None:
        raise Unclear(f"{ASK} is refused each time")
    return Rates(
        seconds=tuple(seconds),
        admitted=reads.admitted,
        tried=most,
        at_once=AT_ONCE,
        fitting=fitting,
        refusal=reads.refusal,
        shape=shape,
    )


def _announced(reads: _Reads) -> int:
    text = reads.admitted.headers.get("x-ratelimit-limit", "") if reads.admitted else ""
    return int(text) if text.isdecimal() else 0


async def _fitting(reads: _Reads) -> int:
    """How many fit at the same time, where three volleys in a row agree; else 0.

    A window or a bucket that is used up admits fewer the second time.
    """
    first = await reads.volley(AT_ONCE)
    reads.width = max(1, first)
    if first == AT_ONCE:
        return 0
    for _ in range(2):
        if await reads.volley(AT_ONCE) != first:
            return 0
    return first


async def _fitting_in_fresh(reads: _Reads, window: Window) -> int:
    """How many fit at the same time in a window that has room for all of them; 0 if all do."""
    number = min(AT_ONCE, window.limit - 1)
    if await reads.rest() is None:
        return 0
    admitted = await reads.volley(number)
    return admitted if admitted < number else 0


async def _shape(reads: _Reads, fitting: int) -> Bucket | Window | None:
    reads.width = fitting or reads.width
    if await reads.exhaust() is None:
        return None
    begun = await reads.rest()
    if begun is None:
        return Window(limit=reads.most, period=0)
    limit = 1 + (await reads.exhaust() or 0)
    again = await reads.rest()
    if again is None:
        return Window(limit=limit, period=0)
    limit = min(limit, 1 + (await reads.exhaust() or 0))
    period = again - begun
    rested = min([await _after_rest(reads, again + phase * period, period) for phase in PHASES])
    if rested > limit:
        return await _bucket(reads, rested, period)
    return Window(limit=_announced(reads) or limit, period=period)


async def _after_rest(reads: _Reads, since: float, period: float) -> int:
    """How many are admitted some periods later, in the same part of a period as the moment `since`."""
    clock = reads.calls.clock
    periods = max(1, min(REST, int(LONGEST_REST / period)))
    passed = math.ceil((clock.time() - since) / period) + periods
    await clock.sleep(max(0.0, since + passed * period - clock.time()))
    return await reads.exhaust() or reads.most


async def _bucket(reads: _Reads, burst: int, rest: float) -> Bucket:
    """Rests longer until the bucket was full, and watches how fast it refills."""
    clock, took = reads.calls.clock, 0.0
    rest *= REST
    while rest < LONGEST_REST / REST:
        rest *= REST
        await clock.sleep(rest)
        start = clock.time()
        fuller = await reads.exhaust() or reads.most
        took = clock.time() - start
        if fuller <= burst:
            break
        burst = fuller
    times = [at for at in [await reads.rest() for _ in range(FLOW_ADMISSIONS)] if at is not None]
    flow = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 and times[-1] > times[0] else 1.0
    # What flowed in while the bucket was emptied was not in it before.
    return Bucket(burst=max(1, burst - int(flow * took)), per_second=flow)


def _keep_below(calls: Calls, shape: Bucket | Window | None) -> None:
    """Sets the pace of all that follows, a little slower than the limit."""
    match shape:
        case Bucket(per_second=flow):
            calls.spacing = 1.1 / flow
        case Window(limit=limit, period=period):
            calls.spacing = 1.1 * period / limit
