"""Worlds, locks and files written down in a few lines, planned and applied through the real thing."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import yaml

from reconciler import pipeline as reconcile
from reconciler.config import Options as Reading
from reconciler.config import load, translated
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import Base, Intent, LockEntry
from reconciler.pipeline import Choice
from reconciler.resources.digest import Digest
from reconciler.resources.kind import Mark
from reconciler.resources.resource import Address
from reconciler.resources.values import ABSENT, FileText, Secret
from reconciler.sandbox import ORGANIZATION, Behaviour, Sandbox
from reconciler.sandbox.records import LEVELS, Binding, Installation, Integration
from reconciler.sandbox.world import GITBOOK, default
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from reconciler.apply.report import Report
    from reconciler.apply.scheduler import Options, Run
    from reconciler.config import Config
    from reconciler.pipeline import Planned
    from reconciler.plan.step import Change, Plan, Step
    from reconciler.resources.digest import Salt
    from reconciler.sandbox import Store

ENDPOINT = "http://sandbox.localhost"
HEADER = f"version: 1\norganization: {ORGANIZATION}\n"
NAME = "gbsync.yaml"
PUBLISHED = {"title": "Acme Banner", "description": "", "script": "// old", "scopes": []}
"""What an integration of a case was published with, beside what the case says."""


class InMemoryLockStore:
    """Keeps the base between runs, in memory, and every base that was ever saved."""

    name = ""

    def __init__(self, base: Base | None = None) -> None:
        self.saved: list[Base] = []
        self.base = base or Base()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        yield

    def load(self) -> Base:
        return self.base

    def save(self, base: Base) -> None:
        self.saved.append(base)
        self.base = replace(base, fresh=False)

    async def record(self, base: Base) -> None:
        self.save(base)

    def check(self) -> None:
        pass


@dataclass(slots=True)
class World:
    """A sandbox, a lock and a folder with files: everything that one command sees."""

    sandbox: Sandbox
    lock_store: InMemoryLockStore
    folder: Path
    paths: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    choice: Choice = field(default_factory=Choice)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        token, transport = Secret(self.sandbox.token), self.sandbox.transport()
        async with Client(
            endpoint=ENDPOINT, token=token, transport=transport, clock=VirtualClock()
        ) as client:
            yield client

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = HEADER + text if name == NAME and "version:" not in text else text
        path.write_text(whole, encoding="utf-8")

    def config(self) -> Config:
        paths = [str(self.folder / path) for path in self.paths] or [str(self.folder)]
        return load(paths, table=KINDS, options=Reading(environ=self.environ))

    async def plan(self, *, afterwards: bool = False) -> Planned:
        config = self.config()

        def ids(globs: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(translated(globs, table=KINDS, catalogue=config.catalogue))

        targets, excludes = ids(self.choice.targets), ids(self.choice.excludes)
        choice = replace(self.choice, targets=targets, excludes=excludes, afterwards=afterwards)
        async with self.client() as client:
            return await reconcile.plan(
                config,
                client,
                self.lock_store,
                table=KINDS,
                endpoint=ENDPOINT,
                folder=self.folder,
                choice=choice,
            )

    async def apply(self, planned: Planned | None = None, options: Options | None = None) -> Report:
        planned = planned or await self.plan()
        async with self.client() as client:
            return await self.run(planned, client, options).work()

    def run(self, planned: Planned, client: Client, options: Options | None = None) -> Run:
        return reconcile.apply(planned, client, self.lock_store, table=KINDS, options=options)

    def live(self, address: str) -> dict[str, Any]:
        """What the sandbox holds at an address of an installation or binding."""
        words = address.split("/")
        store = self.sandbox.store
        if words[0] == "integration":
            return dict(store.integrations[words[1]].document)
        installed: Installation | Binding = store.installations_of(integration=words[1])[0]
        if len(words) > 2:
            level: Literal["space", "site"] = "space" if words[2] == "space" else "site"
            installed = store.bindings(installed.installation, level)[words[3]]
        found: dict[str, Any] = {
            "configuration": installed.configuration,
            "externalIds": list(installed.external_ids),
        }
        if isinstance(installed, Installation):
            found |= {name: getattr(installed, name) for name in ("space_selection", "site_selection")}
        return found


def world(folder: Path, case: Mapping[str, Any]) -> World:
    """The world of a case: its `files`, `live`, `lock` and `with`."""
    how = dict(case.get("with") or {})
    lock_store = InMemoryLockStore(lock_of(case["lock"]) if "lock" in case else None)
    sandbox = Sandbox(
        store_of(case.get("live") or {}),
        behaviour=Behaviour(**how.get("behaviour", {})),
        clock=VirtualClock(),
    )
    made = World(
        sandbox,
        lock_store,
        folder,
        tuple(how.get("paths", ())),
        how.get("env", {}),
        Choice(tuple(how.get("targets", ())), tuple(how.get("excludes", ())), how.get("destroy", False)),
    )
    files = case["files"]
    for name, text in ({NAME: files} if isinstance(files, str) else files).items():
        made.write(name, text)
    return made


def store_of(live: Mapping[str, Any]) -> Store:
    """GitBook's own integrations, sites and spaces; installed is only what the case says."""
    store = default()
    for installation in tuple(store.installations.values()):
        store.drop_installation(installation)
    for name, document in (live.get("integrations") or {}).items():
        store.integrations[name] = _integration(name, dict(document))
    for name, bodies in (live.get("installations") or {}).items():
        for number, body in enumerate(bodies if isinstance(bodies, list) else [bodies]):
            _install(store, name, dict(body or {}), number)
    return store


def _integration(name: str, document: dict[str, Any]) -> Integration:
    version, owner = document.pop("version", 1), document.pop("owner", ORGANIZATION)
    owner = GITBOOK if owner == "gitbook" else owner
    return Integration(name, owner, {**PUBLISHED, **document}, version=version)


def _install(store: Store, name: str, body: dict[str, Any], number: int) -> None:
    made = Installation(
        body.get("id", f"inst_{name}_{number}"),
        name,
        ORGANIZATION,
        body.get("configuration") or {},
        tuple(body.get("externalIds") or ()),
        body.get("space_selection", "selected"),
        body.get("site_selection", "selected"),
    )
    store.put_installation(made)
    for level in LEVELS:
        for target, inner in (body.get(f"{level}s") or {}).items():
            store.put_binding(_binding(made.id, level, target, inner or {}))


def _binding(
    installation: str, level: Literal["space", "site"], target: str, body: Mapping[str, Any]
) -> Binding:
    return Binding(
        installation,
        level,
        target,
        body.get("configuration") or {},
        tuple(body.get("externalIds") or ()),
        implied=body.get("implied", False),
    )


def lock_of(entries: Mapping[str, Any] | None) -> Base:
    """A lock in which fields and fingerprints stand in clear in the case."""
    base = Base(known=True, fresh=False)
    made = {Address(address): _entry(body or {}, base.salt) for address, body in (entries or {}).items()}
    return replace(base, entries=made)


def _entry(body: Mapping[str, Any], salt: Salt) -> LockEntry:
    intent = body.get("intent")
    return LockEntry(
        file=body.get("file", NAME),
        fields={name: salt.digest(value) for name, value in (body.get("fields") or {}).items()},
        files=body.get("files") or {},
        version=body.get("version"),
        fingerprints=_prints(body.get("fingerprints") or {}, salt),
        intent=Intent(intent["version"], _prints(intent["fingerprints"], salt)) if intent else None,
        id=body.get("id", ""),
    )


def _prints(values: Mapping[str, Any], salt: Salt) -> dict[str, str]:
    fields = KINDS["integration"].fields
    return {name: salt.digest(value, secret=fields[name].has(Mark.SECRET)) for name, value in values.items()}


def plan_text(plan: Plan) -> str:
    """The steps of a plan, a line for each and for each of its changes."""
    return "\n".join(line for step in plan.steps for line in _step(step))


def _step(step: Step) -> Iterator[str]:
    reason = f"  ({step.reason.value})" if step.reason else ""
    yield f"{step.symbol} {step.address}{reason}"
    for change in step.changes:
        yield f"    {change.symbol} {change.name}{_change(change)}"


def _change(change: Change) -> str:
    before, after = _value(change.before), _value(change.after)
    if change.before is ABSENT:
        return f": {after}"
    return f": {before}" if change.after is ABSENT else f": {before} -> {after}"


def _value(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case Secret():
            return "(secret)"
        case Digest():
            return "(digest)"
        case FileText():
            return "(file)"
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


def read_case(path: Path) -> dict[str, Any]:
    """A case file."""
    case: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return case
