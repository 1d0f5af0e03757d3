"""GitBook's API: one call per operation, paced for all workers together, repeated where that is safe."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from reconciler.clock import Clock, SystemClock
from reconciler.errors import AccessError, Ambiguous, BadReply, NotFound, TryAgain, Unavailable
from reconciler.gitbook.client.endpoint import endpoint as checked
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.gitbook.client.pacing import MAX_PAUSE, Pacer, RateLimit
from reconciler.gitbook.client.paging import pages
from reconciler.gitbook.client.request import Request, register_secret, request
from reconciler.gitbook.client.response import Reply, TransientError, classify
from reconciler.gitbook.client.retry import Backoff, Time, may_repeat, repeated
from reconciler.gitbook.client.transport import Wire, exchange_for
from reconciler.gitbook.operations.operation import Repeat
from reconciler.gitbook.operations.table import OPERATIONS, operation_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import httpx

    from reconciler.gitbook.client.response import Response
    from reconciler.gitbook.operations.operation import Operation
    from reconciler.resources.values import Secret

CONCURRENCY = 16
"""Requests in flight, where nobody says how many."""
REFUSING = (429, 503)
"""Statuses with which a server may ask to wait."""


@dataclass(frozen=True, slots=True)
class Event:
    """One answer, or one wait: never a body, never a token."""

    operation: str
    subject: str
    attempt: int
    """Counts from 1; for a wait, the attempt that it puts off."""
    status: int | None = None
    """Of an answer; `None` where none came."""
    seconds: float = 0.0
    """How long the answer took."""
    wait: float = 0.0
    """How long nothing will be sent; 0 for an answer."""
    limit: bool = False
    """Whether the wait is the rate limit's, and so everybody's."""
    reason: str = ""
    """What failed, if something did."""


@dataclass(slots=True)
class _Held:
    """Requests that were granted together and are not sent yet."""

    client: Client
    left: int


@dataclass(slots=True)
class _Call:
    """One call on its way: its request, its time, and the number of its attempt."""

    request: Request
    time: Time
    attempt: int = 0

    def event(self) -> Event:
        """What is told of its attempt, before anything is known."""
        return Event(self.request.operation.id, self.request.subject, self.attempt)


_held: ContextVar[_Held | None] = ContextVar("held", default=None)


def unobserved(_event: Event) -> None:
    """Nobody listens."""


class Client:
    """Calls operations. Every error names operation, address, status and what the server says."""

    def __init__(  # noqa: PLR0913 - what differs between a run, a test and a sandbox
        self,
        *,
        endpoint: str,
        token: Secret,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        concurrency: int = CONCURRENCY,
        clock: Clock | None = None,
        observe: Callable[[Event], None] | None = None,
        insecure_http: bool = False,
        environ: Mapping[str, str] | None = None,
        seed: int | None = None,
        operations: Mapping[str, Operation] = OPERATIONS,
    ) -> None:
        self._operations = operations
        self._endpoint = checked(endpoint, insecure_http=insecure_http)
        exchange = exchange_for(
            self._endpoint, transport=transport, connections=concurrency, environ=environ or {}
        )
        self._wire = Wire(endpoint=self._endpoint, token=usable(token), exchange=exchange)
        self._unsaid = SecretScrubber()
        self.register_secret(token)
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._observe = observe or unobserved
        self._backoff = Backoff(seed)
        self._pacer = Pacer(self._clock)
        self._slots = asyncio.Semaphore(concurrency)
        self._failed: dict[str, int] = {}
        self.requests = 0
        """Sent so far."""
        self.writes = 0
        """Of these, requests that may change something; one that never left this machine does not count."""

    def __repr__(self) -> str:
        return f"Client({self._endpoint})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._wire.aclose()

    @property
    def rate(self) -> RateLimit | None:
        """How much GitBook allows, as far as it has said so."""
        return self._pacer.rate

    def register_secret(self, value: Any) -> None:
        """From now on no message shows a secret that stands in the value, whatever was sent."""
        register_secret(value, self._unsaid)

    async def call(self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None) -> Reply:
        """One operation's reply.

        Raises `NotFound`, `Conflict`, `AccessError` and other `ApiError`s for refusals; `Unavailable` or
        `BadReply` when attempts or time run out; `Ambiguous` for a POST of which nobody knows whether it was
        made; `TryAgain` for a PATCH that is to be built again from a fresh read, once all waits are over.
        """
        row = self._operations[operation]
        call = _Call(request(row, params or {}, body, scrubber=self._unsaid), self._time())
        try:
            reply = await repeated(
                self._attempt,
                call,
                request=call.request,
                backoff=self._backoff,
                time=call.time,
                waiting=lambda seconds: self._waits(call, seconds, call.attempt + 1),
            )
        except TransientError as failure:
            lost = failure
        except NotFound:
            if row.method != "DELETE":
                raise
            return await self._gone(call, params or {})
        else:
            self._failed.pop(call.request.target, None)
            return reply if call.attempt == 1 else replace(reply, attempts=call.attempt)
        return await self._give_up(call, lost)

    async def items(
        self, operation: str, params: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, on all its pages, each once. Raises `BadReply` for pages that never end."""
        async for item in pages(self._operations[operation], params or {}, self.call):
            yield item

    @asynccontextmanager
    async def reserve(self, requests: int) -> AsyncIterator[None]:
        """Waits until so many requests may be sent; the calls inside then go without any wait between them.

        A call that is made again, or is one too many, waits its turn like any other.
        """
        outer = self._holding()
        async with nullcontext() if outer else self._slots:
            await self._pacer.grant(requests, self._all_wait, held=outer.left if outer else 0)
            held = _Held(self, requests)
            token = _held.set(held)
            try:
                yield
            finally:
                _held.reset(token)
                self._pacer.give_back(held.left)
                held.left = 0

    async def lag(self, attempt: int) -> None:
        """Waits before what was just made is asked for again: reads and lists may lag behind writes."""
        seconds = self._backoff(attempt)
        self._observe(Event("", "", 0, wait=seconds))
        await self._clock.sleep(seconds)

    def _holding(self) -> _Held | None:
        """What was granted together to whoever calls now."""
        held = _held.get()
        return held if held and held.client is self else None

    def _all_wait(self, seconds: float) -> None:
        self._observe(Event("", "", 0, wait=seconds, limit=True))

    def _time(self) -> Time:
        return Time(self._clock, self._clock.time() + self._timeout)

    async def _attempt(self, call: _Call) -> Reply:
        call.attempt += 1
        held = self._holding()
        if held is None:
            async with self._slots:
                await self._granted(call, 0)
                return await self._sent(call)
        if call.attempt == 1 and held.left:
            held.left -= 1
        else:
            await self._granted(call, held.left)
        return await self._sent(call)

    async def _granted(self, call: _Call, held: int) -> None:
        waited = await self._pacer.grant(
            1, lambda seconds: self._waits(call, seconds, call.attempt, limit=True), held=held
        )
        call.time.end += waited

    async def _sent(self, call: _Call) -> Reply:
        """The reply to one request, which is told of whatever comes of it."""
        start, status, reason, unsent = self._clock.time(), None, "", False
        self.requests += 1
        with self._pacer.flight():
            try:
                response = await self._wire.send(call.request, self._patience(call))
                status = response.status
                return self._judged(call.request, response)
            except TransientError as failure:
                reason, unsent = failure.reason, failure.certain and failure.status is None
                raise
            finally:
                self.writes += call.request.operation.writes and not unsent
                taken = self._clock.time() - start
                self._observe(replace(call.event(), status=status, seconds=taken, reason=reason))

    def _judged(self, request: Request, response: Response) -> Reply:
        """The reply, once the pacer knows of its headers."""
        asked = self._pacer.saw(response.headers, refused=response.status in REFUSING)
        try:
            return classify(request, response)
        except TransientError as failure:
            failure.asked, failure.final = asked, failure.final or asked > MAX_PAUSE
            raise

    def _patience(self, call: _Call) -> float:
        """Seconds for one attempt: half of what is left, where another may follow a silence."""
        left = max(call.time.left, 0.001)
        silence = TransientError("no answer in time")
        return left / 2 if may_repeat(call.request, silence) else left

    def _waits(self, call: _Call, seconds: float, attempt: int, *, limit: bool = False) -> None:
        if seconds > 0:
            self._observe(replace(call.event(), attempt=attempt, wait=seconds, limit=limit))

    async def _gone(self, call: _Call, params: Mapping[str, Any]) -> Reply:
        """A DELETE answered 404: a success where a read says so too."""
        deleted = call.request
        twin = operation_at("GET", deleted.operation.path, self._operations)
        if twin is None:
            msg = "there is no such thing, or the token may not see it"
            raise NotFound(msg, **deleted.where(404))
        try:
            await self.call(twin.id, params)
        except NotFound:
            return Reply(404, attempts=call.attempt)
        msg = "GitBook says that it is not there, yet shows it when read"
        raise BadReply(msg, **deleted.where(404))

    async def _give_up(self, call: _Call, failure: TransientError) -> NoReturn:
        request, repeat = call.request, call.request.operation.repeat
        where, reason = request.where(failure.status), failure.reason
        if failure.asked > MAX_PAUSE:
            msg = f"GitBook asks to wait {failure.asked:.0f} s; run again after that"
            raise Unavailable(msg, **where)
        if repeat is Repeat.REBUILT and request.keyed:
            await self._rest(call, failure)
            msg = f"{reason}; run it again"
            raise TryAgain(msg, **where)
        if repeat is Repeat.NEVER and not failure.certain:
            msg = f"{reason}; whether it was made is not known; look at what is live before it is sent again"
            raise Ambiguous(msg, **where)
        if failure.garbled:
            msg = f"{reason}; is the endpoint GitBook's, and nothing in between?"
            raise BadReply(msg, **where)
        tried = f"after {call.attempt} attempts" if call.attempt > 1 else "at once"
        msg = f"{reason}; gave up {tried}"
        raise Unavailable(msg, **where)

    async def _rest(self, call: _Call, failure: TransientError) -> None:
        """The wait that a write needs before it is built again."""
        target = call.request.target
        self._failed[target] = self._failed.get(target, 0) + 1
        wait = self._pacer.pause if failure.asked else self._backoff(self._failed[target])
        self._waits(call, wait, call.attempt + 1, limit=failure.asked > 0)
        await self._clock.sleep(wait)


def usable(token: Secret) -> Secret:
    """The token. Raises `AccessError` where it cannot be one."""
    text = token.reveal()
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()) or " " in text:
        msg = "the token: is empty or has characters that no token has; copy it again"
        raise AccessError(msg)
    return token
