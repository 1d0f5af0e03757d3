"""A story told: applied under fire until nothing is left, and then held against what must be true."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from reconciler import pipeline as reconcile
from reconciler.apply.scheduler import Options
from reconciler.cli.sandbox_lock import SandboxLockStore
from reconciler.config import Options as Reading
from reconciler.config import load
from reconciler.errors import ConfigError, GbsyncError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, SANDBOX_TOKEN, Faults, Sandbox, Store
from reconciler.sandbox.records import Document
from tests import virtual
from tests.chaos import agree, oracle
from tests.chaos.imagine import SECRETS
from tests.chaos.meddle import Meddler
from tests.contract.forbidden import Checked
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from reconciler.apply.events import StepEvent
    from reconciler.apply.report import Report
    from reconciler.config import Config
    from reconciler.lock.document import Base
    from tests.chaos.story import Ending, Story

ENDPOINT = "http://sandbox.localhost"
RUNS = 60
"""More than this, and it does not converge."""


class Dead(BaseException):
    """The process was killed."""


@dataclass
class Ordeal:
    """One story as it is lived through."""

    story: Story
    sandbox: Sandbox
    meddler: Meddler
    sins: list[str] = field(default_factory=list)
    runs: int = 0
    started: int = 0
    """The number of the request before the run's first."""
    killed: bool = False
    """Whether a run of the present file was killed."""
    dead: bool = False
    run: Any = None
    working: asyncio.Task[Report] | None = None

    def between(self, number: int) -> None:
        """Before each request: the endings that are due."""
        if self.dead:
            raise Dead
        for ending in self.story.endings:
            if (ending.run, ending.request) == (self.runs, number - self.started):
                self._end(ending)

    def _end(self, ending: Ending) -> None:
        if ending.how == "kill":
            self.dead = self.killed = True
            raise Dead
        if self.run is not None:
            self.run.stop()
        if ending.how == "abort" and self.working is not None:
            self.working.cancel()

    def observe(self, _event: StepEvent) -> None:
        """The dead write nothing down."""
        if self.dead:
            raise Dead


class Grave(SandboxLockStore):
    """The keeper of a run that may die: the dead save nothing."""

    ordeal: Ordeal

    def save(self, base: Base) -> None:
        if self.ordeal.dead:
            raise Dead
        super().save(base)


def survives(story: Story) -> None:
    """Holds the story against everything that must be true. Raises `AssertionError`."""
    virtual.run(_lived(story))


async def _lived(story: Story) -> None:
    store = Store(TypeAdapter(Document).validate_json(story.world))
    sandbox = Sandbox(store, behaviour=story.behaviour, clock=VirtualClock())
    ordeal = Ordeal(story, sandbox, Meddler(sandbox, story))
    sandbox.between = ordeal.between
    asyncio.get_running_loop().set_exception_handler(_unmourned)
    before: oracle.Wish | None = None
    for number, text in enumerate(story.files):
        wish = oracle.wish(text, SECRETS)
        start = oracle.snapshot(store)
        last = number == len(story.files) - 1
        ordeal.killed = False
        ordeal.meddler.done.clear()
        sandbox.faults = Faults.spread(story.rate, seed=story.seed)
        complete = await _applied(ordeal, text, once=not (story.patient or last))
        if last or story.patient:
            ordeal.meddler.quiet = True
            sandbox.faults = Faults()
            complete = await _applied(ordeal, text, once=False)
            wrong = oracle.wrongs(
                wish, start, oracle.snapshot(store), before, story.behaviour, ordeal.meddler.done
            )
            assert not wrong, "\n".join(wrong)
            ordeal.meddler.quiet = False
        before = replace(wish, complete=complete, killed=ordeal.killed, start=start)
    assert not ordeal.sins, "\n".join(dict.fromkeys(ordeal.sins))


async def _applied(ordeal: Ordeal, text: str, *, once: bool) -> bool:
    """Applies the file until a plan is empty, or once. Whether it got there."""
    for _ in range(RUNS):
        left = await _one_run(ordeal, text)
        ordeal.runs += 1
        if once or left == 0:
            return left == 0
    msg = f"after {RUNS} runs there is still something to do: {ordeal.run and ordeal.run.plan.steps}"
    raise AssertionError(msg)


async def _one_run(ordeal: Ordeal, text: str) -> int | None:
    """How many steps the plan had; `None` where there was no plan or no end to it."""
    config = load(["-"], table=KINDS, options=Reading(environ=SECRETS, stdin=io.StringIO(text)))
    sandbox = ordeal.sandbox
    ordeal.started, ordeal.run, ordeal.working, ordeal.dead = len(sandbox.log), None, None, False
    checked = Checked(ordeal.meddler.over(sandbox.transport()), ordeal.sins)
    client = Client(
        endpoint=ENDPOINT,
        token=Secret(SANDBOX_TOKEN),
        transport=checked,
        clock=VirtualClock(),
        seed=ordeal.story.seed * 1000 + ordeal.runs,
    )
    try:
        async with client:
            return await _planned_and_applied(ordeal, config, client)
    except (Dead, BaseExceptionGroup) as error:
        if isinstance(error, BaseExceptionGroup) and not error.subgroup(Dead):
            raise
        await _buried()
        return None
    except ConfigError:
        raise
    except GbsyncError:
        return None


async def _planned_and_applied(ordeal: Ordeal, config: Config, client: Client) -> int | None:
    lock_store = Grave(ordeal.sandbox, "", ENDPOINT, ORGANIZATION)
    lock_store.ordeal = ordeal
    planned = await reconcile.plan(config, client, lock_store, table=KINDS, endpoint=ENDPOINT, folder=Path())
    log = len(ordeal.sandbox.log)
    events: list[agree.Seen] = []

    def observe(event: StepEvent) -> None:
        ordeal.observe(event)
        events.append(agree.Seen(event, len(ordeal.sandbox.log)))

    options = Options(parallelism=ordeal.story.parallelism, observe=observe)
    ordeal.run = reconcile.apply(planned, client, lock_store, table=KINDS, options=options)
    ordeal.working = asyncio.ensure_future(ordeal.run.work())
    report = await ordeal.working
    wrong = agree.wrongs(report, ordeal.sandbox.log[log:], events, ordeal.story.behaviour, first=log)
    assert not wrong, "\n".join(wrong)
    return len(planned.plan.steps) if report.complete else None


def _unmourned(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Nobody hears what a task of a killed run died of."""
    if not isinstance(context.get("exception"), Dead):
        loop.default_exception_handler(context)


async def _buried() -> None:
    """Ends everything that a killed run has left in this loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
