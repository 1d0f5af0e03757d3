"""Sends the probe's requests one after the other, counts them, and keeps below the rate limit."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.errors import AccessError, ApiError, Unavailable
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.gitbook.client.request import request
from reconciler.gitbook.client.response import RETRIED, TransientError
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.gitbook.probe.answer import Answer, Lag, Unclear
from reconciler.gitbook.probe.names import is_ours

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from reconciler.clock import Clock
    from reconciler.gitbook.client.client import Client
    from reconciler.gitbook.client.response import Response
    from reconciler.gitbook.operations.operation import Operation

T = TypeVar("T")

ATTEMPTS = 4
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds between two looks at something that is to appear."""
LIMITED, UNAUTHORIZED = 429, 401
LEAST = 4
"""So many looks at least before something counts as missing."""
PATIENCE, LONG_PATIENCE = 3.0, 30.0
"""Seconds of looking for what may never appear, and for what certainly will."""


class Calls:
    """The probe's line to the API: raw answers, in order."""

    def __init__(self, client: Client, clock: Clock, *, max_wait: float) -> None:
        self.clock = clock
        self.sent = 0
        """Requests so far, refused ones too."""
        self.refusing = {LIMITED}
        """Statuses with which the rate limit refuses: nothing was done, and the request is sent again."""
        self.spacing = 0.0
        """Seconds from one request to the next."""
        self.lag = Lag(0, 0.0)
        """The longest lag that was seen: others are waited for accordingly."""
        self._client = client
        self._max_wait = max_wait
        self._scrubber = SecretScrubber()
        self._last = 0.0
        self._stopped = False

    async def __call__(
        self, operation: str | Operation, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> Answer:
        """The answer. What certainly had no effect is sent again, and a read that failed.

        Raises `Unclear` for a write of which nobody knows whether it was made.
        """
        row = OPERATIONS[operation] if isinstance(operation, str) else operation
        waited, failures = 0.0, 0
        while True:
            await self._pace()
            answer = await self._tried(row, params, body)
            if answer is not None and answer.status in self.refusing:
                waited += await self._wait(answer, waited)
                continue
            if answer is not None and answer.status not in RETRIED:
                return _known(row, answer)
            if answer is not None and row.writes:
                raise Unclear(f"{row.id} answers {answer.status}; whether it was made is not known")
            failures += 1
            if failures == ATTEMPTS:
                msg = f"no usable answer after {failures} attempts"
                raise Unavailable(msg, operation=row.id, status=answer.status if answer else None)
            await self.clock.sleep(2.0**failures / 4)

    async def _tried(self, row: Operation, params: Mapping[str, Any] | None, body: Any) -> Answer | None:
        """The answer; `None` if there is none, and it may be sent again."""
        try:
            return await self.once(row, params, body)
        except TransientError as failure:
            if failure.final:
                raise Unavailable(failure.reason, operation=row.id) from None
            if row.writes and not failure.certain:
                raise Unclear(f"{row.id} got no answer; whether it was made is not known") from None
            return None

    async def once(
        self, operation: str | Operation, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> Answer:
        """The answer to one request, sent at once. Raises `TransientError` if none comes."""
        if self._stopped:
            raise asyncio.CancelledError
        row = OPERATIONS[operation] if isinstance(operation, str) else operation
        if row.writes and not is_ours((params or {}).get("integrationName")):
            # Whatever a server lists: nothing is written to what a probe did not make.
            raise Unclear(f"{row.id} is not sent: what it would change is not the probe's")
        self.sent += 1
        number, start = self.sent, self.clock.time()
        self._last = start
        sent = request(row, params or {}, body, scrubber=self._scrubber)
        response = await self._to_its_end(self._client.raw(sent))
        seconds = self.clock.time() - start
        return Answer(response.status, _data(response), response.headers, number, start, seconds)

    async def appear(
        self, look: Callable[[], Awaitable[tuple[bool, Answer]]], since: Answer, *, patience: float = PATIENCE
    ) -> tuple[Lag | None, Answer]:
        """How long it took from the answer `since` until `look` sees it, and what it saw last.

        `None` where it did not appear: not in `patience` seconds, and not in twice the longest lag so far.
        """
        wait, looks = FIRST_WAIT, 0
        while True:
            is_seen, answer = await look()
            looks += 1
            seconds = max(0.0, answer.time - since.time - since.seconds)
            if is_seen:
                lag = Lag(answer.number - since.number - 1, seconds)
                self.lag = Lag(
                    max(self.lag.requests, lag.requests),
                    max(self.lag.seconds, lag.seconds if lag.requests else 0),
                )
                return lag, answer
            if looks >= LEAST + 2 * self.lag.requests and seconds >= max(patience, 2 * self.lag.seconds):
                return None, answer
            await self.clock.sleep(wait)
            wait = min(wait * 1.5, LONGEST_WAIT)

    async def _to_its_end(self, work: Awaitable[T]) -> T:
        """What it returns, also when the probe is cancelled meanwhile: then the next call is not sent.

        The answer names what was made, and the clean-up needs its id.
        """
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._stopped = True
            return await task

    def begin_cleaning(self) -> None:
        """From now on requests are sent although the probe was cancelled."""
        self._stopped = False

    async def _pace(self) -> None:
        wait = self._last + self.spacing - self.clock.time()
        if wait > 0:
            await self.clock.sleep(wait)

    async def _wait(self, answer: Answer, waited: float) -> float:
        """Waits until the rate limit may let the request through; returns for how long."""
        text = answer.headers.get("retry-after", "")
        seconds = min(float(text), self._max_wait) if text.isdecimal() else min(1 + waited, 30.0)
        if waited + seconds > self._max_wait:
            msg = f"the rate limit lets nothing through for {self._max_wait:.0f} s; run it again later"
            raise ApiError(msg, status=answer.status)
        await self.clock.sleep(seconds)
        return seconds


def _known(row: Operation, answer: Answer) -> Answer:
    if answer.status == UNAUTHORIZED:
        msg = f"{row.id}: HTTP 401; GitBook does not know the token: is it whole, and for this endpoint?"
        raise AccessError(msg)
    return answer


def _data(response: Response) -> Any:
    try:
        return json.loads(response.content) if response.content.strip() else None
    except (ValueError, RecursionError):
        return None
