"""A publish: read, compare, put the intent into the lock, send the whole document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.endings import ATTEMPTS, Tries, in_conflict, refused
from reconciler.apply.payload import whole_body
from reconciler.apply.report import Outcome, Result
from reconciler.errors import Ambiguous, ApiError, LockError, TryAgain, Unavailable
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.apply.executor import StepExecutor
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Resource


async def publish(executor: StepExecutor, step: Step) -> Result:
    """Publishes once; again only where the version shows that the first one was not carried out."""
    kind, handle, preconditions = executor.kind(step), executor.handle(step), executor.preconditions
    version, tries = _expected_version(step), Tries()
    for _ in tries:
        now = await executor.read(step, handle)
        # The script cannot be read back. Only the lock knows whether the one that is live is ours.
        if now and preconditions.is_satisfied(step, now) and executor.recorder.knows(step, now):
            return executor.done(step, now, Outcome.ALREADY)
        if conflicts := preconditions.conflicts(step, now):
            return in_conflict(step, conflicts)
        # The intent is in the store before the request is sent. If this process is killed in between, the
        # next run sees from it and from the live version whether the publish was carried out.
        await executor.recorder.intend(step, version)
        number = executor.announce(step, "write")
        body = preconditions.redacted(step, whole_body(kind, step, now))
        sending = kind.calls.write(executor.client, handle, body)
        try:
            reply = await executor.sent(step, "write", number, sending)
        except (Ambiguous, TryAgain) as error:
            tries.failed(error)
            published = await _after_lost_reply(executor, step, version, error)
            if published is None:
                continue
            reply = published
        return await _checked(executor, step, reply, version)
    msg = f"gave up after {ATTEMPTS} attempts, none of which was carried out; run it again"
    raise Unavailable(msg, subject=step.address)


def _expected_version(step: Step) -> int | None:
    version = step.expected.identity.version
    return None if version is ABSENT else version


async def _after_lost_reply(
    executor: StepExecutor, step: Step, version: int | None, error: ApiError
) -> Resource | None:
    """What a publish whose reply was lost has left; `None` where it was certainly not carried out.

    A publish raises the version by one. One higher with our fields is ours, the same version means that
    nothing happened, and anything else is for a person to look at.
    """
    try:
        now: Resource | None = await executor.read(step, executor.handle(step))
    except ApiError:
        raise Ambiguous(error.message, operation=error.operation, subject=step.address) from None
    live_version = now.facts.version if now else None
    if live_version == version:
        return None
    if now is None or live_version != (version or 0) + 1 or executor.preconditions.unsatisfied(step, now):
        msg = "the reply was lost, and what is live is neither as before nor as sent; plan again to see"
        raise Ambiguous(msg, operation=error.operation, subject=step.address)
    return now


async def _checked(executor: StepExecutor, step: Step, reply: Resource, version: int | None) -> Result:
    """How it ended by the reply. The lock is written at once: nothing else remembers what was published."""
    unsatisfied = executor.preconditions.unsatisfied(step, reply)
    if version is not None and (reply.facts.version or 0) <= version:
        unsatisfied = (*unsatisfied, "version")
    try:
        await executor.recorder.published(step, reply)
    except LockError as error:
        executor.broken = str(error)
    done = executor.done(step, reply)
    return Result(step, Outcome.FAILED, refused(unsatisfied)) if unsatisfied else done
