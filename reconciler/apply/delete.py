"""A delete: read the object, list what would go with it, compare both with the plan, then delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.descendants import below
from reconciler.apply.endings import UNANSWERED, in_conflict
from reconciler.apply.report import Outcome, Result
from reconciler.errors import NotFound

if TYPE_CHECKING:
    from reconciler.apply.executor import StepExecutor
    from reconciler.plan.step import Step


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
    return Result(step, Outcome.DONE if was_there else Outcome.ALREADY)
