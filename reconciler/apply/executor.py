"""One step, carried out: read again, compare with what was decided on, write, check the reply."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.apply.descendants import below
from reconciler.apply.endings import WriteProgress, in_conflict, masked, refused, unsure
from reconciler.apply.events import Phase, StepEvent, unobserved
from reconciler.apply.payload import kept_keys, patch_body, whole_body
from reconciler.apply.report import Outcome, Result
from reconciler.errors import (
    AccessError,
    Ambiguous,
    ApiError,
    BadReply,
    Conflict,
    Lagging,
    LockError,
    NotFound,
    TryAgain,
    Unavailable,
)
from reconciler.plan.lock_entries import server_id
from reconciler.plan.step import Action, Reason
from reconciler.resources.kind import Handle
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from reconciler.apply.descendants import Shown
    from reconciler.apply.preconditions import Preconditions
    from reconciler.plan.step import Step
    from reconciler.resources.kind import Kind
    from reconciler.resources.resource import Address, Facts, Resource

ATTEMPTS = 5
UNANSWERED = (Unavailable, BadReply)
"""What a write ends with that may have been carried out all the same."""


class PublishRecorder(Protocol):
    """Keeps the lock in step with publishes."""

    def knows(self, step: Step, now: Resource) -> bool:
        """Whether the lock says that what cannot be read back of `now` is as the step wants it."""
        ...

    def intend(self, step: Step, version: int | None) -> None:
        """Puts the intent of a publish on disk before it is sent. Raises `LockError`."""
        ...

    def published(self, step: Step, resource: Resource) -> None:
        """Records a publish as soon as it is known. Raises `LockError`."""
        ...


@dataclass(slots=True)
class StepExecutor:
    """What it takes to carry steps out: a client, a judge, and the live resources known so far."""

    client: Any
    preconditions: Preconditions
    recorder: PublishRecorder
    organization: str
    known: dict[Address, Resource]
    shown: Shown
    """What the plan shows of deletions."""
    observe: Callable[[StepEvent], None] = unobserved
    posted: set[Address] = field(default_factory=set)
    """What a POST was sent for."""
    writes: int = 0
    broken: str = ""
    """Why what was done could not be recorded: nothing more may be sent."""

    async def perform(self, step: Step) -> Result:
        """Carries the step out. Raises `ApiError`, `AccessError` or `LockError` where it did not end well."""
        if step.action is Action.DELETE:
            return await self._delete(step)
        if self._kind(step).writes == "whole":
            return await self._publish(step)
        return await (self._create(step) if step.action is Action.CREATE else self._patch(step))

    def _kind(self, step: Step) -> Kind:
        return self.preconditions.kind(step)

    def _handle(self, step: Step, facts: Facts | None = None) -> Handle:
        parent = step.address.parent
        above = self.known.get(parent) if parent else None
        own = facts.id if facts else str(step.expected.get("id") or "")
        return Handle(self.organization, step.address, own, above.facts.id if above else "")

    async def _read(self, step: Step, handle: Handle) -> Resource | None:
        """The object as it is now; whatever the server quotes of its secrets is not shown from here on."""
        now = await self._kind(step).calls.read(self.client, handle)
        if now is not None:
            self.client.register_secret(self.preconditions.redacted(step, now.attributes))
        return now

    def _done(self, step: Step, resource: Resource, outcome: Outcome = Outcome.DONE) -> Result:
        self.known[step.address] = resource
        facts = resource.facts
        return Result(step, outcome, status=facts.status, link=facts.link, id=server_id(resource))

    def _announce(self, step: Step, call: str) -> int:
        """Tells that a write is about to be sent; its number."""
        self.writes += 1
        seen = self.known.get(step.address) if call == "write" else None
        keys = tuple(sorted(self.preconditions.others(step, seen)))
        self.observe(StepEvent(Phase.SEND, step.address, step.action, call, self.writes, keys=keys))
        return self.writes

    async def _sent(self, step: Step, call: str, number: int, sending: Awaitable[Any]) -> Any:
        """The answer. That it cannot be told does not undo the write: it stops what comes after."""
        reply = await sending
        try:
            self.observe(StepEvent(Phase.SENT, step.address, step.action, call, number))
        except LockError as error:
            self.broken = str(error)
        return reply

    async def twice(self) -> dict[Address, tuple[str, ...]]:
        """What this run has made and another one too, at the same time: each with all its ids.

        Asks once for each kind of which there may be two. Raises `ApiError` or `AccessError`.
        """
        made = {item for item in self.posted if self.preconditions.table[item.kind].own_ids}
        ids = {item: {self.known[item].facts.id} if item in self.known else set() for item in made}
        for name in sorted({item.kind for item in made}):
            listed = self.preconditions.table[name].calls.list(self.client, self.organization, None)
            async for found in listed:
                if found.address in ids:
                    ids[found.address].add(found.facts.id)
        return {item: tuple(sorted(found)) for item, found in ids.items() if len(found) > 1}

    # create

    async def _create(self, step: Step) -> Result:
        """The POST, and the PATCH that it needs; it is looked for first where making it twice would harm."""
        kind, parent = self._kind(step), step.address.parent
        above = self.known.get(parent) if parent else None
        by_itself = (
            self.preconditions.table[parent.kind].implicit(above.attributes) if parent and above else {}
        )
        if kind.reads_before_create or kind.name in by_itself or step.reason is Reason.LET_GO:
            there = await self._read(step, self._handle(step))
            if there is not None:
                return await self._adopt(step, there)
        return await self._make(step)

    async def _make(self, step: Step) -> Result:
        """Sends it once; once more only where that was no POST, and plainly not made."""
        kind, handle, why = self._kind(step), self._handle(step), ""
        body = patch_body(kind, step.desired, None)
        for attempt in range(1, ATTEMPTS + 1):
            number = self._announce(step, "create")
            self.posted.add(step.address)
            async with self.client.reserve(2 if body else 1):
                try:
                    sending = kind.calls.create(self.client, handle, body)
                    made = await self._sent(step, "create", number, sending)
                except (Conflict, Ambiguous, TryAgain, BadReply, NotFound) as error:
                    failed = error
                else:
                    return await self._made(step, made)
            if isinstance(failed, Conflict):
                return await self._adopt(step, await self._read(step, handle))
            if isinstance(failed, NotFound):
                await self._wait_for(failed, attempt, made=step.address.parent in self.posted)
                continue
            there, why = await self._after_lost_reply(step, failed), failed.message
            if there is not None:
                return await self._adopt(step, there, made=True)
        msg = f"gave up after {ATTEMPTS} attempts: {why}"
        raise Unavailable(msg, subject=step.address)

    async def _made(self, step: Step, made: Resource) -> Result:
        """Goes on from the reply to the POST: it may show an object that was there, with others' values."""
        self.known[step.address] = made
        if not self.preconditions.is_whole(step, made):
            return await self._patch(step, made.facts, made=True)
        self.client.register_secret(self.preconditions.redacted(step, made.attributes))
        if conflicts := self.preconditions.conflicts(step, made, made=True):
            return in_conflict(step, conflicts)
        if not self.preconditions.unsatisfied(step, made):
            return self._done(step, made)
        return await self._patch(step, made.facts, made=True, given=made)

    async def _after_lost_reply(self, step: Step, error: ApiError) -> Resource | None:
        """The object, if it is there; raises `Ambiguous` rather than have a POST made a second time."""
        lost = Ambiguous(error.message, operation=error.operation, subject=step.address, status=error.status)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                there: Resource | None = await self._read(step, self._handle(step))
            except Lagging:
                await self.client.lag(attempt)
                continue
            except ApiError:
                break
            if there is None and not isinstance(error, TryAgain):
                break
            return there
        raise lost

    async def _wait_for(self, failed: NotFound, attempt: int, *, made: bool) -> None:
        """A 404 on what this run has made is a reply that lags. Raises `failed` where it is none."""
        if not made or attempt == ATTEMPTS:
            raise failed
        await self.client.lag(attempt)

    async def _adopt(self, step: Step, there: Resource | None, *, made: bool = False) -> Result:
        """Goes on with an object that exists already, unless someone gave it other values meanwhile."""
        if there is None:
            msg = "the API says that it exists, but does not show it; look at it in the app, or plan again"
            raise Unavailable(msg, subject=step.address)
        self.known[step.address] = there
        if conflicts := self.preconditions.conflicts(step, there, made=made):
            return in_conflict(step, conflicts)
        if not self.preconditions.unsatisfied(step, there):
            return self._done(step, there, Outcome.DONE if made else Outcome.ALREADY)
        return await self._patch(step, there.facts, made=made)

    # update

    async def _patch(
        self,
        step: Step,
        facts: Facts | None = None,
        *,
        made: bool = False,
        given: Resource | None = None,
    ) -> Result:
        """Read, build, send; again from the read as long as the API asks for it."""
        handle, progress = self._handle(step, facts), WriteProgress(made=made, given=given)
        for attempt in range(1, ATTEMPTS + 1):
            progress.number = self._announce(step, "write")
            try:
                done = await self._round(step, handle, progress)
            except TryAgain as again:
                progress.uncertain = again.message
            except NotFound as failed:
                await self._wait_for(failed, attempt, made=progress.made)
            except (ApiError, AccessError) as failed:
                if progress.uncertain or (progress.sent and isinstance(failed, UNANSWERED)):
                    return await self._confirmed(step, handle, failed)
                raise
            else:
                if done is not None:
                    return done
        msg = f"gave up after {ATTEMPTS} attempts: {progress.uncertain}"
        return await self._confirmed(step, handle, Unavailable(msg, subject=step.address))

    async def _confirmed(self, step: Step, handle: Handle, failed: ApiError | AccessError) -> Result:
        """How it ended where no answer came: that is read. Raises `failed` where nothing was carried out."""
        try:
            now: Resource | None = await self._read(step, handle)
        except (ApiError, AccessError):
            msg = f"it may have been carried out, and reading it back failed: {failed}; plan again to see"
            raise Ambiguous(msg, subject=step.address) from None
        ended = self._as_asked(step, now) if now and step.action is not Action.DELETE else None
        if ended:
            return ended
        if not self.preconditions.is_satisfied(step, now):
            raise failed
        return Result(step, Outcome.DONE) if now is None else self._done(step, now)

    async def _round(self, step: Step, handle: Handle, progress: WriteProgress) -> Result | None:
        """One read and, where it is due, the PATCH, with nothing between them; `None` where keys resist."""
        kind = self._kind(step)
        async with nullcontext() if progress.given else self.client.reserve(2):
            now, progress.given = progress.given or await self._read(step, handle), None
            if now is None:
                return self._missing(step, handle, progress)
            if ended := self._before_write(step, now, progress):
                return ended
            body = self.preconditions.redacted(step, patch_body(kind, step.desired, now, progress.nulls))
            progress.sent = True
            reply = await self._sent(
                step, "write", progress.number, kind.calls.write(self.client, handle, body)
            )
        ended = await self._after_write(step, now, reply, progress)
        gone = sorted(self.preconditions.others(step, now) - self.preconditions.others(step, reply))
        if ended is None or not gone or ended.message:
            return ended
        names = ", ".join(f"{kind.keyed}.{key}" for key in gone)
        return replace(ended, message=f"was there before the write, and is gone in the reply: {names}")

    def _missing(self, step: Step, handle: Handle, progress: WriteProgress) -> Result:
        """What it means that it cannot be read. Raises `NotFound` for what this step has just made."""
        if progress.made:
            msg = "it was made, and cannot be read yet; plan again in a minute"
            raise NotFound(msg, subject=step.address)
        return in_conflict(step, (("id", handle.id, handle.id, ABSENT),))

    def _before_write(self, step: Step, now: Resource, progress: WriteProgress) -> Result | None:
        """How the step ends without a write; `None` where one is due."""
        if progress.uncertain and (ended := self._as_asked(step, now)):
            return ended
        if conflicts := self.preconditions.conflicts(step, now, made=progress.made):
            return unsure(step, conflicts) if progress.uncertain else in_conflict(step, conflicts)
        left, kind = self.preconditions.unsatisfied(step, now), self._kind(step)
        if not left:
            return self._done(step, now, progress.outcome)
        masks = self.preconditions.masks(step, now)
        if masks and any(name.startswith(f"{kind.keyed}.") for name in left):
            return Result(step, Outcome.FAILED, masked(kind, masks))
        return None

    async def _after_write(
        self, step: Step, now: Resource, reply: Resource, progress: WriteProgress
    ) -> Result | None:
        """How a write ended by its reply; `None` where keys that were to go resist, and get a null each."""
        if ended := self._as_asked(step, reply):
            return ended
        self.known[step.address] = reply
        resisting = kept_keys(self._kind(step), step, reply)
        if resisting and not progress.nulls:
            progress.nulls = resisting
            return None
        left = self.preconditions.refused(step, now, reply)
        if any(was == kept for _, was, _, kept in left):  # the reply may lag behind the write
            again = await self._read(step, self._handle(step, reply.facts))
            if again and (ended := self._as_asked(step, again)):
                return ended
        message = refused(self.preconditions.unsatisfied(step, reply))
        return Result(step, Outcome.FAILED, message, conflicts=left)

    def _as_asked(self, step: Step, now: Resource) -> Result | None:
        """Done, where everything is there as asked, or in a recognisable form of it."""
        kept = self.preconditions.forms(step, now)
        return None if kept is None else replace(self._done(step, now), kept=kept)

    # publish

    async def _publish(self, step: Step) -> Result:
        """Read, compare, put the intent on disk, send the whole; again where it was plainly not made."""
        kind, handle = self._kind(step), self._handle(step)
        version = step.expected.get("version")
        for _ in range(ATTEMPTS):
            now = await self._read(step, handle)
            if now and self.preconditions.is_satisfied(step, now) and self.recorder.knows(step, now):
                return self._done(step, now, Outcome.ALREADY)
            if conflicts := self.preconditions.conflicts(step, now):
                return in_conflict(step, conflicts)
            self.recorder.intend(step, version)
            number = self._announce(step, "write")
            body = self.preconditions.redacted(step, whole_body(kind, step.desired, now))
            try:
                reply = await self._sent(step, "write", number, kind.calls.write(self.client, handle, body))
            except (Ambiguous, TryAgain) as error:
                reply = await self._published(step, version, error)
                if reply is None:
                    continue
            return self._checked(step, reply, version)
        msg = f"gave up after {ATTEMPTS} attempts, none of which was carried out; run it again"
        raise Unavailable(msg, subject=step.address)

    async def _published(self, step: Step, version: int | None, error: ApiError) -> Resource | None:
        """What became of a publish whose reply was lost; `None` where it was plainly not made."""
        try:
            now: Resource | None = await self._read(step, self._handle(step))
        except ApiError:
            raise Ambiguous(error.message, operation=error.operation, subject=step.address) from None
        found = now.facts.version if now else None
        if found == version:
            return None
        if now is None or found != (version or 0) + 1 or self.preconditions.unsatisfied(step, now):
            msg = "the reply was lost, and what is live is neither as before nor as sent; plan again to see"
            raise Ambiguous(msg, operation=error.operation, subject=step.address)
        return now

    def _checked(self, step: Step, reply: Resource, version: int | None) -> Result:
        left = self.preconditions.unsatisfied(step, reply)
        if version is not None and (reply.facts.version or 0) <= version:
            left = (*left, "version")
        try:
            self.recorder.published(step, reply)
        except LockError as error:
            self.broken = str(error)
        done = self._done(step, reply)
        return Result(step, Outcome.FAILED, refused(left)) if left else done

    # delete

    async def _delete(self, step: Step) -> Result:
        kind, handle = self._kind(step), self._handle(step)
        now = await self._read(step, handle)
        if now is None:
            return Result(step, Outcome.ALREADY)
        if conflicts := self.preconditions.conflicts(step, now):
            return in_conflict(step, conflicts)
        listed = self.known.get(step.address, now)
        found = await below(self.client, self.organization, self.preconditions.table, listed)
        if objections := tuple(self.shown.objections(found, now)):
            msg = f"{'; '.join(objections)}: it would be deleted too; plan again"
            return Result(step, Outcome.FAILED, msg)
        number = self._announce(step, "delete")
        try:
            there = await self._sent(step, "delete", number, kind.calls.delete(self.client, handle))
        except (*UNANSWERED, NotFound) as failed:
            return await self._confirmed(step, handle, failed)
        return Result(step, Outcome.DONE if there else Outcome.ALREADY)
