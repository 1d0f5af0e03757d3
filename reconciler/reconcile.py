"""The sentence as code: files and live state into a plan, a plan into a report. What Python programs call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler import apply as applying
from reconciler import planfile
from reconciler.config.secrecy import looks_secret
from reconciler.errors import Stale, UsageError
from reconciler.live import children_within, fetch
from reconciler.perform import Hands
from reconciler.plan import Policy
from reconciler.plan import plan as decide
from reconciler.resource import Live, Resource
from reconciler.step import ABSENT

if TYPE_CHECKING:
    from reconciler.apply import Options, Run
    from reconciler.config import Config
    from reconciler.kind import Table
    from reconciler.lock import Base, Keeper
    from reconciler.step import Plan, Step


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line narrows or turns around."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the states it was made from."""

    plan: Plan
    live: Live
    base: Base


async def plan(
    config: Config,
    client: Any,
    keeper: Keeper,
    *,
    table: Table,
    endpoint: str,
    folder: Path,
    choice: Choice | None = None,
    live: Live | None = None,
) -> Planned:
    """What must be done so that GitBook is as the files say. With `live`, nothing is fetched.

    Raises `ConfigError`, `ApiError`, `AccessError` or `LockError`.
    """
    choice = choice or Choice()
    base = keeper.load()
    if live is None:
        reach = children_within(config.resources, base.entries, everything=_everything(config))
        live = await fetch(client, config.resources, table=table, organization=config.organization, reach=reach)
    policy = _policy(config, choice, endpoint, folder, snapshot=live.snapshot)
    made = decide(config.resources, live, base, table=table, policy=policy)
    return Planned(replace(made, problems=(*config.problems, *made.problems)), live, base)


def apply(planned: Planned, client: Any, keeper: Keeper, *, table: Table, options: Options | None = None) -> Run:
    """A run that carries the plan out: `await run.work()`."""
    return applying.start(
        planned.plan, client, planned.live.state, planned.base, table=table, keeper=keeper, options=options
    )


async def recheck(saved: planfile.Saved, client: Any, keeper: Keeper, *, table: Table, endpoint: str) -> Planned:
    """A saved plan with the live state as it is now. Raises `Stale` when what it decided on has moved."""
    made = saved.plan
    if made.snapshot:
        raise UsageError("the plan was made from a snapshot and cannot be applied; plan against GitBook itself")
    if made.endpoint.rstrip("/") != endpoint.rstrip("/"):
        raise UsageError(f"the plan is for {made.endpoint}, not for {endpoint}; set GITBOOK_ENDPOINT or plan again")
    base = keeper.load()
    if base.known and base.salt != saved.salt:
        raise Stale(["the lock file was replaced since the plan was made; plan again"])
    base = replace(base, salt=saved.salt)
    live = await _live_for(made, client, table)
    moved = tuple(_moves(made, client, live, base, table))
    if moved:
        raise Stale([*moved, "nothing was touched; plan again"])
    return Planned(made, live, base)


async def _live_for(made: Plan, client: Any, table: Table) -> Live:
    wanted = {step.address: Resource(step.address, step.desired) for step in made.steps}
    reach = children_within(wanted, (), everything=False)
    return await fetch(client, wanted, table=table, organization=made.organization, reach=reach, look_up=False)


def _moves(made: Plan, client: Any, live: Live, base: Base, table: Table) -> Iterable[str]:
    hands = Hands(client, table, made.organization, base.salt, dict(live.state))
    for step in made.steps:
        now = live.state.get(step.address)
        if hands.is_settled(step, now):
            continue
        for name, before, then, current in hands.moved_since(step, now):
            yield moved_line(step, name, before, then, current)


def moved_line(step: Step, name: str, before: object, then: object, now: object) -> str:
    """One field that moved, for people: what it was, what the plan wanted, what it is."""
    from reconciler.render.values import plain  # noqa: PLC0415 - only when something moved

    values = [plain(_shown(value, name)) for value in (before, then, now)]
    return f"{step.address}: {name} moved: before {values[0]}, then (planned) {values[1]}, now {values[2]}"


def _shown(value: object, name: str) -> object:
    from reconciler.value import Secret  # noqa: PLC0415 - only when something moved

    last = name.rpartition(".")[2]
    return Secret(value) if value is not ABSENT and looks_secret(last) else value


def _everything(config: Config) -> bool:
    if config.prune == "all":
        return True
    return any(item.declaration and item.declaration.prune == "all" for item in config.resources.values())


def _policy(config: Config, choice: Choice, endpoint: str, folder: Path, *, snapshot: bool) -> Policy:
    remembered = remembering(folder)
    read = {remembered(file) for file in config.files}

    def reached(name: str) -> bool:
        return name in read or not (folder / name).exists()

    return Policy(
        organization=config.organization,
        endpoint=endpoint,
        prune=config.prune,
        targets=choice.targets,
        excludes=choice.excludes,
        destroy=choice.destroy,
        snapshot=snapshot,
        secret_name=secret_names(config.mask),
        remembered=remembered,
        reached=reached,
    )


def secret_names(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a key's name says that its value is secret."""
    return lambda name: looks_secret(name, patterns)


def remembering(folder: Path) -> Callable[[str], str]:
    """How the lock names a file: relative to its own folder, so that a clone elsewhere means the same file."""
    known: dict[str, str] = {}

    def name(file: str) -> str:
        if file not in known:
            known[file] = "-" if file in ("-", "<stdin>") else Path(os.path.relpath(file, folder)).as_posix()
        return known[file]

    return name

