"""Plan → Report: a scheduler over the dependency graph, without level barriers."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reconciler.apply.descendants import Shown
from reconciler.apply.events import Phase, StepEvent, unobserved
from reconciler.apply.executor import StepExecutor
from reconciler.apply.lock_writer import LockWriter
from reconciler.apply.preconditions import Preconditions
from reconciler.apply.report import Outcome, Report, Result
from reconciler.errors import Ambiguous, GbsyncError, LockError, RateLimited
from reconciler.resources.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.lock.document import Base
    from reconciler.lock.store import LockStore
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, State

_ONE = "another run made one too: remove one in the app, or pin one with `id:`"
WENT_WELL = (Outcome.DONE, Outcome.ALREADY)


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is applied."""

    parallelism: int = 10
    fail_fast: bool = False
    observe: Callable[[StepEvent], None] = unobserved
    redactor: Redactor | None = None
    """What is secret of live values; without it nothing is by its name."""


@dataclass(frozen=True, slots=True)
class _Graph:
    """Which step comes when, what each still waits for, and what waits for it."""

    order: Mapping[Address, int]
    waiting: Mapping[Address, set[Address]]
    dependents: Mapping[Address, list[Address]]

    @classmethod
    def of(cls, plan: Plan) -> _Graph:
        """The graph of a plan's steps."""
        order = {step.address: number for number, step in enumerate(plan.steps)}
        waiting = {step.address: {need for need in step.needs if need in order} for step in plan.steps}
        dependents: dict[Address, list[Address]] = {}
        for address, needs in waiting.items():
            for need in needs:
                dependents.setdefault(need, []).append(address)
        return cls(order, waiting, dependents)


@dataclass(slots=True)
class Run:
    """One apply in progress. `stop` starts no more steps and waits for those in flight."""

    plan: Plan
    executor: StepExecutor
    lock_writer: LockWriter
    options: Options
    results: dict[Address, Result] = field(default_factory=dict)
    stopping: bool = False
    interrupted: bool = False
    unrecorded: str = ""
    limited: str = ""
    """Until when the rate limit lets nothing through, once that is too long to wait for."""

    def stop(self) -> None:
        """The first Ctrl-C."""
        self.stopping = self.interrupted = True

    async def work(self) -> Report:
        """Applies the plan and records it in the lock; once anything was sent, the report always comes.

        Raises `LockError` before anything is touched, when the lock is held by another run or does not fit.
        """
        before, started = self.executor.client.requests, asyncio.get_running_loop().time()
        async with self.lock_writer.lock_store.hold():
            self.lock_writer.begin()
            try:
                await self._schedule()
                await self._look_for_twice()
            except asyncio.CancelledError:
                self.interrupted = True
            self._finish()
        return Report(
            plan=self.plan,
            results=tuple(self.results[step.address] for step in self.plan.steps),
            requests=self.executor.client.requests - before,
            seconds=asyncio.get_running_loop().time() - started,
            interrupted=self.interrupted and self._left_something,
            unrecorded=self.unrecorded,
            limited=self.limited,
        )

    async def _look_for_twice(self) -> None:
        """Two runs may install at the same time, and both succeed: the later one sees it, and says so."""
        try:
            twice = await self.executor.twice()
        except GbsyncError as error:
            for address in self.executor.posted & self.results.keys():
                message = self.results[address].message or f"whether there are two could not be read: {error}"
                self.results[address] = replace(self.results[address], message=message)
            return
        for address, ids in twice.items():
            message = f"is there {len(ids)} times now: {', '.join(ids)}; {_ONE}"
            self._end(replace(self.results[address], outcome=Outcome.FAILED, message=message))

    @property
    def _left_something(self) -> bool:
        """Whether a step was not started, or not waited for."""
        return any(item.outcome in (Outcome.SKIPPED, Outcome.UNKNOWN) for item in self.results.values())

    def _finish(self) -> None:
        for step in self.plan.steps:
            if step.address not in self.results:
                why = f": {self.unrecorded}" if self.unrecorded else ""
                self._end(Result(step, Outcome.SKIPPED, f"not started, because the run was stopped{why}"))
        try:
            self.lock_writer.finish(self.results.values())
        except LockError as error:
            self.unrecorded = str(error)

    # the four questions: what is unblocked, what is blocked, why, and what does this unblock

    async def _schedule(self) -> None:
        graph = _Graph.of(self.plan)
        ready = [number for number, step in enumerate(self.plan.steps) if not graph.waiting[step.address]]
        running: dict[asyncio.Task[Result], Step] = {}
        try:
            while (ready := self._startable(ready)) or running:
                while ready and len(running) < self.options.parallelism:
                    step = self.plan.steps[heapq.heappop(ready)]
                    running[asyncio.ensure_future(self._attempt(step))] = step
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del running[task]
                    for address in self._unblocked(self._end(task.result()), graph):
                        heapq.heappush(ready, graph.order[address])
        except asyncio.CancelledError:
            await self._abort(running)
            raise

    def _startable(self, ready: list[int]) -> list[int]:
        """Of the numbers of what is unblocked those that may start: once stopped, what sends nothing."""
        if not self.stopping:
            return ready
        return sorted(number for number in ready if not self.plan.steps[number].sends)

    async def _abort(self, running: Mapping[asyncio.Task[Result], Step]) -> None:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for task, step in running.items():
            if task.cancelled():
                msg = "aborted while it was in flight; plan again to see what is live"
                self._end(Result(step, Outcome.UNKNOWN, msg))
            else:
                self._end(task.result())

    def _end(self, result: Result) -> Result:
        self.results[result.step.address] = result
        try:
            self.options.observe(StepEvent(Phase.END, result.step.address, result.step.action, result=result))
        except LockError as error:
            self._break(str(error))
        if self.options.fail_fast and result.outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            self.stopping = True
        return result

    def _break(self, why: str) -> None:
        """What is done cannot be recorded any more: nothing else may be sent."""
        self.stopping, self.unrecorded = True, self.unrecorded or why

    def _unblocked(self, ended: Result, graph: _Graph) -> list[Address]:
        """What may start now; a step whose need did not succeed ends as skipped, and so on down."""
        free, queue = [], [ended]
        while queue:
            result = queue.pop()
            for address in graph.dependents.get(result.step.address, ()):
                if address in self.results:
                    continue
                if result.outcome in WENT_WELL:
                    graph.waiting[address].discard(result.step.address)
                    free += [] if graph.waiting[address] else [address]
                else:
                    queue.append(self._end(_skipped(self.plan.steps[graph.order[address]], result)))
        return free

    # one step

    async def _attempt(self, step: Step) -> Result:
        """How the step ended; whatever happens, it is one of the outcomes."""
        try:
            self.options.observe(StepEvent(Phase.START, step.address, step.action))
            result = await self.executor.perform(step) if step.sends else Result(step, Outcome.DONE)
        except Ambiguous as error:
            result = Result(step, Outcome.UNKNOWN, str(error))
        except LockError as error:
            self._break(str(error))
            result = Result(step, Outcome.FAILED, f"stopped before the next request: {error}")
        except RateLimited as error:
            self.limited = self.limited or str(error)
            result = Result(step, Outcome.SKIPPED, str(error))
        except GbsyncError as error:
            result = Result(step, Outcome.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - the report always comes
            msg = f"gbsync itself failed here ({type(error).__name__}); please report it, and plan again"
            result = Result(step, Outcome.UNKNOWN, msg)
        if self.executor.broken:
            self._break(self.executor.broken)
        return result


def _skipped(step: Step, result: Result) -> Result:
    because = result.because or result.step.address
    return Result(step, Outcome.SKIPPED, f"waits for {because}, which did not succeed", because=because)


def start(
    plan: Plan,
    client: Any,
    live: State,
    base: Base,
    *,
    table: Table,
    lock_store: LockStore,
    options: Options | None = None,
) -> Run:
    """Makes a run ready; `await run.work()` carries it out, `run.stop()` ends it early."""
    options = options or Options()
    known, lock_writer = dict(live), LockWriter(plan, base, lock_store)
    preconditions = Preconditions(table, base.salt, known, options.redactor or Redactor(table, known))
    shown = Shown.of(preconditions, plan)
    executor = StepExecutor(
        client, preconditions, lock_writer, plan.organization, known, shown, options.observe
    )
    return Run(plan, executor, lock_writer, options)
