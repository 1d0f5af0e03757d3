"""A sandbox of any size in a process of its own, so that what it costs is not counted as ours."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.organization import INTEGRATIONS
from reconciler.sandbox import Behaviour, Sandbox, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True, kw_only=True)
class Served:
    """What is served: a large organization with so many bindings, on so many sites and spaces."""

    bindings: int
    room: int = 0
    """Bindings that there are sites and spaces for, made or not."""
    latency: float = 0.02
    rate_limit: int = 0


def served(what: Served) -> AbstractContextManager[str]:
    """The URL of a sandbox that lives until the block ends."""
    return in_a_process("benchmarks.server", asdict(what))


@contextmanager
def in_a_process(module: str, what: dict[str, Any]) -> Iterator[str]:
    """The URL that a module prints when it serves; it lives until the block ends."""
    command = [sys.executable, "-m", module, json.dumps(what)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _serve(what: Served) -> None:
    from reconciler.sandbox.server import serve  # noqa: PLC0415 - in this process alone

    store = world.large(integrations=INTEGRATIONS, bindings=max(what.room, what.bindings))
    for above in range(INTEGRATIONS):
        installation = store.installations_of(integration=f"integration-{above}")[0]
        for level in ("site", "space"):
            for item in tuple(store.bindings(installation.id, level).values()):
                if int(item.configuration["tracking_id"].removeprefix("G-")) >= what.bindings:
                    store.drop_binding(item)
    behaviour = Behaviour(latency=what.latency, rate_limit=what.rate_limit)
    serve(Sandbox(store, behaviour=behaviour), started=lambda url: print(url, flush=True))


if __name__ == "__main__":
    _serve(Served(**json.loads(sys.argv[1])))
