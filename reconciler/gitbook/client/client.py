"""GitBook's API, one call per operation. All workers keep one pace; what is safe to repeat is repeated."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, Self

from reconciler.clock import Clock, SystemClock
from reconciler.errors import Ambiguous, BadReply, Limited, NotFound, TryAgain, Unavailable
from reconciler.gitbook.client.endpoint import endpoint as checked
from reconciler.gitbook.client.events import RequestEvent, unobserved
from reconciler.gitbook.client.message import SecretScrubber
from reconciler.gitbook.client.pacing import MAX_WAIT, Held, Pacer
from reconciler.gitbook.client.paging import pages
from reconciler.gitbook.client.request import ApiRequest, register_secret, request
from reconciler.gitbook.client.response import ApiReply, TransientError, classify
from reconciler.gitbook.client.retry import Backoff, Time, may_repeat, repeated
from reconciler.gitbook.client.tokens import sorts_of, usable
from reconciler.gitbook.client.transport import Wire, exchange_for
from reconciler.gitbook.operations.operation import Repeat
from reconciler.gitbook.operations.table import OPERATIONS, operation_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    import httpx

    from reconciler.gitbook.client.announced import RateLimit
    from reconciler.gitbook.client.limits import Flight
    from reconciler.gitbook.client.response import Response
    from reconciler.gitbook.operations.operation import Operation
    from reconciler.resources.values import Secret

CONCURRENCY = 16
"""Requests in flight, where nobody says how many."""
LIMITED = 429
REFUSING = (LIMITED, 503)
"""Statuses with which a server may refuse what is too much: 503 is nginx's, and an outage's too."""


@dataclass(slots=True)
class _Call:
    """One call under way: its request, the time that it has, and the number of its attempt."""

    request: ApiRequest
    time: Time
    since: float
    """When it was first to be sent."""
    attempt: int = 0
    refused: int = 0
    """How many of its attempts the rate limit refused: those do not count."""

    def event(self) -> RequestEvent:
        """The event of its attempt, before an answer has come."""
        return RequestEvent(self.request.operation.id, self.request.subject, self.attempt)


_held: ContextVar[tuple[Client, Held] | None] = ContextVar("held", default=None)


def permitted() -> None:
    """Every request may be sent."""


class Client:
    """Calls operations. Every error names the operation, the address, the status and what the server says."""

    def __init__(  # noqa: PLR0913 - what differs between a run, a test and a sandbox
        self,
        *,
        endpoint: str,
        token: Secret,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        max_wait: float = MAX_WAIT,
        concurrency: int = CONCURRENCY,
        clock: Clock | None = None,
        observe: Callable[[RequestEvent], None] | None = None,
        permit: Callable[[], None] = permitted,
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
        self._scrubber = SecretScrubber()
        self.register_secret(token)
        self.token_sorts = sorts_of(token)
        """The sorts of token that it may have; several if the form of its token does not tell them apart."""
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._observe = observe or unobserved
        self._permit = permit
        self._backoff = Backoff(seed)
        self._pacer = Pacer(self._clock, most=concurrency, max_wait=max_wait)
        self._slots = asyncio.Semaphore(concurrency)
        self._failed: dict[str, int] = {}
        self._since: dict[str, float] = {}
        """Since when the rate limit refuses a write that is built again each time."""
        self._answered = False
        """Whether the endpoint has answered anything: then this machine's names and proxy are right."""
        self.requests = 0
        """Sent so far."""
        self.writes = 0
        """How many of them may have changed something. One that never left this machine does not count."""

    def __repr__(self) -> str:
        return f"Client({self._endpoint})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._wire.aclose()

    @property
    def rate(self) -> RateLimit | None:
        """How many requests GitBook allows; `None` until it has said so."""
        return self._pacer.rate

    def register_secret(self, value: Any) -> None:
        """From now on the secrets in this value are cut out of every message of the server."""
        register_secret(value, self._scrubber)

    def scrubbed(self, text: str, value: Any) -> str:
        """The text on one line, without any registered secret, and without the secrets in the value.

        It is withheld where one of these is too short to be cut out.
        """
        fits = register_secret(value, self._scrubber)
        return self._scrubber.scrubbed(text, withheld=not fits)

    async def call(
        self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> ApiReply:
        """The reply of one operation.

        Raises `NotFound`, `AlreadyExists`, `AccessError` and other `ApiError`s for refusals; `Unavailable` or
        `BadReply` when attempts or time run out; `Ambiguous` for a POST of which nobody knows whether it was
        made; `TryAgain` for a PATCH that is to be built again from a fresh read, once all waits are over, or
        `Limited` where the rate limit refused it; `RateLimited` when that takes longer than anybody waits.
        """
        row = self._operations[operation]
        call = _Call(
            request(row, params or {}, body, scrubber=self._scrubber), self._time(), self._clock.time()
        )
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
            last_failure = failure
        except NotFound:
            if row.method != "DELETE":
                raise
            return await self._confirm_deleted(call, params or {})
        else:
            self._failed.pop(call.request.target, None)
            if row.writes:
                self._since.pop(call.request.target, None)
            sent = call.attempt - call.refused
            return reply if sent == 1 else replace(reply, attempts=sent)
        return await self._give_up(call, last_failure)

    async def raw(self, request: ApiRequest) -> Response:
        """The answer to one request as it came: sent once, at once, and not judged. `probe` asks so."""
        self.requests += 1
        self.writes += request.operation.writes
        response = await self._wire.send(request, self._timeout)
        self._observe(RequestEvent(request.operation.id, request.subject, 1, response.status))
        return response

    async def items(
        self, operation: str, params: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The items of a list on all its pages, each once. Raises `BadReply` when the pages never end."""
        async for item in pages(self._operations[operation], params or {}, self.call):
            yield item

    @asynccontextmanager
    async def reserve(self, requests: int) -> AsyncIterator[Held]:
        """Waits until so many requests may be sent. The calls inside then go without a wait between them.

        This keeps the time between a read and the PATCH that was built from it short: in a pause of a minute
        somebody could write a key that the PATCH removes again, as a PATCH replaces the whole configuration.
        A second attempt, or a call beyond the number, waits its turn like any other.
        """
        outer = self._holding()
        if outer:
            await self._pacer.grant(requests, self._all_wait, held=outer)
            yield outer
            return
        async with self._slots:
            held = await self._pacer.grant(requests, self._all_wait)
            try:
                with self.within(held):
                    yield held
            finally:
                self._pacer.finish(held)

    @contextmanager
    def within(self, reserved: object) -> Iterator[None]:
        """The call inside is one of those that were reserved, and goes without a wait."""
        assert isinstance(reserved, Held), "what `reserve` yields"  # noqa: S101
        token = _held.set((self, reserved))
        try:
            yield
        finally:
            _held.reset(token)

    def at_once(self, most: int) -> int:
        """How many requests, at most so many, pass at once right after another one, as far as is known."""
        return self._pacer.at_once(most)

    async def lag(self, attempt: int) -> None:
        """Waits before an object that was just created is read again: reads and lists lag behind writes."""
        seconds = self._backoff(attempt)
        self._observe(RequestEvent("", "", 0, wait=seconds))
        await self._clock.sleep(seconds)

    def _holding(self) -> Held | None:
        """What was granted together to whoever calls now."""
        owner, held = _held.get() or (None, None)
        return held if owner is self else None

    def _all_wait(self, seconds: float, why: str) -> None:
        self._observe(RequestEvent("", "", 0, wait=seconds, limit=True, reason=why))

    def _time(self) -> Time:
        return Time(self._clock, self._clock.time() + self._timeout)

    async def _attempt(self, call: _Call) -> ApiReply:
        """The reply, after as many refusals by the rate limit as it takes: those are no attempts."""
        while True:
            try:
                return await self._once(call)
            except TransientError as failure:
                if not failure.limited:
                    raise
                call.refused += 1
                if not may_repeat(call.request, failure):
                    raise
                held = self._holding()
                if held:
                    await self._granted(call, held, again=True)

    async def _once(self, call: _Call) -> ApiReply:
        call.attempt += 1
        held = self._holding()
        if held is None:
            async with self._slots:
                alone = await self._granted(call, None)
                try:
                    return await self._sent(call, alone)
                finally:
                    self._pacer.finish(alone)
        if held.left and call.attempt == call.refused + 1:
            await self._pacer.follow(held)
        else:
            await self._granted(call, held)
        return await self._sent(call, held)

    async def _granted(self, call: _Call, held: Held | None, *, again: bool = False) -> Held:
        """A grant of its own, or one more within `held`; `again`: all that is left of that anew."""
        since = self._since.get(call.request.target, call.since)
        start = self._clock.time()

        def waiting(seconds: float, why: str) -> None:
            self._waits(call, seconds, call.attempt + again, why)

        try:
            if held and again:
                return await self._pacer.regrant(held, waiting, since=since)
            return await self._pacer.grant(1, waiting, held=held, since=since)
        finally:
            call.time.end += self._clock.time() - start

    async def _sent(self, call: _Call, held: Held) -> ApiReply:
        """The reply to one request. The observer hears how it ended, also when it failed."""
        self._permit()  # after all waits, which may be long enough for another run to take the lock over
        start, status, reason, unsent = self._clock.time(), None, "", False
        self.requests += 1
        with self._pacer.flight(held) as flight:
            try:
                response = await self._wire.send(call.request, self._patience(call))
                status, self._answered = response.status, True
                return self._judged(call.request, response, flight)
            except TransientError as failure:
                reason, unsent = failure.reason, failure.certain and failure.status in (None, LIMITED)
                failure.misconfigured = failure.misconfigured and not self._answered
                raise
            finally:
                self.writes += call.request.operation.writes and not unsent
                taken = self._clock.time() - start
                self._observe(replace(call.event(), status=status, seconds=taken, reason=reason))

    def _judged(self, request: ApiRequest, response: Response, flight: Flight) -> ApiReply:
        """The reply, once the pacer knows of its headers."""
        refused, certain = response.status in REFUSING, response.status == LIMITED
        asked = self._pacer.saw(response.headers, flight, refused=refused, certain=certain)
        try:
            return classify(request, response)
        except TransientError as failure:
            failure.asked = asked
            raise

    def _patience(self, call: _Call) -> float:
        """Seconds for one attempt: half of what is left when another may follow it, else all of it.

        A POST that is not answered is never sent again, so nothing is gained by giving up on it early.
        """
        left = max(call.time.left, 0.001)
        silence = TransientError("no answer in time")
        return left / 2 if may_repeat(call.request, silence) else left

    def _waits(self, call: _Call, seconds: float, attempt: int, why: str = "") -> None:
        """Reports a wait to the observer; with `why`, one that the rate limit asks for."""
        if seconds > 0:
            event = replace(call.event(), attempt=attempt, wait=seconds, limit=bool(why), reason=why)
            self._observe(event)

    async def _confirm_deleted(self, call: _Call, params: Mapping[str, Any]) -> ApiReply:
        """A DELETE was answered 404. It is a success when a read answers 404 as well.

        The first attempt may have deleted it while its reply was lost. But GitBook also answers 404 where a
        token may not see an object, and then the object is still there.
        """
        deleted = call.request
        read = operation_at("GET", deleted.operation.path, self._operations)
        if read is None:
            msg = "there is no such thing, or the token may not see it"
            raise NotFound(msg, **deleted.where(404))
        try:
            await self.call(read.id, params)
        except NotFound:
            return ApiReply(404, attempts=call.attempt)
        msg = "GitBook says that it is not there, yet shows it when read"
        raise BadReply(msg, **deleted.where(404))

    async def _give_up(self, call: _Call, failure: TransientError) -> NoReturn:
        """Raises the error that says what the last failure means for the caller."""
        request, repeat = call.request, call.request.operation.repeat
        where, reason = request.where(failure.status), failure.reason
        if failure.limited:
            self._pacer.endure(self._since.setdefault(request.target, call.since), reason)
            raise Limited(reason, **where)
        if repeat is Repeat.REBUILT and request.keyed:
            # The PATCH holds the whole configuration as it was read. Sent again as it is, it would undo what
            # an integration or a person has written since, so the executor has to read and build it again.
            await self._wait_to_rebuild(call, failure)
            msg = f"{reason}; run it again"
            raise TryAgain(msg, **where)
        if repeat is Repeat.NEVER and not failure.certain:
            # The server may have carried out the POST before the connection broke or a proxy answered 502,
            # and GitBook takes no idempotency key: sent again, it could create a second object.
            msg = f"{reason}; whether it was made is not known; look at what is live before it is sent again"
            raise Ambiguous(msg, **where)
        if failure.garbled:
            msg = f"{reason}; is the endpoint GitBook's, and nothing in between?"
            raise BadReply(msg, **where)
        sent = call.attempt - call.refused
        tried = f"after {sent} attempts" if sent > 1 else "at once"
        msg = f"{reason}; gave up {tried}"
        raise Unavailable(msg, **where)

    async def _wait_to_rebuild(self, call: _Call, failure: TransientError) -> None:
        """Waits before a write is built again: as long as GitBook asks, or longer after each failure."""
        target = call.request.target
        self._failed[target] = self._failed.get(target, 0) + 1
        wait = self._pacer.pause if failure.asked else self._backoff(self._failed[target])
        self._waits(call, wait, call.attempt + 1, "GitBook asks to wait" if failure.asked else "")
        await self._clock.sleep(wait)
