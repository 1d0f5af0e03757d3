"""`python -m benchmarks.shares`: where the time of a plan and of an apply goes, seen by py-spy from outside.

Waiting is left out: what is shown are shares of the time in which the program is at work.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.__main__ import work
from benchmarks.server import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

RATE = 1000
"""Looks a second."""
WAITING = "waiting"
PARTS = (
    ("selectors.py", WAITING),
    ("<frozen importlib", "imports"),
    ("reconciler/config/", "reading the file"),
    ("yaml/", "reading the file"),
    ("reconciler/lock", "reading the lock"),
    ("reconciler/resources/stored.py", "reading the lock"),
    ("reconciler/gitbook/kinds/checks.py", "deciding"),
    ("reconciler/gitbook/kinds/configured.py", "deciding"),
    ("reconciler/gitbook/client/transport", "HTTP"),
    ("reconciler/gitbook/", "calls and replies"),
    ("reconciler/live/fetch.py", "calls and replies"),
    ("reconciler/apply/executor.py", "calls and replies"),
    ("reconciler/", "deciding"),
    ("json/", "calls and replies"),
    ("tenacity/", "calls and replies"),
    ("httpx/", "HTTP"),
    ("aiohttp/", "HTTP"),
    ("h11/", "HTTP"),
    ("asyncio/", "asyncio"),
)
"""Which part of a path says whose time it is; the first one counts."""


def shares(name: str, **arguments: Any) -> dict[str, float]:
    """Per cent of the time of what `benchmarks.work` does, by whose it is."""
    with TemporaryDirectory() as folder:
        seen = Path(folder) / "seen"
        spy = [
            str(Path(sys.executable).with_name("py-spy")),
            "record",
            "--rate",
            str(RATE),
            "--format",
            "raw",
        ]
        command = [sys.executable, "-m", "benchmarks.work", name, json.dumps(arguments)]
        subprocess.run([*spy, "--output", str(seen), "--", *command], capture_output=True, check=True)
        spent: Counter[str] = Counter()
        for line in seen.read_text("utf-8").splitlines():
            stack, _, looks = line.rpartition(" ")
            spent[_owner(stack.split(";"))] += int(looks)
        del spent[WAITING]
    return {owner: looks / spent.total() * 100 for owner, looks in spent.most_common()}


def _owner(stack: list[str]) -> str:
    """Whose a moment is: of the innermost part that is known."""
    return next((owner for frame in reversed(stack) for owner in _owners(frame)), "the rest")


def _owners(frame: str) -> Iterator[str]:
    return (owner for text, owner in PARTS if text in frame)


def main() -> None:
    """A plan without a change, ten times, and an apply that changes everything."""
    with served(Served(bindings=5000)) as url, TemporaryDirectory() as folder:
        known = {"url": url, "bindings": 5000, "folder": folder}
        work("prepare", **known)
        _say("ten plans of 5,000 bindings without a change", shares("plans", times=10, **known))
    with served(Served(bindings=1000)) as url:
        _say("a plan and an apply of 1,000 updates", shares("apply", url=url, bindings=1000, changed=1))


def _say(what: str, found: dict[str, float]) -> None:
    print(f"{what}: {', '.join(f'{owner} {share:.0f} %' for owner, share in found.items())}")


if __name__ == "__main__":
    main()
