"""A create: the POST, and at once the PATCH that gives the new object its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.endings import ATTEMPTS, Tries, in_conflict
from reconciler.apply.patch import patch
from reconciler.apply.payload import patch_body
from reconciler.apply.report import Outcome, Result
from reconciler.errors import (
    AlreadyExists,
    Ambiguous,
    ApiError,
    BadReply,
    Lagging,
    Limited,
    NotFound,
    RateLimited,
    TryAgain,
    Unavailable,
)
from reconciler.plan.step import Reason

if TYPE_CHECKING:
    from reconciler.apply.executor import StepExecutor
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Resource


async def create(executor: StepExecutor, step: Step) -> Result:
    """Makes the object; where a second one would do harm, looks first whether it is there."""
    if _reads_first(executor, step):
        live = await executor.read(step, executor.handle(step))
        if live is not None:
            return await _adopt(executor, step, live)
    return await _post(executor, step)


def _reads_first(executor: StepExecutor, step: Step) -> bool:
    """Whether the object may be there already although the plan did not see it."""
    kind, parent = executor.kind(step), step.address.parent
    if kind.writing.reads_before_create or step.reason is Reason.LET_GO:
        return True
    above = executor.known.get(parent) if parent else None
    if parent is None or above is None:
        return False
    # Under such a parent the server makes each child by itself, as soon as the parent was changed.
    return kind.name in executor.preconditions.table[parent.kind].implicit(above.attributes)


async def _post(executor: StepExecutor, step: Step) -> Result:
    """Sends the POST. It is sent again only where it certainly was not carried out.

    The client raises `Ambiguous` where nobody knows whether the server carried it out: a lost reply, a 502.
    Sending it again could make a second object, so the object is looked for instead.
    """
    kind, handle, why, tries = executor.kind(step), executor.handle(step), "", Tries()
    unanswered = False  # an attempt may have been carried out: what exists then may be ours
    body = patch_body(kind, step.desired, None)
    for attempt in tries:
        number = executor.announce(step, "create")
        executor.posted.add(step.address)
        # Both requests are paid for before the first one: no wait for the rate limit may come between them,
        # in which an integration could write its own keys into the new object.
        async with executor.client.reserve(2 if body else 1):
            try:
                sending = kind.calls.create(executor.client, handle, body)
                created = await executor.sent(step, "create", number, sending)
            except (AlreadyExists, Ambiguous, TryAgain, BadReply, NotFound) as error:
                failed = error
            else:
                return await _continue(executor, step, created)
        if isinstance(failed, AlreadyExists):
            return await _adopt(executor, step, await executor.read(step, handle), created=unanswered)
        tries.failed(failed)
        if isinstance(failed, NotFound):
            # The parent was made a moment ago by this run, and the server does not show it everywhere yet.
            await executor.wait_for(failed, attempt, created=step.address.parent in executor.posted)
            continue
        unanswered = unanswered or not isinstance(failed, Limited)
        live, why = await _after_lost_reply(executor, step, failed), failed.message
        if live is not None:
            return await _adopt(executor, step, live, created=True)
    msg = f"gave up after {ATTEMPTS} attempts: {why}"
    raise Unavailable(msg, subject=step.address)


async def _continue(executor: StepExecutor, step: Step, created: Resource) -> Result:
    """Goes on from the reply to the POST, which is as good as a read.

    The reply may show an object that existed before, with values of other people: a POST of an installation
    that exists returns it. So it is compared with what the step expects, like any read.
    """
    executor.known[step.address] = created
    if not executor.preconditions.is_whole(step, created):
        return await patch(executor, step, created.facts, created=True)
    executor.client.register_secret(executor.preconditions.redacted(step, created.attributes))
    if conflicts := executor.preconditions.conflicts(step, created, created=True):
        return in_conflict(step, conflicts)
    if not executor.preconditions.unsatisfied(step, created):
        return executor.done(step, created)
    try:
        return await patch(executor, step, created.facts, created=True, read=created)
    except RateLimited as error:
        # The object exists now, so the step did not end as skipped: its values are what is missing.
        return Result(step, Outcome.FAILED, f"made, but without its values: {error}; run it again")


async def _after_lost_reply(executor: StepExecutor, step: Step, error: ApiError) -> Resource | None:
    """The object, if it is there; `None` where the request may be sent again.

    Raises `Ambiguous` where it is not there after a POST: it may appear later, and a second POST would then
    have made two.
    """
    lost = Ambiguous(error.message, operation=error.operation, subject=step.address, status=error.status)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            live: Resource | None = await executor.read(step, executor.handle(step))
        except Lagging:  # one reply says that it exists, and the list does not show it yet
            await executor.client.lag(attempt)
            continue
        except ApiError:
            break
        if live is None and not isinstance(error, TryAgain):
            break
        return live
    raise lost


async def _adopt(
    executor: StepExecutor, step: Step, live: Resource | None, *, created: bool = False
) -> Result:
    """Goes on with an object that exists already, unless somebody gave it other values meanwhile."""
    if live is None:
        msg = "the API says that it exists, but does not show it; look at it in the app, or plan again"
        raise Unavailable(msg, subject=step.address)
    executor.known[step.address] = live
    if conflicts := executor.preconditions.conflicts(step, live, created=created):
        return in_conflict(step, conflicts)
    if not executor.preconditions.unsatisfied(step, live):
        return executor.done(step, live, Outcome.DONE if created else Outcome.ALREADY)
    return await patch(executor, step, live.facts, created=created)
