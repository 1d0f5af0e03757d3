"""What the engine does is a function of what it is told: told the same again, it need not run again.

Each stage (a plan, a saved plan read back, an apply) starts a tree. A node is a moment: either the engine
asks for something, and goes on by the reply, or it has ended. A story walks down the tree with the replies of
its own world; the engine runs only where a reply is new, and is then told the known ones first. It must ask
the same as before, or the search fails: an engine that is no such function could not be searched like this.

The world, its faults, and what the oracle makes of it all happen anew for every story.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tests.exploration.server import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.lock.document import Base
    from tests.exploration.server import Answer


class Lost(Exception):
    """The reply did not arrive."""


class Crash(BaseException):
    """The process ends here, whatever anybody does about it."""


class Asked(NamedTuple):
    """One request."""

    operation: str
    params: dict[str, Any]
    body: Any


class Reply(NamedTuple):
    """What the engine is told: status and JSON; a status of 0 says that no answer came."""

    status: int
    text: str = "null"

    @property
    def data(self) -> Any:
        """The JSON, as values of its own."""
        return json.loads(self.text)


@dataclass(slots=True)
class Node:
    """A moment of one stage."""

    base: Base
    """The lock, as it is then."""
    asked: Asked | None = None
    """What the engine asks for; `None` at the end."""
    ended: Any = None
    then: dict[Any, Node] = field(default_factory=dict)
    """What comes then, by reply; after the end by the name of the next stage."""


class Holder(Protocol):
    """What has the lock."""

    base: Base


class Asking(Protocol):
    """Who answers."""

    def request(self, operation: str, params: dict[str, Any], body: Any) -> Answer:
        """The answer to one request. Raises `Refusal`, `Lost` or `Crash`."""
        ...


class Conversation:
    """One stage in which the engine runs: it is told the known replies first, and then those of the world."""

    def __init__(
        self, world: Asking, lock: Holder, where: tuple[dict[Any, Node], Any], known: list[Reply]
    ) -> None:
        self._world, self._lock = world, lock
        self._then, self._key = where
        self._known = iter(known)
        self.lock_then: Base | None = None
        """The lock at the last request."""

    def reply(self, asked: Asked) -> Reply:
        """The reply to a request. Raises `Crash`, and nothing else: a loss is a reply too."""
        node = self._then.get(self._key)
        if node is None:
            node = self._then[self._key] = Node(self._lock.base, asked)
        elif node.asked != asked:
            msg = f"told the same, the engine asked for {asked} instead of {node.asked}"
            raise RuntimeError(msg)
        self.lock_then = node.base
        reply = next(self._known, None) or _answered(self._world, asked)
        self._then, self._key = node.then, reply
        return reply

    def end(self, ended: Any) -> Node:
        """The end of the stage."""
        node = self._then[self._key] = Node(self._lock.base, ended=ended)
        return node


def _answered(world: Asking, asked: Asked) -> Reply:
    try:
        answer = world.request(*asked)
    except Refusal as refusal:
        return Reply(refusal.status)
    except Lost:
        return Reply(0)
    return Reply(answer.status, json.dumps(answer.data))


def follow(
    world: Asking, lock: Holder, stages: dict[Any, Node], stage: Any, work: Callable[[Conversation], Any]
) -> Node:
    """The end of a stage, told by this world. Raises `Crash`, with the lock as it was then."""
    then, key, known, start = stages, stage, list[Reply](), lock.base
    while (node := then.get(key)) is not None:
        lock.base = node.base
        if node.asked is None:
            return node
        key, then = _answered(world, node.asked), node.then
        known.append(key)
    lock.base = start
    talk = Conversation(world, lock, (stages, stage), known)
    try:
        return talk.end(work(talk))
    except BaseException:
        lock.base = talk.lock_then or start  # whatever is done about a crash on its way up does not count
        raise
