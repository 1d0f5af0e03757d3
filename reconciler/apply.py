"""Plan → Report: a scheduler over the dependency graph, without level barriers."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from reconciler.errors import Ambiguous, GbsyncError, LockError
from reconciler.event import Happened, Moment, unobserved
from reconciler.lock import Base, Entry, Intent, Keeper, updated, with_entry
from reconciler.perform import Hands
from reconciler.report import Outcome, Report, Result
from reconciler.step import Action, Plan, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.kind import Table
    from reconciler.resource import Address, Resource, State


@dataclass(frozen=True, slots=True)
class Options:
    """How a plan is applied."""

    parallelism: int = 10
    fail_fast: bool = False
    observe: Callable[[Happened], None] = unobserved


@dataclass(slots=True)
class Run:
    """One apply in progress. `stop` starts no more steps and waits for those in flight."""

    plan: Plan
    hands: Hands
    base: Base
    keeper: Keeper
    options: Options
    results: dict[Address, Result] = field(default_factory=dict)
    versions: dict[Address, int] = field(default_factory=dict)
    stopping: bool = False
    interrupted: bool = False
    steps: dict[Address, Step] = field(default_factory=dict)

    def stop(self) -> None:
        """The first Ctrl-C."""
        self.stopping = self.interrupted = True

    async def work(self) -> Report:
        """Applies the plan and records it in the lock. The report always comes."""
        before, started = self.hands.client.requests, asyncio.get_running_loop().time()
        try:
            await self._schedule()
        except asyncio.CancelledError:
            self.interrupted = True
        for step in self.plan.steps:
            if step.address not in self.results:
                self._end(Result(step, Outcome.SKIPPED, "not started: the run was stopped"))
        self._remember()
        return Report(
            plan=self.plan,
            results=tuple(self.results[step.address] for step in self.plan.steps),
            requests=self.hands.client.requests - before,
            seconds=asyncio.get_running_loop().time() - started,
            interrupted=self.interrupted,
        )

    # the four questions: what is unblocked, what is blocked, why, and what does this unblock

    async def _schedule(self) -> None:
        order = {step.address: number for number, step in enumerate(self.plan.steps)}
        waiting = {step.address: {need for need in step.needs if need in order} for step in self.plan.steps}
        dependents: dict[Address, list[Address]] = {}
        for address, needs in waiting.items():
            for need in needs:
                dependents.setdefault(need, []).append(address)
        ready = [order[address] for address, needs in waiting.items() if not needs]
        heapq.heapify(ready)
        running: dict[asyncio.Task[Result], Step] = {}
        try:
            while (ready and not self.stopping) or running:
                while ready and not self.stopping and len(running) < self.options.parallelism:
                    step = self.plan.steps[heapq.heappop(ready)]
                    running[asyncio.ensure_future(self._attempt(step))] = step
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del running[task]
                    ended = self._end(task.result())
                    for address in self._unblocked(ended, waiting, dependents):
                        heapq.heappush(ready, order[address])
        except asyncio.CancelledError:
            await self._abort(running)
            raise

    async def _abort(self, running: Mapping[asyncio.Task[Result], Step]) -> None:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for task, step in running.items():
            if not task.cancelled() and task.exception() is None:
                self._end(task.result())
            else:
                self._end(Result(step, Outcome.UNKNOWN, "aborted while it was in flight; plan again to see what is live"))

    def _end(self, result: Result) -> Result:
        self.results[result.step.address] = result
        self.options.observe(Happened(Moment.END, result.step.address, result.step.action, result=result))
        if result.outcome in (Outcome.FAILED, Outcome.UNKNOWN) and self.options.fail_fast:
            self.stopping = True
        return result

    def _unblocked(
        self, ended: Result, waiting: dict[Address, set[Address]], dependents: Mapping[Address, list[Address]]
    ) -> list[Address]:
        """What may start now; a step whose need did not succeed ends as skipped, and so on down."""
        free, queue = [], [ended]
        while queue:
            result = queue.pop()
            for address in dependents.get(result.step.address, ()):
                if address in self.results:
                    continue
                if result.outcome in (Outcome.DONE, Outcome.ALREADY):
                    waiting[address].discard(result.step.address)
                    if not waiting[address]:
                        free.append(address)
                else:
                    queue.append(self._end(self._skipped(address, result)))
        return free

    def _skipped(self, address: Address, result: Result) -> Result:
        step = self.steps[address]
        because = result.because or result.step.address
        return Result(step, Outcome.SKIPPED, f"waits for {because}, which did not succeed", because=because)

    # one step

    async def _attempt(self, step: Step) -> Result:
        self.options.observe(Happened(Moment.START, step.address, step.action))
        if not step.sends:
            return Result(step, Outcome.DONE)
        try:
            return await self.hands.perform(step)
        except Ambiguous as error:
            return Result(step, Outcome.UNKNOWN, str(error))
        except LockError as error:
            self.stopping = True
            return Result(step, Outcome.FAILED, f"stopped before the next request: {error}")
        except GbsyncError as error:
            return Result(step, Outcome.FAILED, str(error))

    # the lock

    def intend(self, step: Step, version: int | None) -> None:
        """Puts the intent of a publish on disk before it is sent."""
        old = self.base.entries.get(step.address)
        new = self.plan.memory[step.address]
        entry = replace(old or Entry(new.file), intent=Intent(version, new.fingerprints))
        self.base = with_entry(self.base, step.address, entry)
        self.keeper.save(self.base)

    def published(self, step: Step, resource: Resource) -> None:
        """Records a publish as soon as it is known."""
        entry = replace(self.plan.memory[step.address], version=resource.facts.version, intent=None)
        if resource.facts.version is not None:
            self.versions[step.address] = resource.facts.version
        self.base = with_entry(self.base, step.address, entry)
        self.keeper.save(self.base)

    def _remember(self) -> None:
        """Done, already applied and unchanged as they are now; failed and unknown ones keep what they had."""
        entries: dict[Address, Entry] = {}
        forget = list(self.plan.forget)
        touched = {step.address: step for step in self.plan.steps}
        for address in self.plan.memory:
            if address not in touched:
                entries[address] = self.plan.memory[address]
        for address, result in self.results.items():
            ended = result.outcome in (Outcome.DONE, Outcome.ALREADY)
            if result.step.action is Action.DELETE:
                forget.extend([address] if ended else [])
            elif ended:
                entry = self.plan.memory[address]
                entries[address] = replace(entry, version=self.versions.get(address, entry.version), intent=None)
            elif result.step.action is Action.CREATE and result.outcome is not Outcome.SKIPPED:
                entries[address] = self.base.entries.get(address) or Entry(self.plan.memory[address].file)
        self.base = updated(self.base, entries, forget)
        self.keeper.save(self.base)


def start(
    plan: Plan,
    client: Any,
    live: State,
    base: Base,
    *,
    table: Table,
    keeper: Keeper,
    options: Options | None = None,
) -> Run:
    """Makes a run ready; `await run.work()` carries it out, `run.stop()` ends it early."""
    options = options or Options()
    hands = Hands(client, table, plan.organization, base.salt, dict(live), options.observe)
    run = Run(plan, hands, base, keeper, options, steps={step.address: step for step in plan.steps})
    hands.before_publish = run.intend
    hands.after_publish = run.published
    return run
