"""GitBook's API, one call per operation. All workers keep one pace; what is safe to repeat is repeated."""

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
from reconciler.gitbook.client.request import ApiRequest, register_secret, request
from reconciler.gitbook.client.response import ApiReply, TransientError, classify
from reconciler.gitbook.client.retry import Backoff, Time, may_repeat, repeated
from reconciler.gitbook.client.transport import Wire, exchange_for
from reconciler.gitbook.operations.operation import Repeat
from reconciler.gitbook.operations.table import OPERATIONS, operation_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import httpx

    from reconciler.gitbook.client.response import Response
    from reconciler.resources.values import Secret

CONCURRENCY = 16
"""How many requests are in flight at most, unless the caller says another number."""
REFUSING = (429, 503)
"""The statuses with which a server may ask all to wait."""


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


@dataclass(slots=True)
class _Reservation:
    """Requests that the pacer has granted together, and how many of them are not sent yet."""

    client: Client
    left: int


@dataclass(slots=True)
class _Call:
    """One call under way: its request, the time that it has, and the number of its attempt."""

    request: ApiRequest
    time: Time
    attempt: int = 0

    def event(self) -> RequestEvent:
        """The event of its attempt, before an answer has come."""
        return RequestEvent(self.request.operation.id, self.request.subject, self.attempt)


# A task that makes several requests in a row (read, then PATCH) reserves them: the calls within find it here.
_reservation: ContextVar[_Reservation | None] = ContextVar("reservation", default=None)


def unobserved(_event: RequestEvent) -> None:
    """Tells nobody."""


class Client:
    """Calls operations. Every error names the operation, the address, the status and what the server says."""

    def __init__(  # noqa: PLR0913 - what differs between a run, a test and a sandbox
        self,
        *,
        endpoint: str,
        token: Secret,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        concurrency: int = CONCURRENCY,
        clock: Clock | None = None,
        observe: Callable[[RequestEvent], None] | None = None,
        insecure_http: bool = False,
        environ: Mapping[str, str] | None = None,
        seed: int | None = None,
    ) -> None:
        self._endpoint = checked(endpoint, insecure_http=insecure_http)
        exchange = exchange_for(
            self._endpoint, transport=transport, connections=concurrency, environ=environ or {}
        )
        self._wire = Wire(endpoint=self._endpoint, token=usable(token), exchange=exchange)
        self._scrubber = SecretScrubber()
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

    async def call(
        self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> ApiReply:
        """The reply of one operation.

        Raises `NotFound`, `Conflict`, `AccessError` or another `ApiError` when GitBook refuses; `Unavailable`
        or `BadReply` when attempts or time run out; `Ambiguous` when nobody knows whether a POST took effect;
        `TryAgain` when the caller has to read again and build the PATCH anew. Any wait is over then.
        """
        row = OPERATIONS[operation]
        call = _Call(request(row, params or {}, body, scrubber=self._scrubber), self._time())
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
            return reply if call.attempt == 1 else replace(reply, attempts=call.attempt)
        return await self._give_up(call, last_failure)

    async def items(
        self, operation: str, params: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The items of a list on all its pages, each once. Raises `BadReply` when the pages never end."""
        async for item in pages(OPERATIONS[operation], params or {}, self.call):
            yield item

    @asynccontextmanager
    async def reserve(self, requests: int) -> AsyncIterator[None]:
        """Waits until so many requests may be sent. The calls inside then go without a wait between them.

        This keeps the time between a read and the PATCH that was built from it short: in a pause of a minute
        somebody could write a key that the PATCH removes again, as a PATCH replaces the whole configuration.
        A second attempt, or a call beyond the number, waits its turn like any other.
        """
        outer = self._reserved()
        async with nullcontext() if outer else self._slots:
            await self._pacer.grant(requests, self._all_wait, held=outer.left if outer else 0)
            reservation = _Reservation(self, requests)
            token = _reservation.set(reservation)
            try:
                yield
            finally:
                _reservation.reset(token)
                self._pacer.give_back(reservation.left)
                reservation.left = 0

    async def lag(self, attempt: int) -> None:
        """Waits before an object that was just created is read again: reads and lists lag behind writes."""
        seconds = self._backoff(attempt)
        self._observe(RequestEvent("", "", 0, wait=seconds))
        await self._clock.sleep(seconds)

    def _reserved(self) -> _Reservation | None:
        """The reservation of the task that calls now; another client's does not count."""
        reservation = _reservation.get()
        return reservation if reservation and reservation.client is self else None

    def _all_wait(self, seconds: float) -> None:
        self._observe(RequestEvent("", "", 0, wait=seconds, limit=True))

    def _time(self) -> Time:
        return Time(self._clock, self._clock.time() + self._timeout)

    async def _attempt(self, call: _Call) -> ApiReply:
        call.attempt += 1
        reservation = self._reserved()
        if reservation is None:
            async with self._slots:
                await self._grant(call, 0)
                return await self._sent(call)
        if call.attempt == 1 and reservation.left:
            reservation.left -= 1
        else:
            await self._grant(call, reservation.left)
        return await self._sent(call)

    async def _grant(self, call: _Call, held: int) -> None:
        """Waits until the pacer lets the request go. This wait does not count as the call's own time."""
        waited = await self._pacer.grant(
            1, lambda seconds: self._waits(call, seconds, call.attempt, limit=True), held=held
        )
        call.time.end += waited

    async def _sent(self, call: _Call) -> ApiReply:
        """Sends one request, and reports what came of it. Raises what `_classified` raises."""
        start, status, reason, unsent = self._clock.time(), None, "", False
        self.requests += 1
        with self._pacer.flight():
            try:
                response = await self._wire.send(call.request, self._patience(call))
                status = response.status
                return self._classified(call.request, response)
            except TransientError as failure:
                reason, unsent = failure.reason, failure.certain and failure.status is None
                raise
            finally:
                self.writes += call.request.operation.writes and not unsent
                taken = self._clock.time() - start
                self._observe(replace(call.event(), status=status, seconds=taken, reason=reason))

    def _classified(self, request: ApiRequest, response: Response) -> ApiReply:
        """The reply. The pacer sees the headers first, as a refusal may ask all workers to wait."""
        asked = self._pacer.saw(response.headers, refused=response.status in REFUSING)
        try:
            return classify(request, response)
        except TransientError as failure:
            failure.asked, failure.final = asked, failure.final or asked > MAX_PAUSE
            raise

    def _patience(self, call: _Call) -> float:
        """Seconds for one attempt: half of what is left when another may follow it, else all of it.

        A POST that is not answered is never sent again, so nothing is gained by giving up on it early.
        """
        left = max(call.time.left, 0.001)
        silence = TransientError("no answer in time")
        return left / 2 if may_repeat(call.request, silence) else left

    def _waits(self, call: _Call, seconds: float, attempt: int, *, limit: bool = False) -> None:
        if seconds > 0:
            self._observe(replace(call.event(), attempt=attempt, wait=seconds, limit=limit))

    async def _confirm_deleted(self, call: _Call, params: Mapping[str, Any]) -> ApiReply:
        """A DELETE was answered 404. It is a success when a read answers 404 as well.

        The first attempt may have deleted it while its reply was lost. But GitBook also answers 404 where a
        token may not see an object, and then the object is still there.
        """
        deleted = call.request
        read = operation_at("GET", deleted.operation.path)
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
        if failure.asked > MAX_PAUSE:
            msg = f"GitBook asks to wait {failure.asked:.0f} s; run again after that"
            raise Unavailable(msg, **where)
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
        tried = f"after {call.attempt} attempts" if call.attempt > 1 else "at once"
        msg = f"{reason}; gave up {tried}"
        raise Unavailable(msg, **where)

    async def _wait_to_rebuild(self, call: _Call, failure: TransientError) -> None:
        """Waits before a write is built again: as long as GitBook asks, or longer after each failure."""
        target = call.request.target
        self._failed[target] = self._failed.get(target, 0) + 1
        wait = self._pacer.pause if failure.asked else self._backoff(self._failed[target])
        self._waits(call, wait, call.attempt + 1, limit=failure.asked > 0)
        await self._clock.sleep(wait)


def usable(token: Secret) -> Secret:
    """The token. Raises `AccessError` for a text that cannot be one: it would end as an odd header error."""
    text = token.reveal()
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable()) or " " in text:
        msg = "the token: is empty or has characters that no token has; copy it again"
        raise AccessError(msg)
    return token
