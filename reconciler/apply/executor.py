"""One step, carried out: what creates, updates, publishes and deletes have in common.

Each kind of step has its own module (`create`, `patch`, `publish`, `delete`). They all read the object before
they write: a plan may be hours old, and nothing that somebody changed since then may be overwritten.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.apply.create import create
from reconciler.apply.delete import delete
from reconciler.apply.endings import ATTEMPTS
from reconciler.apply.events import Phase, StepEvent, unobserved
from reconciler.apply.patch import patch
from reconciler.apply.publish import publish
from reconciler.apply.report import Outcome, Result
from reconciler.errors import AccessError, Ambiguous, ApiError, LockError, NotFound
from reconciler.plan.lock_entries import server_id
from reconciler.plan.step import Action
from reconciler.resources.kind import Handle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from reconciler.apply.descendants import PlannedDeletions
    from reconciler.apply.page_reads import PageReads
    from reconciler.apply.preconditions import Preconditions
    from reconciler.plan.step import Step
    from reconciler.resources.api import Api
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Address, Facts, Resource


class PublishRecorder(Protocol):
    """Keeps the lock in step with publishes."""

    def knows(self, step: Step, now: Resource) -> bool:
        """Whether the lock says that what cannot be read back of `now` is as the step wants it."""
        ...

    def check(self) -> None:
        """Raises `LockError` if another run has taken the lock over: nothing more may be sent."""
        ...

    async def intend(self, step: Step, version: int | None) -> None:
        """Puts the intent of a publish into the store before it is sent. Raises `LockError`."""
        ...

    async def published(self, step: Step, resource: Resource) -> None:
        """Records a publish as soon as it is known. Raises `LockError`."""
        ...


@dataclass(slots=True)
class StepExecutor:
    """What it takes to carry steps out: a client, the preconditions, and the live resources known so far."""

    client: Api
    preconditions: Preconditions
    recorder: PublishRecorder
    organization: str
    known: dict[Address, Resource]
    planned_deletions: PlannedDeletions
    pages: PageReads
    observe: Callable[[StepEvent], None] = unobserved
    posted: set[Address] = field(default_factory=set)
    """Addresses for which a POST was sent."""
    writes: int = 0
    broken: str = ""
    """Why what was done could not be recorded: nothing more may be sent."""

    async def perform(self, step: Step) -> Result:
        """Carries the step out. Raises `ApiError`, `AccessError` or `LockError` where it did not end well."""
        if step.action is Action.DELETE:
            return await delete(self, step)
        if self.kind(step).writing.mode == "whole":
            return await publish(self, step)
        return await (create(self, step) if step.action is Action.CREATE else patch(self, step))

    async def duplicates(self) -> dict[Address, tuple[str, ...]]:
        """What this run has created and another run too, at the same time: each address with all its ids.

        Two runs may install at the same time, and the server accepts both. The list after the run shows it.
        Asks once for each kind of which there may be two. Raises `ApiError` or `AccessError`.
        """
        created = {item for item in self.posted if self.preconditions.table[item.kind].live.own_ids}
        ids = {item: {self.known[item].facts.id} if item in self.known else set() for item in created}
        for name in sorted({item.kind for item in created}):
            listed = self.preconditions.table[name].calls.list(self.client, self.organization, None)
            async for resource in listed:
                if resource.address in ids:
                    ids[resource.address].add(resource.facts.id)
        return {item: tuple(sorted(each)) for item, each in ids.items() if len(each) > 1}

    # what the modules of the four kinds of steps use

    def kind(self, step: Step) -> Kind:
        """The row of the step's address."""
        return self.preconditions.kind(step)

    def handle(self, step: Step, facts: Facts | None = None) -> Handle:
        """What a call needs to find the object: by `facts`, else by what the step expects."""
        parent = step.address.parent
        above = self.known.get(parent) if parent else None
        own_id = facts.id if facts else step.expected.identity.id or ""
        return Handle(self.organization, step.address, own_id, above.facts.id if above else "")

    async def read(self, step: Step, handle: Handle) -> Resource | None:
        """The object as it is now. Its secrets are cut out of whatever the server says later."""
        now = await self.kind(step).calls.read(self.client, handle)
        if now is not None:
            self.client.register_secret(self.preconditions.redacted(step, now.attributes))
        return now

    @asynccontextmanager
    async def read_before_write(self, step: Step, handle: Handle) -> AsyncIterator[Resource | None]:
        """The object as it is now; the write inside follows at once.

        A PATCH replaces the whole configuration, and the API has no ETag: what somebody writes between this
        read and the write is lost. So both are paid for at once, and nothing waits between them.
        """
        async with self.pages.shown(step) as now:
            if now is not None:
                self.client.register_secret(self.preconditions.redacted(step, now.attributes))
                yield now
                return
        async with self.client.reserve(2):
            yield await self.read(step, handle)

    def announce(self, step: Step, call: str) -> int:
        """Reports that a write is about to be sent, and gives it a number.

        The event is on disk before the request leaves, with the names of the keys that others have there:
        if one of them is gone afterwards, the events file shows which.

        Raises `LockError` if the lock is lost.
        """
        self.recorder.check()
        self.writes += 1
        seen = self.known.get(step.address) if call == "write" else None
        keys = tuple(sorted(self.preconditions.others(step, seen)))
        self.observe(StepEvent(Phase.SEND, step.address, step.action, call, self.writes, keys=keys))
        return self.writes

    async def sent(self, step: Step, call: str, number: int, sending: Awaitable[Any]) -> Any:
        """The answer to a write.

        Where the events file cannot be written any more, the write is done all the same; `broken` stops the
        writes that would come after it.
        """
        reply = await sending
        self.pages.written.add(step.address)
        try:
            self.observe(StepEvent(Phase.SENT, step.address, step.action, call, number))
        except LockError as error:
            self.broken = str(error)
        return reply

    async def wait_for(self, failed: NotFound, attempt: int, *, created: bool) -> None:
        """Waits where a 404 only means that reads lag behind this run's own POST; else raises `failed`."""
        if not created or attempt == ATTEMPTS:
            raise failed
        await self.client.lag(attempt)

    async def confirm(self, step: Step, handle: Handle, failed: ApiError | AccessError) -> Result:
        """Reads how a write ended that got no answer. Raises `failed` where it was not carried out."""
        try:
            now: Resource | None = await self.read(step, handle)
        except (ApiError, AccessError):
            msg = f"it may have been carried out, and reading it back failed: {failed}; plan again to see"
            raise Ambiguous(msg, subject=step.address) from None
        result = self.as_asked(step, now) if now and step.action is not Action.DELETE else None
        if result:
            return result
        if not self.preconditions.is_satisfied(step, now):
            raise failed
        return Result(step, Outcome.DONE) if now is None else self.done(step, now)

    def as_asked(self, step: Step, now: Resource) -> Result | None:
        """Done, where everything is there as asked, or in a recognisable form of it."""
        stored_forms = self.preconditions.forms(step, now)
        return None if stored_forms is None else replace(self.done(step, now), kept=stored_forms)

    def done(self, step: Step, resource: Resource, outcome: Outcome = Outcome.DONE) -> Result:
        """The step ended well, with this object."""
        self.known[step.address] = resource
        facts = resource.facts
        return Result(step, outcome, status=facts.status, link=facts.link, id=server_id(resource))
