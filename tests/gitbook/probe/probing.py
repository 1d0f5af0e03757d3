"""The probe against a sandbox, in virtual time, and what it must leave as it was."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from reconciler.gitbook.client.client import Client
from reconciler.gitbook.probe.calls import Calls
from reconciler.gitbook.probe.names import is_ours
from reconciler.gitbook.probe.own import Own
from reconciler.gitbook.probe.run import Probe
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox, Store, world
from reconciler.sandbox.behaviour import NAMES
from tests.virtual import VirtualClock, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.gitbook.probe.run import Findings
    from reconciler.sandbox.records import Document

NUMBERS: dict[str, tuple[float, ...]] = {
    "description_limit": (0, 60),
    "list_lag": (1, 4),
    "read_lag": (1, 5),
    "delete_lag": (2,),
    "overlap": (1, 3),
    "page_size": (1, 7),
    "page_cap": (1, 7),
    "latency": (0.25,),
    "rate_limit": (5, 20),
}
"""Values to try of switches that are numbers; the other rate switches are tried together."""
ONLY_WITH_A_LIMIT = {"rate_period", "rate_burst", "rate_at_once", "rate_told", "rate_status"}
BURST = 60


def small() -> Store:
    return world.large(integrations=6, bindings=12)


def roomy() -> Store:
    """Lists that are longer than a page, also that of a site."""
    return world.large(integrations=120, bindings=120)


def settings() -> Iterator[str]:
    """Each switch at each value beside its default."""
    hints = get_type_hints(Behaviour)
    for name in NAMES:
        if name not in ONLY_WITH_A_LIMIT:
            values = NUMBERS.get(name, get_args(hints[name])[1:])
            yield from (f"{name}={value}" for value in values)


@dataclass
class Laboratory:
    """One sandbox and one probe."""

    behaviour: Behaviour
    store: Store
    between: Callable[[int, asyncio.Task[Any]], None] | None = None
    """Called before each request, with the probe's own task."""
    everywhere: bool = True
    burst: int = BURST

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self.sandbox = Sandbox(
            self.store,
            behaviour=self.behaviour,
            clock=self.clock,
            between=self._before,
        )
        self.before = others(self.store.document())
        self._task: asyncio.Task[Any] | None = None

    def _before(self, number: int) -> None:
        if self.between and self._task:
            self.between(number, self._task)

    def client(self) -> Client:
        token, transport = Secret(self.sandbox.token), self.sandbox.transport()
        return Client(endpoint="http://sandbox.localhost", token=token, transport=transport, clock=self.clock)

    def own(self) -> Own:
        return Own(ORGANIZATION, next(iter(self.store.sites)), next(iter(self.store.spaces)))

    def probe(self) -> Findings:
        return run(self._probe())

    async def _probe(self) -> Findings:
        async with self.client() as client:
            calls = Calls(client, self.clock, max_wait=600)
            probe = Probe(calls, self.own(), self.burst, self.everywhere, lambda _: None)
            task = asyncio.ensure_future(probe.run())
            self._task = task
            return await task

    @property
    def strangers(self) -> set[str]:
        """What was written that is not the probe's."""
        names = {entry.path.get("integrationName", "") for entry in self.sandbox.commits}
        return {name for name in names if not is_ours(name)}

    @property
    def ours(self) -> tuple[str, ...]:
        """What the probe made and is still there."""
        document = self.store.document()
        published = [item.name for item in document.integrations if item.published]
        return tuple(name for name in [*published, *_installed(document)] if is_ours(name))


def _installed(document: Document) -> list[str]:
    return [item.integration for item in document.installations]


def others(document: Document) -> Document:
    """Everything that is not the probe's, and no count of what was done."""
    ids = {item.id for item in document.installations if is_ours(item.integration)}
    return replace(
        document,
        serial=0,
        integrations=tuple(item for item in document.integrations if not is_ours(item.name)),
        installations=tuple(item for item in document.installations if item.id not in ids),
        bindings=tuple(item for item in document.bindings if item.installation not in ids),
        events=tuple(item for item in document.events if not is_ours(item.integration)),
        runs={name: runs for name, runs in document.runs.items() if not is_ours(name)},
    )


def experiment(*chosen: str, store: Store | None = None) -> tuple[Laboratory, Findings]:
    """The findings under these switches. Nothing of the probe is left, and nothing else has changed."""
    laboratory = Laboratory(Behaviour.parse(chosen), store or small())
    findings = laboratory.probe()

    assert not findings.left
    assert not laboratory.ours
    assert not laboratory.strangers
    assert others(laboratory.store.document()) == laboratory.before
    return laboratory, findings


def wrong(findings: Findings, behaviour: Behaviour, *named: str) -> list[str]:
    """Findings that are not what the sandbox does; for what is `named`, also a finding without a value."""
    return [
        f"{item.switch}={item.finding.value}, not {getattr(behaviour, item.switch)} ({item.finding.note})"
        for item in findings.answered
        if item.switch in NAMES
        and item.finding.value != getattr(behaviour, item.switch)
        and (item.finding.value is not None or item.switch in named)
    ]
