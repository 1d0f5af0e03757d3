"""A server, those who meddle with it, and a log of it all: before each request others may act."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

from tests.exploration.engine import Client, Ended, LockStore, Shown, carry_out, forget, make_plan, reopened
from tests.exploration.replay import Crash, Lost, Node, follow
from tests.exploration.server import Answer, Flat, Key, Refusal, Server, method, target
from tests.exploration.story import DEEDS, Start, Story, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reconciler.lock.document import Base
    from tests.exploration.server import Behaviour, Snapshot


class Idle(BaseException):
    """A deed of the story changes nothing: it is the story without it."""


ROUNDS = 4
"""After so many applies a world has settled, or never will."""


@dataclass(slots=True)
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
        self.events: Mapping[int, list[str]] = {}
        for event in story.events:
            self.events = {**self.events, event.at: [*self.events.get(event.at, []), event.what]}
        self.last = max(self.events, default=0)
        """The request at which the last event happens."""
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
        self.server.changed()
        after = self.server.flat()
        if after != before:
            self.log.append(Entry(self.number, self.phase, actor, what, (), before, after))
        elif what in self.events.get(self.number, ()):
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
        if not self.server.behaviour.lag:
            return frozenset()
        for item in self.server.installed.values():
            if item.hidden_until > self.number:
                found.add((item.id,))
            found |= {(item.id, site) for site, until in item.late.items() if until > self.number}
        return frozenset(found)

    def implicit(self) -> frozenset[Key]:
        """Bindings that exist by themselves now."""
        if self.server.behaviour.selection == "selected":
            return frozenset()
        return frozenset(key for key in self.server.flat() if self.server.implicit(key))


@dataclass(frozen=True)
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
    verdicts: dict[Any, tuple[str, ...]] = field(default_factory=dict)
    """What the oracle has found in it, by what was remembered then."""

    @cached_property
    def behaviour(self) -> bytes:
        """One value for rounds that the engine cannot tell apart: what it says, asks, is told, and keeps.

        That is the plan with its changes and notes, each request with its body, each reply with what it
        showed or that there was none, each outcome with its message, the exit code, and the addresses and
        fields of the lock. What others do counts only where a reply shows it.
        """
        told = (
            self.steps,
            self.ended.code,
            self.ended.why,
            self.ended.results,
            [
                (entry.what, entry.body, entry.status, entry.fault[:4], sorted(entry.shown.items()))
                for entry in self.log
                if entry.ours
            ],
            self.beside,
        )
        return _digest(json.dumps(told, default=str).encode())


@dataclass(frozen=True)
class Tale:
    """A story as it went."""

    story: Story
    rounds: tuple[Round, ...]
    requests: int
    """How many of ours the first round took."""
    resolve_intent: bool
    """Whether the last plan was empty."""

    @cached_property
    def behaviour(self) -> bytes:
        """One value for stories that the engine cannot tell apart, round by round."""
        return _digest(b"".join(item.behaviour for item in self.rounds))


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=8).digest()


@cache
def _text(wish: Wish) -> str:
    return json.dumps(wish.document())


@cache
def _memory(before: Wish, behaviour: Behaviour, connected: bool) -> LockStore:  # noqa: FBT001 - a cache's key
    """The lock that an apply of a file leaves on a world of its own."""
    lock_store, world = LockStore(), World(Story(start=Start(connected=connected), behaviour=behaviour))
    world.server.version = 1
    item = _round(world, lock_store, before, saved=False)
    assert item.ended.code == 0, item
    return lock_store


class _Search:
    """What was computed so far, until there is too much of it."""

    def __init__(self) -> None:
        self.stages: dict[Any, Node] = {}
        self.rounds: dict[Any, tuple[Round, int, Base, Snapshot]] = {}

    def tidy(self, *, all_of_it: bool) -> None:
        """Forgets everything, where it has become much, or is not wanted."""
        if all_of_it or len(self.rounds) + len(self.stages) > MUCH:
            self.__init__()  # type: ignore[misc]
            forget()


_SEARCH = _Search()
MUCH = 20_000
"""So many rounds are some hundred megabytes."""


def tell(story: Story, *, afresh: bool = False) -> Tale:
    """Lets the story happen: plan, apply, and again until there is nothing left to do.

    A round in which nothing happens from outside depends on file, lock and server alone, so one that was
    seen is not told again, nor does the engine run again where it is told the same; `afresh` does both.
    Raises `Idle` where an event changes nothing.
    """
    _SEARCH.tidy(all_of_it=afresh)
    world, lock_store = World(story), LockStore()
    if story.before is not None:
        lock_store.base = _memory(story.before, story.behaviour, not story.behaviour.masks).base
    rounds, requests = list[Round](), 0
    resolve_intent = False
    for number in range(ROUNDS):
        saved = story.saved and number == 0
        quiet = not (saved or afresh) and world.number >= world.last
        item = (_again if quiet else _round)(world, lock_store, story.wish, saved=saved)
        rounds.append(item)
        requests = requests or world.number
        if item.ended.code == 0 and not item.steps and all(entry.ours for entry in item.log):
            resolve_intent = True
            break
        if not item.crashed and item.ended.code in (1, 3) and not item.ended.results and number:
            break  # refused again
    return Tale(story, tuple(rounds), requests, resolve_intent)


def _again(world: World, lock_store: LockStore, wish: Wish, *, saved: bool) -> Round:
    """A quiet round, told only where no equal one was told before."""
    key = (wish, world.server.behaviour, lock_store.stamp, world.server.snapshot())
    if (known := _SEARCH.rounds.get(key)) is None:
        first = world.number
        item = _round(world, lock_store, wish, saved=saved)
        snapshot = world.server.snapshot()
        _SEARCH.rounds[key] = item, world.number - first, lock_store.base, snapshot
        return item
    item, requests, lock_store.base, snapshot = known
    world.number += requests
    world.server.restore(snapshot, world.number)
    return item


def _round(world: World, lock_store: LockStore, wish: Wish, *, saved: bool) -> Round:
    start, mark = world.server.flat(), len(world.log)
    steps, ended, crashed, said = _run(world, lock_store, wish, saved=saved)
    log, beside = tuple(world.log[mark:]), (said, lock_store.names())
    return Round(steps, log, ended, start, world.server.flat(), crashed, beside, world.implicit())


def _run(
    world: World, lock_store: LockStore, wish: Wish, *, saved: bool
) -> tuple[tuple[Any, ...], Ended, bool, tuple[str, ...]]:
    """Steps, end, whether it crashed, and what the plan says beside."""
    wide = "-" not in (wish.site, wish.other)

    def stage(name: Any, stages: dict[Any, Node], work: Callable[[Client], Any]) -> Node:
        return follow(world, lock_store, stages, name, lambda talk: work(Client(talk, wide=wide)))

    shown: Shown | None = None
    try:
        world.phase, text = "plan", _text(wish)
        root = (text, lock_store.stamp)
        node = stage(root, _SEARCH.stages, lambda client: make_plan(client, lock_store, text))
        if isinstance(node.ended, Ended):
            return (), node.ended, False, ()
        shown = made = cast("Shown", node.ended)
        if saved:
            world.phase = "reopen"
            node = stage("reopen", node.then, lambda client: reopened(client, lock_store, made))
            if isinstance(node.ended, Ended):
                return made.steps, node.ended, False, made.beside
        world.phase, ready = "apply", cast("Shown", node.ended)
        node = stage("apply", node.then, lambda client: carry_out(client, lock_store, ready))
    except Crash:
        return shown.steps if shown else (), Ended(-1, "crashed"), True, ()
    return made.steps, node.ended, False, made.beside
