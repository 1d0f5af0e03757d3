"""An update: read the object, compare, send the PATCH at once, compare the reply."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.apply.endings import (
    ATTEMPTS,
    UNANSWERED,
    Tries,
    WriteProgress,
    in_conflict,
    masked,
    null_refused,
    refused,
    unsure,
)
from reconciler.apply.payload import patch_body, remaining_keys
from reconciler.apply.preconditions import gone
from reconciler.apply.report import Outcome, Result
from reconciler.errors import AccessError, ApiError, Limited, NotFound, TryAgain, Unavailable

if TYPE_CHECKING:
    from reconciler.apply.executor import StepExecutor
    from reconciler.plan.step import Step
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import Facts, Resource


async def patch(
    executor: StepExecutor,
    step: Step,
    facts: Facts | None = None,
    *,
    created: bool = False,
    read: Resource | None = None,
) -> Result:
    """Reads, builds and sends; again from the read as long as the API asks for it.

    `facts` are those of an object that the plan did not know. With `read` the object was just read, so the
    first write needs no read of its own.
    """
    handle, progress = executor.handle(step, facts), WriteProgress(created=created, read=read)
    kind = executor.kind(step)
    tries = Tries()
    for attempt in tries:
        progress.number = executor.announce(step, "write")
        try:
            result = await _round(executor, step, handle, progress)
        except Limited as limited:
            tries.failed(limited)  # it was not carried out: nothing is uncertain
        except TryAgain as again:
            # The client does not repeat a PATCH of a whole configuration: while it waited, the integration
            # may have written its own keys, and the old body would drop them. It is built from a new read.
            progress.uncertain = again.message
        except NotFound as failed:
            await executor.wait_for(failed, attempt, created=progress.created)
        except (ApiError, AccessError) as failed:
            if progress.uncertain or (progress.sent and isinstance(failed, UNANSWERED)):
                return await executor.confirm(step, handle, failed)
            if progress.nulls and type(failed) is ApiError:
                return Result(step, Outcome.FAILED, null_refused(kind, progress.nulls, failed))
            raise
        else:
            if result is not None:
                return result
    msg = f"gave up after {ATTEMPTS} attempts: {progress.uncertain}"
    return await executor.confirm(step, handle, Unavailable(msg, subject=step.address))


async def _round(
    executor: StepExecutor, step: Step, handle: Handle, progress: WriteProgress
) -> Result | None:
    """One read and, where something is left to do, the PATCH; `None` where the write has to be sent again."""
    kind, preconditions = executor.kind(step), executor.preconditions
    read, progress.read = progress.read, None
    async with nullcontext(read) if read else executor.read_before_write(step, handle) as now:
        if now is None:
            return _missing(step, handle, progress)
        if result := _before_write(executor, step, now, progress):
            return result
        body = preconditions.redacted(step, patch_body(kind, step.desired, now, progress.nulls))
        progress.sent = True
        sending = kind.calls.write(executor.client, handle, body)
        reply = await executor.sent(step, "write", progress.number, sending)
    result = await _after_write(executor, step, now, reply, progress)
    lost = sorted(preconditions.others(step, now) - preconditions.others(step, reply))
    if result is None or not lost or result.message:
        return result
    names = ", ".join(f"{kind.keyed}.{key}" for key in lost)
    return replace(result, message=f"was there before the write, and is gone in the reply: {names}")


def _missing(step: Step, handle: Handle, progress: WriteProgress) -> Result:
    """How the step ends where the object cannot be read. Raises `NotFound` for one that it just created."""
    if progress.created:
        msg = "it was made, and cannot be read yet; plan again in a minute"
        raise NotFound(msg, subject=step.address)
    return in_conflict(step, (gone(handle.id),))


def _before_write(
    executor: StepExecutor, step: Step, now: Resource, progress: WriteProgress
) -> Result | None:
    """How the step ends without a write; `None` where a write is due."""
    preconditions = executor.preconditions
    if progress.uncertain and (result := executor.as_asked(step, now)):
        return result  # the write that got no answer was carried out
    if conflicts := preconditions.conflicts(step, now, created=progress.created):
        return unsure(step, conflicts) if progress.uncertain else in_conflict(step, conflicts)
    unsatisfied, kind = preconditions.unsatisfied(step, now), executor.kind(step)
    if not unsatisfied:
        return executor.done(step, now, progress.outcome)
    masks = preconditions.masks(step, now)
    if masks and any(name.startswith(f"{kind.keyed}.") for name in unsatisfied):
        return Result(step, Outcome.FAILED, masked(kind, masks))
    return None


async def _after_write(
    executor: StepExecutor, step: Step, now: Resource, reply: Resource, progress: WriteProgress
) -> Result | None:
    """How the step ends by the reply to its write; `None` where keys have to be removed with a null each."""
    if result := executor.as_asked(step, reply):
        return result
    executor.known[step.address] = reply
    # The reference does not say whether a PATCH replaces the configuration or merges it. Where it merges, a
    # key that is left out stays, and only an explicit null removes it. A null is not sent at first, because
    # a server that replaces would store it.
    remaining = remaining_keys(executor.kind(step), step, reply)
    if remaining and not progress.nulls:
        progress.nulls = remaining
        return None
    conflicts = executor.preconditions.refused(step, now, reply)
    if any(item.before == item.now for item in conflicts):  # the reply may lag behind the write
        again = await executor.read(step, executor.handle(step, reply.facts))
        if again and (result := executor.as_asked(step, again)):
            return result
    message = refused(executor.preconditions.unsatisfied(step, reply))
    return Result(step, Outcome.FAILED, message, conflicts=conflicts)
