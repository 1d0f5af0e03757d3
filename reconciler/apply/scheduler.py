"""Plan → Report: a scheduler over the dependency graph, without level barriers."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reconciler.apply import fault
from reconciler.apply.descendants import PlannedDeletions
from reconciler.apply.events import Phase, StepEvent, unobserved
from reconciler.apply.executor import StepExecutor
from reconciler.apply.lock_writer import LockWriter
from reconciler.apply.page_reads import PageReads
from reconciler.apply.preconditions import Preconditions
from reconciler.apply.report import Outcome, Report, Result
from reconciler.errors import Ambiguous, ApiError, GbsyncError, LockError, RateLimited
from reconciler.plan import pages
from reconciler.resources.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reconciler.lock.document import Base
    from reconciler.lock.store import LockStore
    from reconciler.plan.step import Plan, Step
    from reconciler.resources.api import Api
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
    """Tells which live values are secret."""
    commit: str = ""
    """The commit of the files that the plan was made from, for the lock."""


@dataclass(frozen=True, slots=True)
class _Graph:
    """The order of the steps, what each step still waits for, and what waits for it."""

    steps: Sequence[Step]
    """In the order in which they are started, as far as there is a choice."""
    order: Mapping[Address, int]
    waiting: Mapping[Address, set[Address]]
    dependents: Mapping[Address, list[Address]]

    @classmethod
    def of(cls, steps: Sequence[Step]) -> _Graph:
        """The graph of these steps."""
        order = {step.address: number for number, step in enumerate(steps)}
        waiting = {step.address: {need for need in step.needs if need in order} for step in steps}
        dependents: dict[Address, list[Address]] = {}
        for address, needs in waiting.items():
            for need in needs:
                dependents.setdefault(need, []).append(address)
        return cls(steps, order, waiting, dependents)


@dataclass(slots=True)
class Run:
    """One apply in progress. `stop` starts no more steps and waits for those in flight."""

    plan: Plan
    executor: StepExecutor
    lock_writer: LockWriter
    options: Options
    steps: Sequence[Step]
    """The plan's steps in the order in which they are started, as far as there is a choice."""
    results: dict[Address, Result] = field(default_factory=dict)
    stopping: bool = False
    interrupted: bool = False
    unrecorded: str = ""
    limited: str = ""
    """Until when the rate limit lets nothing through, once that is too long to wait for."""

    def stop(self) -> None:
        """Starts no more steps: what the first Ctrl-C does."""
        self.stopping = self.interrupted = True
        self.executor.pages.stop()

    async def work(self) -> Report:
        """Applies the plan and records it in the lock; once anything was sent, the report always comes.

        Raises `LockError` before anything is touched, when the lock is held by another run or does not fit.
        """
        before, started = self.executor.client.requests, asyncio.get_running_loop().time()
        async with self.lock_writer.lock_store.hold():
            self.lock_writer.begin()
            try:
                await self._schedule()
                await self._look_for_duplicates()
            except asyncio.CancelledError:
                self.interrupted = True
            self._finish()
        return Report(
            plan=self.plan,
            results=tuple(self.results[step.address] for step in self.plan.steps),
            requests=self.executor.client.requests - before,
            seconds=asyncio.get_running_loop().time() - started,
            interrupted=self.interrupted and self._is_incomplete,
            unrecorded=self.unrecorded,
            limited=self.limited,
        )

    async def _look_for_duplicates(self) -> None:
        """Fails a step whose object another run has made too, at the same time: the server accepts both."""
        try:
            duplicates = await self.executor.duplicates()
        except GbsyncError as error:
            for address in self.executor.posted & self.results.keys():
                message = self.results[address].message or f"whether there are two could not be read: {error}"
                self.results[address] = replace(self.results[address], message=message)
            return
        for address, ids in duplicates.items():
            message = f"is there {len(ids)} times now: {', '.join(ids)}; {_ONE}"
            self._end(replace(self.results[address], outcome=Outcome.FAILED, message=message))

    @property
    def _is_incomplete(self) -> bool:
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

    # which step may start: there are no levels, a step starts as soon as all that it needs is done

    async def _schedule(self) -> None:
        graph = _Graph.of(self.steps)
        ready = [number for number, step in enumerate(self.steps) if not graph.waiting[step.address]]
        running: dict[asyncio.Task[Result], Step] = {}
        try:
            while (ready := self._startable(ready)) or running:
                while ready and len(running) < self.options.parallelism:
                    step = self.steps[heapq.heappop(ready)]
                    running[asyncio.ensure_future(self._attempt(step))] = step
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del running[task]
                    for address in self._unblocked(self._end(task.result()), graph):
                        heapq.heappush(ready, graph.order[address])
        except asyncio.CancelledError:
            await self._abort(running)
            raise
        finally:
            await self.executor.pages.aclose()

    def _startable(self, ready: list[int]) -> list[int]:
        """The unblocked steps that may start; once the run is stopped, only those that send nothing.

        What goes with a deleted parent sends nothing: it is gone already, and the report must say so.
        """
        if not self.stopping:
            return ready
        return sorted(number for number in ready if not self.steps[number].sends)

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
        # An unknown outcome counts as a failure: what comes next may depend on it.
        if self.options.fail_fast and result.outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            self.stopping = True
        return result

    def _break(self, why: str) -> None:
        """Stops the run, because nothing that is done can be recorded any more."""
        self.stopping, self.unrecorded = True, self.unrecorded or why

    def _unblocked(self, ended: Result, graph: _Graph) -> list[Address]:
        """The steps that may start now. A step that needs a failed one ends as skipped, and so do its own."""
        unblocked, queue = [], [ended]
        while queue:
            result = queue.pop()
            for address in graph.dependents.get(result.step.address, ()):
                if address in self.results:
                    continue
                if result.outcome in WENT_WELL:
                    graph.waiting[address].discard(result.step.address)
                    unblocked += [] if graph.waiting[address] else [address]
                else:
                    queue.append(self._end(_skipped(graph.steps[graph.order[address]], result)))
        return unblocked

    # one step

    async def _attempt(self, step: Step) -> Result:
        """Carries the step out. Whatever is raised becomes one of the outcomes."""
        try:
            self.options.observe(StepEvent(Phase.START, step.address, step.action))
            result = await self.executor.perform(step) if step.sends else Result(step, Outcome.DONE)
        except Ambiguous as error:  # nobody knows whether a write was carried out, so it is not "failed"
            result = Result(step, Outcome.UNKNOWN, error.about(step.address))
        except LockError as error:
            self._break(str(error))
            result = Result(step, Outcome.FAILED, f"stopped before the next request: {error}")
        except RateLimited as error:
            self.limited = self.limited or str(error)
            result = Result(step, Outcome.SKIPPED, str(error))
        except ApiError as error:
            result = Result(step, Outcome.FAILED, error.about(step.address))
        except GbsyncError as error:
            result = Result(step, Outcome.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - the report always comes, with what was done so far
            self._log_fault(step, error)
            result = Result(step, Outcome.UNKNOWN, fault.message_of(error))
        if self.executor.broken:
            self._break(self.executor.broken)
        return result

    def _log_fault(self, step: Step, error: Exception) -> None:
        """Logs the traceback; the secrets of the step are cut out of the error's text."""
        live = self.executor.known.get(step.address)
        seen = self.executor.preconditions.redacted(step, live.attributes) if live else {}
        values = [step.desired, seen]
        trace = fault.traceback_of(error, lambda text: self.executor.client.scrubbed(text, values))
        fault.LOG.error("%s: %s: gbsync itself failed\n%s", step.address, step.action, trace)


def _skipped(step: Step, result: Result) -> Result:
    because = result.because or result.step.address
    return Result(step, Outcome.SKIPPED, f"waits for {because}, which did not succeed", because=because)


def start(
    plan: Plan,
    client: Api,
    live: State,
    base: Base,
    *,
    table: Table,
    lock_store: LockStore,
    options: Options | None = None,
) -> Run:
    """Prepares a run. `await run.work()` carries it out, `run.stop()` ends it early."""
    options = options or Options()
    known, lock_writer = dict(live), LockWriter(plan, base, lock_store, commit=options.commit)
    preconditions = Preconditions(table, base.salt, known, options.redactor or Redactor(table, known))
    planned_deletions = PlannedDeletions.of(preconditions, plan)
    lists = pages.lists(plan.steps, known, table)
    page_reads = PageReads(
        client,
        plan.organization,
        known,
        lists=lists,
        needing={step.address for step in plan.steps if step.needs},
        parallelism=options.parallelism,
    )
    executor = StepExecutor(
        client,
        preconditions,
        lock_writer,
        plan.organization,
        known,
        planned_deletions,
        page_reads,
        options.observe,
    )
    return Run(plan, executor, lock_writer, options, pages.in_list_order(plan.steps, lists))
