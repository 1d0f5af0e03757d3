"""A server, those who meddle with it, and a log of it all: before each request others may act."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.exploration.engine import (
    Crash,
    Ended,
    LockStore,
    Lost,
    Shown,
    carry_out,
    make_plan,
    remembered,
    reopened,
)
from tests.exploration.server import Answer, Flat, Key, Refusal, Server, method, target
from tests.exploration.story import DEEDS, Start, Story, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.exploration.server import Behaviour


class Idle(BaseException):
    """The only event of a story changes nothing: it is the story without it."""


ROUNDS = 4
"""After so many applies a world has settled, or never will."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of ours, or one deed of somebody else."""

    number: int
    phase: str
    """`plan`, `reopen` or `apply`."""
    actor: str
    what: str
    about: Key
    before: Flat
    after: Flat
    body: Any = None
    shown: Flat = field(default_factory=dict)
    """The objects that the reply showed us, with their configuration."""
    status: int = 0
    fault: str = ""
    hidden: frozenset[Key] = frozenset()
    """Objects that lists did not show yet when it was sent."""
    implicit: frozenset[Key] = frozenset()
    """Bindings that existed by themselves when it was sent."""

    @property
    def ours(self) -> bool:
        """Whether it is a request of ours."""
        return self.actor == "we"

    @property
    def method(self) -> str:
        """`GET`, `POST`, `PATCH` or `DELETE`."""
        return method(self.what)

    @property
    def writes(self) -> bool:
        """Whether it is a request of ours that may change something."""
        return self.ours and self.method != "GET"

    @property
    def committed(self) -> bool:
        """Whether it is one that was carried out."""
        return self.writes and self.status in (200, 201, 205)


class World:
    """Answers requests, and lets the story's events happen between them."""

    def __init__(self, story: Story) -> None:
        self.server = Server(story.behaviour)
        story.start.put(self.server)
        self.alone = len(story.events) == 1
        self.wide = "-" not in (story.wish.site, story.wish.other)
        """Whether steps may go at once, so that their requests take turns."""
        self.events: Mapping[int, list[str]] = {}
        for event in story.events:
            self.events = {**self.events, event.at: [*self.events.get(event.at, []), event.what]}
        self.log: list[Entry] = []
        self.number = 0
        self.phase = "plan"

    def request(self, operation: str, params: dict[str, Any], body: Any) -> Answer:
        """The answer to one request. Raises `Refusal`, `Lost` or `Crash`."""
        self.number += 1
        self.server.now = self.number
        events = self.events.get(self.number, [])
        for what in events:
            if what in DEEDS:
                self._deed(what)
        fault = next((what for what in events if what not in DEEDS), "")
        if fault.endswith("before"):
            self._log(operation, params, body, self.server.flat(), Answer(0), fault)
            raise Lost if fault.startswith("lost") else Crash
        return self._answered(operation, params, body, fault)

    def _answered(self, operation: str, params: dict[str, Any], body: Any, fault: str) -> Answer:
        before, hidden, implicit = self.server.flat(), self._hidden(), self.implicit()
        try:
            answer = self.server.handle(operation, params, body)
        except Refusal as refusal:
            self._log(operation, params, body, before, Answer(refusal.status), fault, hidden, implicit)
            raise
        shown = Answer(answer.status) if fault else answer
        self._log(operation, params, body, before, shown, fault, hidden, implicit)
        if self.server.behaviour.restores and method(operation) == "PATCH":
            self._deed("writes back what it saved")
        if fault:
            raise Lost if fault.startswith("lost") else Crash
        return answer

    def _deed(self, what: str) -> None:
        actor, act = DEEDS[what]
        before = self.server.flat()
        act(self.server)
        after = self.server.flat()
        if after != before:
            self.log.append(Entry(self.number, self.phase, actor, what, (), before, after))
        elif self.alone and not self.server.behaviour.restores:
            raise Idle

    def _log(
        self,
        operation: str,
        params: dict[str, Any],
        body: Any,
        before: Flat,
        answer: Answer,
        fault: str,
        hidden: frozenset[Key] = frozenset(),
        implicit: frozenset[Key] = frozenset(),
    ) -> None:
        after = before if method(operation) == "GET" else self.server.flat()
        about = target(operation, params, body)
        self.log.append(
            Entry(
                self.number,
                self.phase,
                "we",
                operation,
                about,
                before,
                after,
                body,
                answer.shown,
                answer.status,
                fault,
                hidden,
                implicit,
            )
        )

    def _hidden(self) -> frozenset[Key]:
        found: set[Key] = set()
        for item in self.server.installed.values():
            if item.hidden_until > self.number:
                found.add((item.id,))
            found |= {(item.id, site) for site, until in item.late.items() if until > self.number}
        return frozenset(found)

    def implicit(self) -> frozenset[Key]:
        """Bindings that exist by themselves now."""
        return frozenset(key for key in self.server.flat() if self.server.implicit(key))


@dataclass(frozen=True, slots=True)
class Round:
    """One plan and what became of it."""

    steps: tuple[Any, ...]
    log: tuple[Entry, ...]
    ended: Ended
    start: Flat
    end: Flat
    crashed: bool = False
    beside: tuple[Any, ...] = ()
    """What the plan says beside its steps, and the lock afterwards."""
    implicit: frozenset[Key] = frozenset()
    """Bindings that exist by themselves at the end."""


@dataclass(frozen=True, slots=True)
class Tale:
    """A story as it went."""

    story: Story
    rounds: tuple[Round, ...]
    requests: int
    """How many of ours the first round took."""
    resolve_intent: bool
    """Whether the last plan was empty."""

    @property
    def behaviour(self) -> str:
        """One text for tales that went the same way."""
        told = [
            (
                item.steps,
                item.ended.code,
                item.ended.results,
                [(e.actor, e.what, e.body, e.status, e.fault, sorted(e.shown.items())) for e in item.log],
                sorted(item.end.items()),
                item.beside,
            )
            for item in self.rounds
        ]
        return json.dumps(told, default=str)


class _Quiet:
    """Makes the world in which an earlier file was applied; equal where the file is."""

    def __init__(self, behaviour: Behaviour, start: Start) -> None:
        self._said = (behaviour, start)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Quiet) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    def __call__(self) -> World:
        behaviour, start = self._said
        return World(Story(start=start, behaviour=behaviour))


@cache
def _text(wish: Wish) -> str:
    return json.dumps(wish.document())


def _memory(before: Wish | None, behaviour: Behaviour) -> LockStore:
    if before is None:
        return LockStore()
    return LockStore(remembered(_text(before), _Quiet(behaviour, Start(connected=not behaviour.masks))))


def tell(story: Story) -> Tale:
    """Lets the story happen: plan, apply, and again until there is nothing left to do.

    Raises `Idle` where its one event changes nothing.
    """
    world, lock_store = World(story), _memory(story.before, story.behaviour)
    text, rounds, requests = _text(story.wish), list[Round](), 0
    resolve_intent = False
    for number in range(ROUNDS):
        world.phase, start, mark = "plan", world.server.flat(), len(world.log)
        steps, ended, crashed, said = _round(world, lock_store, text, saved=story.saved and number == 0)
        log, beside = tuple(world.log[mark:]), (said, lock_store.names())
        rounds.append(Round(steps, log, ended, start, world.server.flat(), crashed, beside, world.implicit()))
        requests = requests or world.number
        if ended.code == 0 and not steps and all(entry.ours for entry in log):
            resolve_intent = True
            break
        if not crashed and ended.code in (1, 3) and not ended.results and number:
            break  # refused again
    return Tale(story, tuple(rounds), requests, resolve_intent)


def _round(
    world: World, lock_store: LockStore, text: str, *, saved: bool
) -> tuple[tuple[Any, ...], Ended, bool, tuple[str, ...]]:
    """Steps, end, whether it crashed, and what the plan says beside."""
    made: Shown | Ended = Ended(-1, "crashed")
    try:
        made = make_plan(world, lock_store, text)
        if isinstance(made, Ended):
            return (), made, False, ()
        if saved:
            world.phase = "reopen"
            again = reopened(world, lock_store, made)
            if isinstance(again, Ended):
                return made.steps, again, False, made.beside
            made = again
        world.phase = "apply"
        return made.steps, carry_out(world, lock_store, made), False, made.beside
    except Crash:
        steps = made.steps if isinstance(made, Shown) else ()
        return steps, Ended(-1, "crashed"), True, ()
