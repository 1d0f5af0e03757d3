"""The sentence as code: files and live state into a plan, a plan into a report. What Python programs call."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.apply import scheduler as applying
from reconciler.apply.descendants import Shown
from reconciler.apply.lock_writer import LockWriter, unmanaged
from reconciler.apply.preconditions import IDENTITY, Preconditions
from reconciler.apply.scheduler import Options
from reconciler.diagnostics import Place, in_order
from reconciler.errors import ConfigError, LockError, Stale, UsageError
from reconciler.inputs import is_there, resolved
from reconciler.live.fetch import children_within, fetch
from reconciler.lock.document import updated
from reconciler.plan.build import plan as decide
from reconciler.plan.context import Policy
from reconciler.plan.saved.document import UNTOUCHED
from reconciler.plan.step import SHARE, Limits
from reconciler.render.masks import Masks
from reconciler.render.values import inline
from reconciler.resources.desired import without
from reconciler.resources.kind import public_keys
from reconciler.resources.redaction import Redactor
from reconciler.resources.resource import Declaration, Live, Resource
from reconciler.resources.secret_names import SecretNames
from reconciler.resources.targets import depends_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reconciler.apply.scheduler import Run
    from reconciler.config import Config
    from reconciler.live.progress import Lists
    from reconciler.lock.document import Base
    from reconciler.lock.store import LockStore
    from reconciler.plan.saved import document as planfile
    from reconciler.plan.step import Plan
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, State

STDIN = ("-", "<stdin>")
AGAIN = "plan again"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line narrows or turns around."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False
    read_only: bool = False
    """Nobody will apply the plan: what stands against applying it is a warning."""
    afterwards: bool = False
    """A plan of the same choice was applied: what its globs named may be gone by now."""


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """A plan with the states it was made from; nobody wants to read all of that.

    Python would: asyncio.run restores a signal handler that holds its task, and that is spelled out.
    """

    plan: Plan
    live: Live
    base: Base
    kept: str = ""
    """Where its lock is, for a saved plan."""


async def plan(  # noqa: PLR0913 - one of them only shows how far it is
    config: Config,
    client: Any,
    lock_store: LockStore,
    *,
    table: Table,
    endpoint: str,
    folder: Path,
    choice: Choice | None = None,
    live: Live | None = None,
    lists: Lists | None = None,
) -> Planned:
    """What must be done so that GitBook is as the files say. With `live`, nothing is fetched.

    While the live state is read, `lists` tells how far it is.

    Raises `ConfigError`, `ApiError`, `AccessError` or `LockError`.
    """
    choice = choice or Choice()
    base = _remembered(lock_store, table)
    if live is None:
        declared = _destroyed(config.resources) if choice.destroy else config.resources
        everything = _everything(config)
        reach = children_within(declared, base.entries, table=table, everything=everything)
        live = await fetch(
            client,
            config.resources,
            table=table,
            organization=config.organization,
            reach=reach,
            remembered=base.entries,
            lists=lists,
        )
    policy = _policy(config, choice, endpoint, folder, snapshot=live.snapshot)
    try:
        made = decide(config.resources, live, base, table=table, policy=policy)
    except ConfigError as error:
        raise ConfigError(in_order((*config.problems, *error.problems), config.files)) from None
    made = replace(made, problems=in_order((*config.problems, *made.problems), config.files))
    return Planned(made, live, base, lock_store.name)


def _remembered(lock_store: LockStore, table: Table) -> Base:
    """What was applied last. Raises `LockError` where that speaks of a kind that the table does not have."""
    base = lock_store.load()
    for address in base.entries:
        if address.kind not in table:
            where = f"{lock_store.name or 'the lock'}: names {address}"
            msg = f"{where}, which this program does not know; upgrade gbsync, or remove that entry"
            raise LockError(msg)
    return base


def apply(
    planned: Planned, client: Any, lock_store: LockStore, *, table: Table, options: Options | None = None
) -> Run:
    """A run that carries the plan out: `await run.work()`."""
    redactor = _redactor(planned.plan, planned.live.state, table)
    options = replace(options or Options(), redactor=redactor)
    return applying.start(
        planned.plan,
        client,
        planned.live.state,
        planned.base,
        table=table,
        lock_store=lock_store,
        options=options,
    )


def adopt(planned: Planned, lock_store: LockStore) -> tuple[Address, ...]:
    """Records what is live as what was applied, without sending anything; what was unknown before, in order.

    What is plainly different stays so: it is what the next plan shows. Raises `LockError`.
    """
    base, made = planned.base, planned.plan
    touched = {step.address for step in made.steps}
    entries = {address: made.lock_entries[address] for address in made.lock_entries if address not in touched}
    unknown = [step for step in made.steps if any(change.unknown for change in step.changes)]
    for step in unknown:
        differing = {change.name for change in step.changes if not change.unknown}
        entry, version = made.lock_entries[step.address], planned.live.state[step.address].facts.version
        fields = {name: digest for name, digest in entry.fields.items() if name not in differing}
        entries[step.address] = replace(entry, fields=fields, version=version)
    lock_store.save(replace(updated(base, entries, made.forget), unmanaged=unmanaged(made, base)))
    return tuple(step.address for step in unknown)


async def recheck(
    saved: planfile.Saved,
    client: Any,
    lock_store: LockStore,
    *,
    table: Table,
    endpoint: str,
    organization: str = "",
    lists: Lists | None = None,
) -> Planned:
    """A saved plan with the live state as it is now.

    Raises `UsageError` for a plan of something else, `Stale` when what it decided on has moved.
    """
    made = saved.plan
    _refuse_foreign(made, endpoint, organization)
    base = _remembered(lock_store, table)
    if not base.fresh and base.salt != saved.salt:
        msg = f"the lock was replaced since the plan was made; {AGAIN}"
        raise Stale([msg, UNTOUCHED])
    if base.stamp != saved.stamp:
        touched = {step.address for step in made.steps}
        lock_entries = {address: entry for address, entry in made.lock_entries.items() if address in touched}
        made = replace(made, lock_entries=lock_entries, forget=())
    base = replace(base, salt=saved.salt)
    live = await _live_for(made, client, table, lists)
    conflicts = tuple(_conflicts(Planned(made, live, base), lock_store, table))
    if conflicts:
        raise Stale([*conflicts, UNTOUCHED])
    return Planned(made, live, base, saved.kept)


def _refuse_foreign(made: Plan, endpoint: str, organization: str) -> None:
    if made.snapshot:
        msg = "the plan was made from a snapshot and cannot be applied; plan against GitBook itself"
        raise UsageError(msg)
    if made.endpoint.rstrip("/") != endpoint.rstrip("/"):
        msg = f"the plan is for {made.endpoint}, not for {endpoint}; set GITBOOK_ENDPOINT, or plan again"
        raise UsageError(msg)
    if organization and made.organization != organization:
        msg = f"the plan is for organization {made.organization}, not for {organization}; plan again"
        raise UsageError(msg)


async def _live_for(made: Plan, client: Any, table: Table, lists: Lists | None) -> Live:
    """What is live of everything that the plan touches; of twins those that it was made from."""
    wanted: dict[Address, Resource] = {}
    for step in made.steps:
        wanted[step.address] = _wanted(step.address, step.expected.get("id"), step.desired)
        if step.address.parent:
            wanted.setdefault(
                step.address.parent, _wanted(step.address.parent, step.expected.get("parent"), {})
            )
    reach = children_within(wanted, (), table=table, everything=False)
    organization = made.organization
    return await fetch(
        client,
        wanted,
        table=table,
        organization=organization,
        reach=reach,
        look_up=False,
        lists=lists,
    )


def _wanted(address: Address, server_id: Any, attributes: Mapping[str, Any]) -> Resource:
    pinned = Declaration(Place(""), id=str(server_id)) if server_id else None
    return Resource(address, attributes, declaration=pinned)


def _conflicts(planned: Planned, lock_store: LockStore, table: Table) -> Iterator[str]:
    """Everything that the plan decided on and that has moved since, a line each."""
    made, live = planned.plan, planned.live.state
    preconditions = Preconditions(table, planned.base.salt, live, _redactor(made, live, table))
    lock_writer = LockWriter(made, planned.base, lock_store)
    masks = Masks.of(made)
    for step in made.steps:
        now = live.get(step.address)
        if preconditions.is_satisfied(step, now) and (now is None or lock_writer.knows(step, now)):
            continue
        for name, *values in preconditions.conflicts(step, now):
            before, then, current = (inline(value, masks) for value in values)
            planned_then = "" if name in IDENTITY else f", was to become {then},"
            yield f"{step.address}: {name} was {before}{planned_then} and is {current}; {AGAIN}"
    shown = Shown.of(preconditions, made)
    for address, resource in live.items():
        over = [above for above in depends_on(table, address) if above in shown.steps]
        if over and address not in shown.steps:
            for objection in shown.objections([resource]):
                yield f"{objection}, and would be deleted with {over[0]}; {AGAIN}"


def _destroyed(declared: State) -> State:
    return {address: without(resource) for address, resource in declared.items()}


def _everything(config: Config) -> bool:
    if config.prune == "all":
        return True
    return any(item.declaration and item.declaration.prune == "all" for item in config.resources.values())


def _policy(config: Config, choice: Choice, endpoint: str, folder: Path, *, snapshot: bool) -> Policy:
    remembered = remembering(folder)
    read = {remembered(file) for file in config.files}

    def file_was_read(name: str) -> bool:
        return name in read or (name != STDIN[0] and not is_there(folder / name))

    return Policy(
        organization=config.organization,
        endpoint=endpoint,
        prune=config.prune,
        targets=choice.targets,
        excludes=choice.excludes,
        destroy=choice.destroy,
        snapshot=snapshot,
        read_only=choice.read_only,
        afterwards=choice.afterwards,
        limits=Limits(
            SHARE if config.max_deletes is None else config.max_deletes, config.protect, config.silent
        ),
        mask=config.mask,
        names=config.names,
        remembered=remembered,
        file_was_read=file_was_read,
    )


def _redactor(made: Plan, live: State, table: Table) -> Redactor:
    return Redactor(table, live, SecretNames(made.mask, public=public_keys(table)), made.secret_fields)


def remembering(folder: Path) -> Callable[[str], str]:
    """How the lock names a file: relative to its own folder, so that it means the same in every clone."""
    known: dict[str, str] = {}
    here = resolved(folder)

    def name(file: str) -> str:
        if file not in known:
            path = Path(file)
            real = resolved(path.parent) / path.name  # `..` from a folder that is a link leads elsewhere
            known[file] = STDIN[0] if file in STDIN else Path(os.path.relpath(real, here)).as_posix()
        return known[file]

    return name
