"""The sandbox: takes requests, replies as GitBook would, and logs each one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from reconciler.clock import SystemClock
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.sandbox import (
    bindings,
    checks,
    directory,
    faults,
    installations,
    integrations,
    routes,
    running,
    wire,
    world,
)
from reconciler.sandbox.backend import Backend
from reconciler.sandbox.behaviour import Behaviour
from reconciler.sandbox.bodies import BODIES, WITH_NEWS
from reconciler.sandbox.call import (
    Call,
    Caller,
    Refusal,
    SandboxReply,
    forbidden,
    no_operation,
    not_json,
    not_served,
)
from reconciler.sandbox.faults import Fault
from reconciler.sandbox.limit import Limit
from reconciler.sandbox.shapes import shaped
from reconciler.sandbox.trouble import delay, spoiled
from reconciler.sandbox.wire import Answer, Broken, LogEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from starlette.applications import Starlette

    from reconciler.clock import Clock
    from reconciler.gitbook.operations.operation import Operation
    from reconciler.sandbox.faults import Faults
    from reconciler.sandbox.store import Store
    from reconciler.sandbox.wire import SandboxRequest

Handler = Callable[[Backend, Call], SandboxReply]
"""What carries an operation out on the sandbox's state."""

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        **integrations.HANDLERS,
        **installations.HANDLERS,
        **bindings.HANDLERS,
        **running.HANDLERS,
        **directory.HANDLERS,
    }
)


def _nothing(_number: int) -> None:
    """Do nothing between two requests."""


class Sandbox:
    """A stand-in for GitBook's API: it keeps state, has the API's quirks, and fails where it is told to."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        behaviour: Behaviour | None = None,
        faults: Faults = faults.NONE,
        clock: Clock | None = None,
        between: Callable[[int], None] = _nothing,
        token: str = world.SANDBOX_TOKEN,
        operations: Mapping[str, Operation] = OPERATIONS,
        handlers: Mapping[str, Handler] = HANDLERS,
    ) -> None:
        self.store = world.default() if store is None else store
        self.behaviour = behaviour or Behaviour()
        self.faults = faults
        self.clock = clock or SystemClock()
        self.between = between
        """Called before each request with its number. It may change the state, or raise to end the run."""
        self.token = token
        self.routes = routes.Routes(operations)
        self.handlers = handlers
        """An operation without a handler is answered with 501, so that a new row never stops the sandbox."""
        self.log: list[LogEntry] = []
        self.backend = Backend(self.store, self.behaviour, self.clock.time)
        self._limit = Limit(self.behaviour)

    @property
    def commits(self) -> tuple[LogEntry, ...]:
        """The requests that changed the state, in order."""
        return tuple(entry for entry in self.log if entry.committed)

    @property
    def app(self) -> Starlette:
        """The sandbox as an ASGI application."""
        from reconciler.sandbox.app import application  # noqa: PLC0415 - starlette only where it serves

        return application(self)

    def transport(self) -> httpx.AsyncBaseTransport:
        """The sandbox as what httpx sends requests through, without a network."""
        from reconciler.sandbox.transport import SandboxTransport  # noqa: PLC0415 - httpx only where it is used

        return SandboxTransport(self.answer)

    def caller(self, authorization: str) -> Caller:
        """Whose token it is. Raises a 401 when there is none, and for an unknown one."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            if token == self.token:
                return Caller("user")
            if token in self.store.grants and self.backend.is_good(token):
                return Caller("integration-installation", self.store.grants[token].installation)
            name = token.removeprefix(world.INTEGRATION_TOKEN)
            if name != token and name in self.store.integrations:
                return Caller("integration", name)
        message = "the token is not valid" if authorization else "a token is required"
        raise Refusal(HTTPStatus.UNAUTHORIZED, message, {"WWW-Authenticate": "Bearer"})

    async def answer(self, request: SandboxRequest) -> Answer:
        """What the caller gets. Raises `Broken` when the connection is to end without an answer."""
        self.backend.requests += 1
        number = self.backend.requests
        self.between(number)
        fits = self._limit.begin()
        try:
            if fits and self.behaviour.latency:
                await self.clock.sleep(self.behaviour.latency)
        finally:
            self._limit.end()
        exchange = _Exchange(self, request)
        fault, sent = self._sent(exchange, number, fits=fits)
        self.log.append(exchange.entry(number, sent.status if sent else 0, fault))
        seconds = delay(fault, self.faults)
        if seconds:
            await self.clock.sleep(min(seconds, request.patience))
        if sent is None or seconds >= request.patience:
            raise Broken(fault or Fault.HANG)
        return sent

    def _sent(self, exchange: _Exchange, number: int, *, fits: bool) -> tuple[Fault | None, Answer | None]:
        """What is sent, and the fault that changed it, if any."""
        now = self.clock.time()
        if not (fits and self._limit.admit(now)):
            return None, self._limit.refusal(now)
        fault = self.faults.at(number, exchange.operation_id)
        if fault is None:
            return None, self._limit.announced(wire.answer(exchange.carry_out()), now)
        # With such a fault the request takes effect, and only its reply is lost or damaged.
        honest = wire.answer(exchange.carry_out()) if fault.commits else Answer(0)
        return fault, spoiled(fault, honest, self.faults, now)


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


class _Exchange:
    """One request on its way through routing, authorization, checks and its handler."""

    def __init__(self, sandbox: Sandbox, request: SandboxRequest) -> None:
        self._sandbox = sandbox
        self._request = request
        self._time = sandbox.clock.time()
        self._route = sandbox.routes.find(request.path)
        self._operation = self._route.operations.get(request.method) if self._route else None
        self._path = self._route.params(self._operation) if self._route and self._operation else {}
        self._body: Any = None
        self._caller: Caller | None = None
        self._committed = False

    @property
    def operation_id(self) -> str:
        """The operation that is asked for; empty if there is none."""
        return self._operation.id if self._operation else ""

    def carry_out(self) -> SandboxReply:
        """Carry the operation out, or refuse it."""
        try:
            operation = self._known()
            call = self._checked(operation)
            handler = self._sandbox.handlers.get(operation.id)
            if handler is None:
                raise not_served(operation.id)
            reply = handler(self._sandbox.backend, call)
        except Refusal as refusal:
            return refusal.reply()
        self._committed = operation.writes and reply.changed
        return replace(reply, body=shaped(reply.body, self._sandbox.behaviour))

    def _known(self) -> Operation:
        if self._operation is not None:
            return self._operation
        if self._route is None:
            raise no_operation()
        raise no_operation(HTTPStatus.METHOD_NOT_ALLOWED, *sorted(self._route.operations))

    def _checked(self, operation: Operation) -> Call:
        caller = self._caller = self._sandbox.caller(self._request.authorization)
        if caller.kind not in operation.tokens:
            wanted = " or ".join(sorted(operation.tokens))
            msg = f"{operation.id} takes a token of sort {wanted}, not of sort {caller.kind}"
            raise forbidden(msg)
        pairs = parse_qsl(self._request.query, keep_blank_values=True)
        behaviour = self._sandbox.behaviour
        query = checks.params(operation, self._path, pairs, behaviour)
        if operation.body is not None and not _is_json(self._request.content_type):
            raise not_json()
        schema = (WITH_NEWS if behaviour.unknown_values == "kept" else BODIES).get(operation.id)
        if schema is not None:
            self._body = checks.body(schema, self._request.content, behaviour)
        elif operation.body is not None:
            self._body = checks.body_of(operation.body, self._request.content)
        return Call(operation.id, caller, self._path, query, self._body, operation.pages)

    def entry(self, number: int, status: int, fault: Fault | None) -> LogEntry:
        """What the log keeps."""
        return LogEntry(
            number=number,
            time=self._time,
            operation=self.operation_id,
            path=self._path,
            subject=self._operation.about(self._path, self._body) if self._operation else "",
            body=self._body,
            caller=self._caller.kind if self._caller else None,
            status=status,
            committed=self._committed,
            fault=fault,
        )
