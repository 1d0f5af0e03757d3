"""The engine under test: the only file of the explorer that imports it.

Plans, saved plans and reports leave here as plain values, so that nothing of the oracle's is the engine's.
"""

from __future__ import annotations

import asyncio
import json
import re
import selectors
import tempfile
from contextlib import asynccontextmanager
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
    Stale,
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
from reconciler.resources.values import ABSENT
from tests.exploration.server import GONE, ORGANIZATION, Refusal, method

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from reconciler.apply.report import Report
    from reconciler.config import Config
    from reconciler.pipeline import Planned
    from tests.exploration.world import World

ENDPOINT = "https://api.example"


class Lost(Exception):
    """The reply did not arrive."""


class Crash(BaseException):
    """The process ends here, whatever anybody does about it."""


class _NoFiles(selectors.DefaultSelector):
    """Nothing here waits for the network, so nobody is asked whether it has come."""

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            msg = "everybody waits for something that nobody will do"
            raise RuntimeError(msg)
        return []


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.SelectorEventLoop(_NoFiles())
    loop.set_exception_handler(lambda *_: None)  # a crash leaves tasks whose failure nobody asks for
    return loop


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """What the coroutine returns; tasks that a crash leaves behind are ended."""
    loop = _loop()
    try:
        return loop.run_until_complete(work)
    except BaseException:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        raise


class Client:
    """The typed protocol of the client, answered by a world in memory."""

    rate = None

    def __init__(self, world: World) -> None:
        self.world = world
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

    async def call(
        self, operation: str, params: Mapping[str, Any] | None = None, body: Any = None
    ) -> ApiReply:
        """One operation's reply, or the error that the real client makes of its failure."""
        if self.world.wide:
            await asyncio.sleep(0)
        self.requests += 1
        self.writes += method(operation) != "GET"
        try:
            answer = self.world.request(operation, dict(params or {}), _plain(body))
        except Refusal as refusal:
            kind = NotFound if refusal.status == GONE else AlreadyExists
            msg = "refused"
            raise kind(msg, operation=operation, status=refusal.status) from None
        except Lost:
            _lost(operation, body)
        return ApiReply(answer.status, answer.data)

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


@dataclass(slots=True)
class LockStore:
    """The lock, in memory."""

    base: Base = field(default_factory=Base)
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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gbsync.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            found = load([str(path)], table=KINDS, options=Options())
        except ConfigError as error:
            return error
    return replace(found, files=("gbsync.yaml",))


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


def make_plan(world: World, lock_store: LockStore, text: str) -> Shown | Ended:
    """The plan of a file, or how planning ended."""
    client, config = Client(world), _config(text)
    if isinstance(config, ConfigError):
        return Ended(config.exit_code, str(config))
    try:
        planned = run(
            reconcile.plan(
                config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path(), choice=None
            )
        )
    except GbsyncError as error:
        return Ended(error.exit_code, re.sub(r"\S*/gbsync", "gbsync", str(error)), writes=client.writes)
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


def reopened(world: World, lock_store: LockStore, made: Shown) -> Shown | Ended:
    """The plan after it was saved, read back and held against what is live; or how that ended."""
    document = json.loads(json.dumps(dumped(made.planned)))
    client = Client(world)
    try:
        saved = planfile.load(document, name="plan.json", table=KINDS, read=reread(Options()))
        planned = run(reconcile.recheck(saved, client, lock_store, table=KINDS, endpoint=ENDPOINT))
    except Stale as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    except GbsyncError as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    return replace(made, planned=planned)


def carry_out(world: World, lock_store: LockStore, made: Shown) -> Ended:
    """Applies a plan, with the number of deletions that it shows allowed. Raises `Crash`."""
    allowed = Allowances(deletes=made.count or None, unpublish=True, empty=True)
    plan = made.planned.plan
    if reasons := refusals(plan, table=KINDS, allowed=allowed):
        return Ended(Refused.exit_code, "\n".join(reasons))
    client = Client(world)
    try:
        report: Report = run(reconcile.apply(made.planned, client, lock_store, table=KINDS).work())
    except GbsyncError as error:
        return Ended(error.exit_code, str(error), writes=client.writes)
    results = tuple(
        (str(item.step.action), str(item.step.address), str(item.outcome), item.message)
        for item in report.results
    )
    code = 0 if report.complete else 5 if client.writes else 1
    return Ended(code, results=results, writes=client.writes)


@lru_cache(maxsize=4096)
def remembered(text: str, make: Any) -> Base:
    """The lock that an apply of a file leaves on a world of its own, which `make` makes."""
    lock_store, world = LockStore(), make()
    made = make_plan(world, lock_store, text)
    assert isinstance(made, Shown), made
    ended = carry_out(world, lock_store, made)
    assert ended.code == 0, ended
    return lock_store.base


SECTION = f"{ENDPOINT} {ORGANIZATION}"
