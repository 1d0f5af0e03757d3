"""One step, carried out: read again, compare with what was decided on, write, check the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.diff import flat, live_key, live_value, satisfied
from reconciler.digest import Digest, Salt
from reconciler.errors import Ambiguous, ApiError, Conflict, TryAgain, Unavailable
from reconciler.event import Happened, Moment, unobserved
from reconciler.kind import Handle, Kind, Mark, Table
from reconciler.report import Outcome, Result
from reconciler.resource import Address, Facts, Resource
from reconciler.step import ABSENT, Action, Step
from reconciler.value import is_known, same

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 5

Moved = tuple[tuple[str, object, object, object], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a fresh read says of a step: fields still to write, and fields that moved (before, then, now)."""

    open: tuple[str, ...] = ()
    moved: Moved = ()


@dataclass(slots=True)
class Hands:
    """What it takes to carry steps out: a client, the table, and the live resources known so far."""

    client: Any
    table: Table
    organization: str
    salt: Salt
    known: dict[Address, Resource]
    observe: Callable[[Happened], None] = unobserved
    before_publish: Callable[[Step, int | None], None] = lambda _step, _version: None
    after_publish: Callable[[Step, Resource], None] = lambda _step, _resource: None
    writes: int = field(default=0)

    async def perform(self, step: Step) -> Result:
        """Carries the step out. Raises `ApiError`, `AccessError` or `LockError` where it did not end well."""
        match step.action:
            case Action.CREATE:
                return await self._create(step)
            case Action.UPDATE:
                return await self._update(step)
            case Action.DELETE:
                return await self._delete(step)

    def _kind(self, step: Step) -> Kind:
        return self.table[step.address.kind]

    def _handle(self, step: Step, facts: Facts | None = None) -> Handle:
        parent = step.address.parent
        above = self.known.get(parent) if parent else None
        own = facts.id if facts else str(step.basis.get("id") or "")
        return Handle(self.organization, step.address, own, above.facts.id if above else "")

    def _done(self, step: Step, resource: Resource, outcome: Outcome = Outcome.DONE) -> Result:
        self.known[step.address] = resource
        return Result(step, outcome, status=resource.facts.status, link=resource.facts.link)

    async def _send(self, step: Step, call: str, sending: Any) -> Any:
        """Sends one write, with its intent told before and its answer after."""
        self.writes += 1
        number = self.writes
        try:
            self.observe(Happened(Moment.SEND, step.address, step.action, call, number))
        except BaseException:
            sending.close()
            raise
        answer = await sending
        self.observe(Happened(Moment.SENT, step.address, step.action, call, number))
        return answer

    # create

    async def _create(self, step: Step) -> Result:
        kind, parent = self._kind(step), step.address.parent
        above = self.known.get(parent) if parent else None
        if kind.looks_first or (above and kind.name in above.facts.everywhere):
            there = await kind.calls.read(self.client, self._handle(step))
            if there is not None:
                return await self._adopt(step, there)
        if kind.writes == "whole":
            return await self._publish(step, None)
        return await self._make(step)

    async def _make(self, step: Step) -> Result:
        kind, handle = self._kind(step), self._handle(step)
        async with self.client.together(2):
            try:
                body = _patch(kind, step.desired, None)
                made = await self._send(step, "create", kind.calls.create(self.client, handle, body))
            except Conflict:
                return await self._adopt(step, await kind.calls.read(self.client, handle))
            except Ambiguous as error:
                return await self._after_lost_reply(step, error)
            self.known[step.address] = made
            if not unmet(kind, step, made):
                return self._done(step, made)
            try:
                return await self._write(step, made, self._handle(step, made.facts))
            except TryAgain:
                pass
        return await self._patch_until_settled(step, self._handle(step, made.facts), judged=False)

    async def _after_lost_reply(self, step: Step, error: Ambiguous) -> Result:
        """Whether the object is there is asked; it is never made a second time."""
        try:
            there = await self._kind(step).calls.read(self.client, self._handle(step))
        except ApiError:
            raise error from None
        if there is None:
            msg = "the reply was lost and the object is not there; run again"
            raise Unavailable(msg, operation=error.operation, subject=step.address)
        return await self._adopt(step, there, ours=True)

    async def _adopt(self, step: Step, there: Resource | None, *, ours: bool = False) -> Result:
        """Goes on with an object that exists already, unless someone gave it other values meanwhile."""
        kind = self._kind(step)
        if there is None:
            msg = "the API says that it exists, but does not show it; look at it in the app"
            raise Ambiguous(msg, subject=step.address)
        self.known[step.address] = there
        if kind.writes == "whole":
            return Result(step, Outcome.FAILED, _exists(kind), moved=(("version", ABSENT, ABSENT, there.facts.version),))
        verdict = self._judge(step, there)
        if verdict.moved and not ours:
            return _moved(step, verdict.moved)
        if not unmet(kind, step, there):
            return self._done(step, there, Outcome.DONE if ours else Outcome.ALREADY)
        return await self._patch_until_settled(step, self._handle(step, there.facts), judged=not ours)

    # update

    async def _update(self, step: Step) -> Result:
        if self._kind(step).writes == "whole":
            return await self._publish(step, step.basis.get("version"))
        return await self._patch_until_settled(step, self._handle(step), judged=True)

    async def _patch_until_settled(self, step: Step, handle: Handle, *, judged: bool) -> Result:
        """Read, build, send: again from the read as long as the API asks for it. Nothing lies between read and PATCH."""
        kind, error = self._kind(step), None
        for attempt in range(ATTEMPTS):
            try:
                async with self.client.together(2):
                    now = await kind.calls.read(self.client, handle)
                    if now is None:
                        return Result(step, Outcome.FAILED, "it is gone; plan again", moved=(("id", handle.id, handle.id, ABSENT),))
                    verdict = self._judge(step, now)
                    if not verdict.open and not verdict.moved:
                        return self._done(step, now, Outcome.DONE if attempt else Outcome.ALREADY)
                    if verdict.moved and judged:
                        return _moved(step, verdict.moved)
                    return await self._write(step, now, handle)
            except TryAgain as again:
                error = again
            except ApiError as failed:
                if error is None:
                    raise
                msg = f"the PATCH may have been made, and reading it back failed: {failed.message}"
                raise Ambiguous(msg, operation=failed.operation, subject=step.address, status=failed.status) from None
        raise Unavailable(f"gave up after {ATTEMPTS} attempts: {error.message if error else ''}", subject=step.address)

    async def _write(self, step: Step, now: Resource, handle: Handle) -> Result:
        kind = self._kind(step)
        body = _patch(kind, step.desired, now)
        reply = await self._send(step, "write", kind.calls.write(self.client, handle, body))
        left = unmet(kind, step, reply)
        if left and (stubborn := _kept(kind, step, reply)):
            body = {kind.keyed: {**reply.attributes[kind.keyed], **dict.fromkeys(stubborn)}}
            reply = await self._send(step, "write", kind.calls.write(self.client, handle, body))
            left = unmet(kind, step, reply)
        if left:
            self.known[step.address] = reply
            return Result(step, Outcome.FAILED, _refused_fields(left))
        return self._done(step, reply)

    # publish

    async def _publish(self, step: Step, version: int | None) -> Result:
        kind, handle = self._kind(step), self._handle(step)
        for _ in range(ATTEMPTS):
            now = await kind.calls.read(self.client, handle)
            found = now.facts.version if now else None
            if found != version:
                return _moved(step, (("version", version, _next(version), found),))
            if now and (verdict := self._judge(step, now)).moved:
                return _moved(step, verdict.moved)
            self.before_publish(step, version)
            body = whole(kind, step.desired, now)
            try:
                reply = await self._send(step, "write", kind.calls.write(self.client, handle, body))
            except (Ambiguous, TryAgain) as error:
                reply = await self._published(step, version, error)
                if reply is None:
                    continue
            return self._checked(step, reply, version)
        raise Unavailable(f"gave up after {ATTEMPTS} attempts", subject=step.address)

    async def _published(self, step: Step, version: int | None, error: ApiError) -> Resource | None:
        """What became of a publish whose reply was lost; `None` where it was plainly not made."""
        kind = self._kind(step)
        now = await kind.calls.read(self.client, self._handle(step))
        found = now.facts.version if now else None
        if found == version:
            return None
        if now is None or found != _next(version) or unmet(kind, step, now):
            msg = "the reply was lost, and what is live is neither as before nor as sent"
            raise Ambiguous(msg, operation=error.operation, subject=step.address)
        return now

    def _checked(self, step: Step, reply: Resource, version: int | None) -> Result:
        left = unmet(self._kind(step), step, reply)
        if version is not None and (reply.facts.version or 0) <= version:
            left = (*left, "version")
        self.after_publish(step, reply)
        if left:
            self.known[step.address] = reply
            return Result(step, Outcome.FAILED, _refused_fields(left))
        return self._done(step, reply)

    # delete

    async def _delete(self, step: Step) -> Result:
        kind, handle = self._kind(step), self._handle(step)
        now = await kind.calls.read(self.client, handle)
        if now is None:
            return Result(step, Outcome.ALREADY)
        moved = self.moved_since(step, now)
        if moved:
            return _moved(step, moved)
        there = await self._send(step, "delete", kind.calls.delete(self.client, handle))
        return Result(step, Outcome.DONE if there else Outcome.ALREADY)

    # judging

    def _judge(self, step: Step, now: Resource) -> Verdict:
        """Per declared field: as desired, as planned (so open), or moved."""
        kind = self._kind(step)
        open_ = unmet(kind, step, now)
        moved = [
            (name, step.basis.get(name, ABSENT), wanted(kind, step, name), value)
            for name in open_
            if not self._as_decided(step.basis.get(name, ABSENT), value := value_of(kind, now, name), kind, step, name)
        ]
        if (then := step.basis.get("id")) and then != now.facts.id:
            moved.append(("id", then, then, now.facts.id))
        hidden = tuple(change.name for change in step.changes if kind.fields[change.path[0]].has(Mark.WRITE_ONLY))
        return Verdict((*open_, *hidden), tuple(moved))

    def _as_decided(self, then: Any, now: Any, kind: Kind, step: Step, name: str) -> bool:
        if isinstance(then, Digest):
            return now is not ABSENT and self.salt.matches(now, then.text)
        if then is ABSENT or now is ABSENT:
            return then is now or self._is_default(kind, step, name, now if then is ABSENT else then)
        return not is_known(then) or same(then, now)

    def _is_default(self, kind: Kind, step: Step, name: str, value: Any) -> bool:
        """What the server filled in by itself is nobody's change."""
        field_, _, key = name.partition(".")
        if field_ != kind.keyed:
            return value in ([], {}, "")
        schema = kind.schema(step.address, {}, self.known)
        return schema is not None and key in schema.defaults and same(schema.defaults[key], value)

    def moved_since(self, step: Step, now: Resource | None) -> Moved:
        """What a step decided on that is not so any more: field, before, then, now."""
        if now is None:
            return () if step.action is Action.CREATE else (("id", step.basis.get("id"), step.basis.get("id"), ABSENT),)
        kind = self._kind(step)
        moved = []
        for name, then in step.basis.items():
            value = now.facts.version if name == "version" else now.facts.id if name == "id" else value_of(kind, now, name)
            if not self._as_decided(then, value, kind, step, name):
                moved.append((name, then, wanted(kind, step, name), value))
        return tuple(moved)

    def is_settled(self, step: Step, now: Resource | None) -> bool:
        """Whether the step's object is already as desired, so that nothing is left to send."""
        if step.action is Action.DELETE:
            return now is None
        kind = self._kind(step)
        return now is not None and kind.writes != "whole" and not unmet(kind, step, now)


def value_of(kind: Kind, resource: Resource, name: str) -> Any:
    """The live value of a field or key by its name."""
    field_, dot, key = name.partition(".")
    if dot and field_ == kind.keyed:
        return live_key(kind, resource, key)
    return live_value(kind.fields[field_], resource) if field_ in kind.fields else ABSENT


def wanted(kind: Kind, step: Step, name: str) -> Any:
    """The value that the step wants for a field or key; absent for a removal."""
    field_, dot, key = name.partition(".")
    value = step.desired.get(field_, ABSENT)
    if dot and field_ == kind.keyed:
        value = value.get(key) if isinstance(value, Mapping) else None
    return ABSENT if value is None else value


def unmet(kind: Kind, step: Step, now: Resource) -> tuple[str, ...]:
    """The declared fields that do not hold in `now`, as far as they can be read back."""
    return satisfied(kind, Resource(step.address, step.desired), now)


def _patch(kind: Kind, desired: Mapping[str, Any], now: Resource | None) -> dict[str, Any]:
    """The PATCH body: declared fields that differ; the keyed one as the live object with all declared keys over it."""
    body: dict[str, Any] = {}
    for name, value in desired.items():
        item = kind.fields[name]
        if name == kind.keyed:
            live = dict(now.attributes.get(name) or {}) if now else {}
            merged = {key: entry for key, entry in {**live, **value}.items() if entry is not None or key not in value}
            if now is None or not same(merged, live):
                body[name] = merged
        elif now is None or not item.same(value, live_value(item, now)):
            body[name] = value
    return body


def whole(kind: Kind, desired: Mapping[str, Any], now: Resource | None) -> dict[str, Any]:
    """The body that replaces the document: declared fields over live ones over what must always be sent."""
    always = {name: item.assumed for name, item in kind.fields.items() if item.has(Mark.ALWAYS)}
    live = dict(now.attributes) if now else {}
    return {**always, **live, **desired}


def _kept(kind: Kind, step: Step, reply: Resource) -> tuple[str, ...]:
    """Keys that were to go and are still there: a server that merges needs an explicit null."""
    declared = step.desired.get(kind.keyed) or {}
    return tuple(
        path[1]
        for path, value in flat(kind, {kind.keyed: declared})
        if len(path) > 1 and value is None and live_key(kind, reply, path[1]) is not ABSENT
    )


def _moved(step: Step, moved: Moved) -> Result:
    names = ", ".join(name for name, *_ in moved)
    return Result(step, Outcome.FAILED, f"changed since it was planned: {names}; plan again", moved=moved)


def _refused_fields(names: tuple[str, ...]) -> str:
    return f"the API answered, but did not take {', '.join(names)}; look at it in the app, or plan again"


def _exists(kind: Kind) -> str:
    return f"this {kind.word} has been published since it was planned; plan again"


def _next(version: int | None) -> int:
    return (version or 0) + 1
