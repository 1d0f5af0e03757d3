"""The engine under test: the only file of the explorer that imports it.

Plans, saved plans and reports leave here as plain values, so that nothing of the oracle's is the engine's.
"""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from reconciler import pipeline as reconcile
from reconciler.config import Options, load, reread
from reconciler.errors import (
    AlreadyExists,
    Ambiguous,
    ConfigError,
    GbsyncError,
    NotFound,
    Refused,
    TryAgain,
    Unavailable,
)
from reconciler.gitbook.client.response import ApiReply
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import Base
from reconciler.plan.guards import Allowances, refusals
from reconciler.plan.saved import document as planfile
from reconciler.plan.step import Action
from reconciler.render.plan.json import plan_document
from reconciler.resources.digest import Salt
from reconciler.resources.values import ABSENT
from tests.exploration.loop import Loop
from tests.exploration.replay import Asked
from tests.exploration.server import GONE, method

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reconciler.apply.report import Report
    from reconciler.config import Config
    from reconciler.pipeline import Planned
    from tests.exploration.replay import Conversation

ENDPOINT = "https://api.example"
SALT = Salt("0" * 32)
"""One for all locks, so that equal locks are equal."""


_LOOP = Loop()


class Client:
    """The typed protocol of the client: what it is asked goes into a conversation."""

    rate = None

    def __init__(self, talk: Conversation, *, wide: bool) -> None:
        self.talk = talk
        self.wide = wide
        """Whether steps may go at once, so that their requests take turns."""
        self.requests = 0
        self.writes = 0

    def register_secret(self, value: Any) -> None:
        """Nothing is quoted here."""

    def scrubbed(self, text: str, value: Any) -> str:
        """The text itself: there are no secrets here."""
        return text

    async def lag(self, attempt: int) -> None:
        """Time passes by requests alone."""

    @asynccontextmanager
    async def reserve(self, requests: int) -> AsyncIterator[None]:
        """Nothing is paced here."""
        yield

    def within(self, reserved: object) -> AbstractContextManager[None]:
        """Nothing is paced here."""
        return nullcontext()

    def at_once(self, most: int) -> int:
        """Nothing is paced here."""
        return most

    async def call(
        self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> ApiReply:
        """One operation's reply, or the error that the real client makes of its failure."""
        if self.wide:
            await asyncio.sleep(0)
        self.requests += 1
        self.writes += method(operation) != "GET"
        reply = self.talk.reply(Asked(operation, dict(params or {}), _plain(body)))
        if not reply.status:
            _lost(operation, body)
        if reply.status >= GONE:
            kind = NotFound if reply.status == GONE else AlreadyExists
            msg = "refused"
            raise kind(msg, operation=operation, status=reply.status)
        return ApiReply(reply.status, reply.data)

    async def items(
        self, operation: str, params: Mapping[str, Any] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list of one page."""
        for item in (await self.call(operation, params)).data:
            yield item


def _lost(operation: str, body: Any) -> NoReturn:
    """What the real client makes of a request of which nobody knows whether it was carried out."""
    msg = "no answer"
    match method(operation):
        case "POST":
            raise Ambiguous(msg, operation=operation)
        case "PATCH" if "configuration" in body:
            raise TryAgain(msg, operation=operation)
        case _:
            raise Unavailable(msg, operation=operation)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.reveal() if hasattr(value, "reveal") else value


Stamp = tuple[str, bool, bool, tuple[str, ...]]
_STAMPS: dict[int, tuple[Base, Stamp]] = {}
"""By identity, which holds as long as the value is held too."""


def forget() -> None:
    """Gives back the memory of what was computed so far."""
    _STAMPS.clear()


@dataclass(slots=True)
class LockStore:
    """The lock, in memory."""

    base: Base = field(default_factory=lambda: Base(salt=SALT))
    name: str = ""

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Nobody else applies."""
        yield

    def load(self) -> Base:
        """What was applied last."""
        return self.base

    def save(self, base: Base) -> None:
        """Replaces it."""
        self.base = replace(base, fresh=False)

    @property
    def stamp(self) -> Stamp:
        """Equal for locks that say the same."""
        known = _STAMPS.get(id(self.base))
        if known is None:
            base = self.base
            stamp = base.stamp, base.fresh, base.known, tuple(sorted(map(str, base.unmanaged)))
            known = _STAMPS[id(base)] = base, stamp
        return known[1]

    async def record(self, base: Base) -> None:
        """As `save`."""
        self.save(base)

    def check(self) -> None:
        """Nobody takes it over."""

    def names(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The addresses that it knows, with the fields and keys of each."""
        return tuple((str(where), tuple(sorted(e.fields))) for where, e in sorted(self.base.entries.items()))


@lru_cache(maxsize=4096)
def _config(text: str) -> Config | ConfigError:
    try:
        return load(["-"], table=KINDS, options=Options(stdin=io.StringIO(text)))
    except ConfigError as error:
        return error


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan as plain values."""

    planned: Planned
    steps: tuple[tuple[str, str, str, tuple[tuple[str, Any, Any], ...]], ...]
    """Action, address, server id and changes: name, before, after; `None` for absent."""
    beside: tuple[str, ...]
    """What the plan says beside its steps."""
    count: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a plan or an apply ended."""

    code: int
    why: str = ""
    results: tuple[tuple[str, str, str, str], ...] = ()
    """Action, address, outcome and message of each step."""
    writes: int = 0


def make_plan(client: Client, lock_store: LockStore, text: str) -> Shown | Ended:
    """The plan of a file, or how planning ended."""
    config = _config(text)
    if isinstance(config, ConfigError):
        return Ended(config.exit_code, str(config))
    work = reconcile.plan(
        config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path(), choice=None
    )
    try:
        planned = _LOOP.run_until_complete(work)
    except GbsyncError as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    return _shown(planned)


def _shown(planned: Planned) -> Shown:
    steps = tuple(
        (
            str(step.action),
            str(step.address),
            str(planned.live.state[step.address].facts.id) if step.address in planned.live.state else "",
            tuple((change.name, _value(change.before), _value(change.after)) for change in step.changes),
        )
        for step in planned.plan.steps
    )
    plan = planned.plan
    notices = (*plan.unmanaged, *plan.forgotten, *plan.declared_in_unread_file)
    beside = (*(f"{item.address} {item.path} {item.note}" for item in notices), *plan.notes)
    return Shown(planned, steps, beside, sum(step.action is Action.DELETE for step in planned.plan.steps))


def _value(value: Any) -> Any:
    return None if value is ABSENT else _plain(value)


def dumped(planned: Planned) -> dict[str, Any]:
    """The document that `plan --out` writes."""
    return planfile.dump(planned.plan, planned.base, shown=plan_document(planned.plan))


def reopened(client: Client, lock_store: LockStore, made: Shown) -> Shown | Ended:
    """The plan after it was saved, read back and held against what is live; or how that ended."""
    document = json.loads(json.dumps(dumped(made.planned)))
    try:
        saved = planfile.load(document, name="plan.json", table=KINDS, read=reread(Options()))
        work = reconcile.recheck(saved, client, lock_store, table=KINDS, endpoint=ENDPOINT)
        planned = _LOOP.run_until_complete(work)
    except GbsyncError as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    return replace(made, planned=planned)


def carry_out(client: Client, lock_store: LockStore, made: Shown) -> Ended:
    """Applies a plan, with the number of deletions that it shows allowed. Raises `Crash`."""
    allowed = Allowances(deletes=made.count or None, unpublish=True, empty=True)
    plan = made.planned.plan
    if reasons := refusals(plan, table=KINDS, allowed=allowed):
        return Ended(Refused.exit_code, "\n".join(reasons))
    try:
        report: Report = _LOOP.run_until_complete(
            reconcile.apply(made.planned, client, lock_store, table=KINDS).work()
        )
    except GbsyncError as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    results = tuple(
        (str(item.step.action), str(item.step.address), str(item.outcome), item.message)
        for item in report.results
    )
    code = 0 if report.complete else 5 if client.writes else 1
    return Ended(code, results=results, writes=client.writes)
