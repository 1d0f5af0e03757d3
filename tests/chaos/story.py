"""One ordeal, said whole: a world, what files want of it, how GitBook behaves and fails, and who meddles."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, fields
from typing import Literal

from reconciler.sandbox import Behaviour

Deed = Literal["bind", "unbind", "own key", "hotfix"]


@dataclass(frozen=True, kw_only=True)
class Meddling:
    """What a colleague or an integration's code does, once so many reads have been asked for."""

    reads: int
    deed: Deed
    address: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a run ends before its time, when so many requests of it have arrived."""

    run: int
    """Which run, counted from 0 over all files."""
    request: int
    how: Literal["stop", "abort", "kill"]
    """One signal; two; or no time for anything, with the request that has arrived carried out or not."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Everything that happens follows from this alone."""

    world: str
    """The sandbox's state, as JSON."""
    files: tuple[str, ...]
    """What the file says, and what it says later on."""
    behaviour: Behaviour = field(default_factory=Behaviour)
    rate: float = 0.0
    """The share of requests that fail."""
    seed: int = 0
    """Of faults and waits."""
    parallelism: int = 10
    patient: bool = True
    """Whether a file is applied until nothing is left before the next one comes, or once."""
    meddling: tuple[Meddling, ...] = ()
    endings: tuple[Ending, ...] = ()


def as_test(story: Story, name: str) -> str:
    """The story as a test that can be pasted into a file and run."""
    lines = [f"    {item.name}={_said(getattr(story, item.name))},\n" for item in fields(story)]
    return (
        "from reconciler.sandbox import Behaviour\n"
        "from tests.chaos.fire import survives\n"
        "from tests.chaos.story import Ending, Meddling, Story\n\n"
        f"STORY = Story(\n{''.join(lines)})\n\n\n"
        f"def test_{name}() -> None:\n    survives(STORY)\n"
    )


def _said(value: object) -> str:
    if isinstance(value, Behaviour):
        changed = [
            f"{item.name}={getattr(value, item.name)!r}"
            for item in fields(value)
            if getattr(value, item.name) != item.default
        ]
        return f"Behaviour({', '.join(changed)})"
    if isinstance(value, str) and "\n" in value:
        return f'r"""{value}"""'
    if isinstance(value, tuple):
        return f"({''.join(f'{_said(item)}, ' for item in value)})" if value else "()"
    return textwrap.shorten(repr(value), 100_000)
