"""What is measured, each in a process of its own: `python -m benchmarks.work NAME ARGUMENTS` prints JSON."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.bare import installation_path, level_of, opened
from benchmarks.organization import INTEGRATIONS, declaring
from benchmarks.peers import bare_writes, octodns
from benchmarks.stopwatch import Stopwatch
from reconciler import pipeline as reconcile
from reconciler.apply.scheduler import Options as How
from reconciler.cli import GARBAGE
from reconciler.config import Options, load
from reconciler.gitbook.client.client import CONCURRENCY, Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.stores.file import LockFile
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, SANDBOX_TOKEN, Sandbox, world

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from reconciler.config import Config
    from reconciler.gitbook.client.events import RequestEvent
    from reconciler.pipeline import Planned

NOWHERE = "http://sandbox.localhost"
Measured = dict[str, Any]


class Setup:
    """A file in a folder of its own, a client, and the lock between."""

    def __init__(self, folder: str, text: str, url: str) -> None:
        self.path = Path(folder) / "gbsync.yaml"
        self.path.write_text(text, encoding="utf-8")
        self.url = url
        self.lock_store = LockFile.of(Path(folder) / "gbsync.lock", endpoint=url, organization=ORGANIZATION)
        self.events: list[RequestEvent] = []

    def read(self) -> Config:
        """The file, read and checked."""
        return load([str(self.path)], table=KINDS, options=Options())

    def client(self, transport: httpx.AsyncBaseTransport | None = None) -> Client:
        """A client that keeps every event."""
        token = Secret(SANDBOX_TOKEN)
        return Client(endpoint=self.url, token=token, transport=transport, observe=self.events.append)

    async def plan(self, config: Config, client: Client, **known: Any) -> Planned:
        """What differs."""
        return await reconcile.plan(
            config, client, self.lock_store, table=KINDS, endpoint=self.url, folder=self.path.parent, **known
        )

    @property
    def answers(self) -> list[int | None]:
        """The status of each request."""
        return [event.status for event in self.events if not event.wait]


async def prepare(url: str, bindings: int, folder: str) -> Measured:
    """Leaves a file in the folder that declares what is live already, and the lock of its apply."""
    setup = Setup(folder, declaring(bindings), url)
    async with setup.client() as client:
        planned = await setup.plan(setup.read(), client)
        report = await reconcile.apply(planned, client, setup.lock_store, table=KINDS).work()
    return {"steps": len(report.results)}


async def plan(url: str, bindings: int, folder: str) -> Measured:
    """Reading what was prepared, file and lock, and planning it: nothing differs."""
    setup = Setup(folder, declaring(bindings), url)
    setup.read()  # what is built once is no part of reading a file
    reading = Stopwatch()
    setup.read()
    setup.lock_store.load()
    alone = reading.read()
    async with setup.client() as client:
        watch = Stopwatch()
        planned = await setup.plan(setup.read(), client)
        took = watch.read()
    return {
        **took,
        "reading": alone["wall"],
        "requests": len(setup.events),
        "steps": len(planned.plan.steps),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


async def plans(url: str, bindings: int, folder: str, times: int) -> Measured:
    """The same plan again and again, for whoever looks on."""
    setup = Setup(folder, declaring(bindings), url)
    for _ in range(times):
        async with setup.client() as client:
            await setup.plan(setup.read(), client)
    return {}


async def apply(
    url: str, bindings: int, changed: int, parallelism: int = 10, integrations: int = INTEGRATIONS
) -> Measured:
    """Carrying out a plan; with `changed`, that each such one differs."""
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(folder, declaring(bindings, changed=changed, integrations=integrations), url)
        async with setup.client() as client:
            whole = Stopwatch()
            planned = await setup.plan(setup.read(), client)
            reads = len(setup.answers)
            setup.events.clear()
            how = How(parallelism=parallelism)
            run = reconcile.apply(planned, client, setup.lock_store, table=KINDS, options=how)
            watch = Stopwatch()
            report = await run.work()
            took, both = watch.read(), whole.read()
    return {
        **took,
        "whole": both,
        "reads": reads,
        "complete": report.complete,
        "steps": len(report.results),
        "requests": len(setup.answers),
        "planned": planned.plan.requests,
        "refused": setup.answers.count(429),
    }


async def offline(bindings: int, style: str = "short") -> Measured:
    """Reading, resolving and diffing, a tenth changed, with the live state at hand."""
    sandbox = Sandbox(world.large(bindings=bindings))
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(folder, declaring(bindings, changed=10, style=style), NOWHERE)
        async with setup.client(sandbox.transport()) as client:
            live = (await setup.plan(setup.read(), client)).live
            watch = Stopwatch()
            planned = await setup.plan(setup.read(), client, live=live)
            took = watch.read()
    return {**took, "steps": len(planned.plan.steps)}


async def bare_reads(url: str) -> Measured:
    """The requests of a plan, as many at a time, and nothing else, by httpx alone."""
    slots = asyncio.Semaphore(CONCURRENCY)
    async with opened(url) as client:

        async def get(path: str) -> httpx.Response:
            async with slots:
                return await client.get(path, params={"limit": 1000})

        watch = Stopwatch()
        first = await get(f"/orgs/{ORGANIZATION}/installations")
        installed = first.json()["items"]
        await asyncio.gather(*(get(f"{installation_path(item)}/{level_of(item)}s") for item in installed))
        return watch.read()


WORK: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (prepare, plan, plans, apply, offline, bare_reads, bare_writes, octodns)
}

if __name__ == "__main__":
    gc.set_threshold(*GARBAGE)  # as the command line does
    measured = WORK[sys.argv[1]](**json.loads(sys.argv[2]))
    print(json.dumps(asyncio.run(measured) if asyncio.iscoroutine(measured) else measured))
