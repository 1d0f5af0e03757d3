"""A delete: read the object, list what would go with it, compare both with the plan, then delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.descendants import below
from reconciler.apply.endings import ATTEMPTS, UNANSWERED, Tries, in_conflict
from reconciler.apply.report import Outcome, Result
from reconciler.errors import NotFound

if TYPE_CHECKING:
    from reconciler.apply.executor import StepExecutor
    from reconciler.plan.step import Step
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import Resource


async def delete(executor: StepExecutor, step: Step) -> Result:
    """Deletes the object, unless it or something under it is not as the plan showed it."""
    kind, handle = executor.kind(step), executor.handle(step)
    now = await executor.read(step, handle)
    if now is None:
        return Result(step, Outcome.ALREADY)
    if conflicts := executor.preconditions.conflicts(step, now):
        return in_conflict(step, conflicts)
    # The server deletes the children too. One that somebody made after the plan was reviewed must not
    # disappear with its parent, so they are listed again just before.
    listed = executor.known.get(step.address, now)
    children = await below(executor.client, executor.organization, executor.preconditions.table, listed)
    if objections := tuple(executor.planned_deletions.objections(children, now)):
        msg = f"{'; '.join(objections)}: it would be deleted too; plan again"
        return Result(step, Outcome.FAILED, msg)
    number = executor.announce(step, "delete")
    try:
        sending = kind.calls.delete(executor.client, handle)
        was_there = await executor.sent(step, "delete", number, sending)
    except (*UNANSWERED, NotFound) as failed:
        return await executor.confirm(step, handle, failed)
    if kind.live.owned_by_many and (left := await _left(executor, step, handle, now)):
        msg = f"the API took the request, but {left}; look at it in the app, or plan again"
        return Result(step, Outcome.FAILED, msg)
    return Result(step, Outcome.DONE if was_there else Outcome.ALREADY)


async def _left(executor: StepExecutor, step: Step, handle: Handle, gone: Resource) -> str:
    """What is still there after a delete that was to take more along; empty where all of it is gone.

    A server may leave behind what it was to take along. Lists may lag behind a delete: they are read again.
    """
    left = ""
    for attempt in Tries():
        now = await executor.read(step, handle)
        children = await below(executor.client, executor.organization, executor.preconditions.table, gone)
        there = [str(step.address)] if now else []
        there += [f"{item.address} ({item.facts.id})" for item in children]
        left = f"{', '.join(there)} is still there" if there else ""
        if not left or attempt == ATTEMPTS:
            break
        await executor.client.lag(attempt)
    return left
