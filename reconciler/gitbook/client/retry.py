"""When a failed call is made again, and after how long.

The loop is tenacity's: maintained, without dependencies, and it takes a clock and a rule from outside.
httpx-retries decides inside the transport, where a request's operation is not known; stamina hides the clock.
What is ours is the rule: which failure of which operation may be met by sending it again, and that a pause
which GitBook asks for is every worker's. What its rate limit refuses does not come here: that is no attempt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import tenacity

from reconciler.gitbook.client.response import TransientError
from reconciler.gitbook.operations.operation import Repeat

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reconciler.clock import Clock
    from reconciler.gitbook.client.request import ApiRequest

ATTEMPTS = 5
ATTEMPTS_AT_FIRST = 2
"""With settings that look wrong, before anything was answered. The second is for a resolver's bad moment."""
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0

C = TypeVar("C")
T = TypeVar("T")


@dataclass(slots=True)
class Time:
    """What is left of the time for one call. A pause that GitBook asks all workers for is not the call's."""

    clock: Clock
    end: float

    @property
    def left(self) -> float:
        """Seconds."""
        return self.end - self.clock.time()


class Backoff:
    """Full jitter: anything between nothing and a bound that doubles (tenacity's own cannot be seeded)."""

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - spreads load

    def __call__(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number, which counts from 1."""
        return self._random.uniform(0, min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1)))


def may_repeat(request: ApiRequest, failure: TransientError) -> bool:
    """Whether the client itself may send the request again after this failure."""
    if failure.final:
        return False
    match request.operation.repeat:
        case Repeat.FREELY:
            return True
        case Repeat.REBUILT:
            return not request.keyed
        case Repeat.NEVER:
            return failure.certain


async def repeated(
    attempt: Callable[[C], Awaitable[T]],
    call: C,
    *,
    request: ApiRequest,
    backoff: Backoff,
    time: Time,
    waiting: Callable[[float], None],
) -> T:
    """The outcome of the first attempt at `call` that ends otherwise than in a failure to be met by another.

    Raises the last `TransientError` when attempts or time have run out, or where it may not be sent again.
    """

    def again(failure: BaseException) -> bool:
        return isinstance(failure, TransientError) and may_repeat(request, failure)

    def pause(state: tenacity.RetryCallState) -> float:
        failure = _failure(state)
        return 0.0 if failure and failure.asked else backoff(state.attempt_number)

    def enough(state: tenacity.RetryCallState) -> bool:
        failure = _failure(state)
        attempts = ATTEMPTS_AT_FIRST if failure and failure.misconfigured else ATTEMPTS
        return state.attempt_number >= attempts or state.upcoming_sleep >= time.left

    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(again),
        wait=pause,
        stop=enough,
        before_sleep=lambda state: waiting(state.upcoming_sleep),
        sleep=time.clock.sleep,
        reraise=True,
    )
    return await retrying(attempt, call)


def _failure(state: tenacity.RetryCallState) -> TransientError | None:
    """The failure of the attempt that has just ended."""
    failure = state.outcome and state.outcome.exception()
    return failure if isinstance(failure, TransientError) else None
