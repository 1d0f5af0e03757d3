"""Files and live state → plan → report: what the command line and Python programs call. Formats nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.apply import scheduler as applying
from reconciler.apply.descendants import PlannedDeletions
from reconciler.apply.lock_writer import LockWriter, unmanaged
from reconciler.apply.preconditions import Preconditions
from reconciler.apply.scheduler import Options
from reconciler.diagnostics import Place, in_order, not_ignored
from reconciler.errors import ConfigError, LockError, Stale, UsageError
from reconciler.inputs import resolved
from reconciler.live.fetch import children_within, fetch
from reconciler.lock.document import updated
from reconciler.plan.against import Version
from reconciler.plan.against import compare as comparing
from reconciler.plan.build import plan as decide
from reconciler.plan.conflict import UNTOUCHED, Conflict, ConflictingPlan
from reconciler.plan.context import Policy
from reconciler.plan.step import SHARE, Limits
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
    from reconciler.resources.api import Api
    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, State

STDIN = ("-", "<stdin>")
AGAIN = "plan again"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line chooses: a part of the files, or that everything is deleted."""

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False
    read_only: bool = False
    """Nobody will apply the plan, so an error that only prevents applying it is a warning."""
    afterwards: bool = False
    """A plan of the same choice was applied just now, so what its globs named may be gone."""


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """The files of another commit, to compare a plan with."""

    ref: str
    commit: str
    other: Config
    fork: Config | None = None
    """The files that this branch was made from, where that is another commit and known."""
    notes: tuple[str, ...] = ()
    """What could not be read of them."""


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """A plan with the states that it was made from.

    It has no long `repr`: `asyncio.run` restores a signal handler that holds the task, and Python would spell
    out all of this for it.
    """

    plan: Plan
    live: Live
    base: Base
    kept: str = ""
    """Where its lock is, for a saved plan."""


async def plan(  # noqa: PLR0913 - one of them only shows how far it is
    config: Config,
    client: Api | None,
    lock_store: LockStore,
    *,
    table: Table,
    endpoint: str,
    folder: Path,
    choice: Choice | None = None,
    live: Live | None = None,
    lists: Lists | None = None,
) -> Planned:
    """What must be done so that GitBook is as the files say.

    With `live`, nothing is fetched and no client is needed. While the live state is read, `lists` counts
    what was read.

    Raises `ConfigError`, `ApiError`, `AccessError` or `LockError`.
    """
    choice = choice or Choice()
    base = _load_base(lock_store, table)
    if live is None:
        live = await _fetch_live(config, client, base, choice, table=table, lists=lists)
    policy = _policy(config, choice, endpoint, folder, snapshot=live.snapshot)
    policy = replace(policy, named=_naming(config, table))
    try:
        decided = decide(config.resources, live, base, table=table, policy=policy)
    except ConfigError as error:
        raise ConfigError(in_order((*config.problems, *error.problems), config.files)) from None
    problems = not_ignored((*config.problems, *decided.problems), config.ignore)
    decided = replace(decided, problems=in_order(problems, config.files))
    return Planned(decided, live, base, lock_store.name)


def compare(
    planned: Planned,
    config: Config,
    comparison: Comparison,
    *,
    table: Table,
    endpoint: str,
    folder: Path,
    choice: Choice,
) -> Planned:
    """The plan with the origin of every change: its files against those of another commit. Sends nothing."""

    def version(other: Config) -> Version:
        return Version.of(
            other.resources,
            other.problems,
            planned.live,
            planned.base,
            asked=config.resources.keys(),
            table=table,
            # The globs were checked with these files; what they name may not be in the other ones.
            policy=_policy(other, replace(choice, afterwards=True), endpoint, folder, snapshot=False),
        )

    fork = version(comparison.fork) if comparison.fork else None
    against = comparing(
        planned.plan, version(comparison.other), fork, ref=comparison.ref, commit=comparison.commit
    )
    against = replace(against, notes=(*comparison.notes, *against.notes))
    return replace(planned, plan=replace(planned.plan, against=against))


async def _fetch_live(
    config: Config, client: Api | None, base: Base, choice: Choice, *, table: Table, lists: Lists | None
) -> Live:
    if client is None:
        msg = "plan() needs a client, or a live state that was read before"
        raise TypeError(msg)
    declared = _all_absent(config.resources) if choice.destroy else config.resources
    return await fetch(
        client,
        config.resources,
        table=table,
        organization=config.organization,
        reach=children_within(declared, base.entries, table=table, everything=_prunes_all(config)),
        remembered=base.entries,
        lists=lists,
    )


def _load_base(lock_store: LockStore, table: Table) -> Base:
    """What was applied last. Raises `LockError` where the lock names a kind that the table does not have."""
    base = lock_store.load()
    for address in base.entries:
        if address.kind not in table:
            where = f"{lock_store.name or 'the lock'}: names {address}"
            msg = f"{where}, which this program does not know; upgrade gbsync, or remove that entry"
            raise LockError(msg)
    return base


def apply(
    planned: Planned, client: Api, lock_store: LockStore, *, table: Table, options: Options | None = None
) -> Run:
    """A run that carries the plan out with `await run.work()`."""
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
    """Records in the lock that what is live was applied, and sends nothing.

    A field that differs is not recorded, so the next plan still shows it. Returns the addresses of which
    nobody knew before whether they were as declared. Raises `LockError`.
    """
    base, plan = planned.base, planned.plan
    touched = {step.address for step in plan.steps}
    entries = {address: plan.lock_entries[address] for address in plan.lock_entries if address not in touched}
    unknown = [step for step in plan.steps if any(change.unknown for change in step.changes)]
    for step in unknown:
        differing = {change.name for change in step.changes if not change.unknown}
        entry, version = plan.lock_entries[step.address], planned.live.state[step.address].facts.version
        fields = {name: digest for name, digest in entry.fields.items() if name not in differing}
        entries[step.address] = replace(entry, fields=fields, version=version)
    lock_store.save(replace(updated(base, entries, plan.forget), unmanaged=unmanaged(plan, base)))
    return tuple(step.address for step in unknown)


async def recheck(
    saved: planfile.Saved,
    client: Api,
    lock_store: LockStore,
    *,
    table: Table,
    endpoint: str,
    organization: str = "",
    lists: Lists | None = None,
) -> Planned:
    """A saved plan with the live state as it is now.

    Raises `UsageError` for a plan of another endpoint or organization, `Stale` when what it was made from
    has changed since.
    """
    plan = saved.plan
    _refuse_foreign(plan, endpoint, organization)
    base = _load_base(lock_store, table)
    if base.known and base.salt != saved.salt:
        msg = f"the lock was replaced since the plan was made; {AGAIN}"
        raise Stale([msg, UNTOUCHED])
    if base.stamp != saved.stamp:
        # Somebody has applied since. Of what this plan does not touch, their entries are the newer ones.
        touched = {step.address for step in plan.steps}
        lock_entries = {address: entry for address, entry in plan.lock_entries.items() if address in touched}
        plan = replace(plan, lock_entries=lock_entries, forget=())
    base = replace(base, salt=saved.salt)
    live = await _live_for(plan, client, table, lists)
    _refuse_conflicts(Planned(plan, live, base), lock_store, table)
    return Planned(plan, live, base, saved.kept)


def _refuse_foreign(plan: Plan, endpoint: str, organization: str) -> None:
    if plan.snapshot:
        msg = "the plan was made from a snapshot and cannot be applied; plan against GitBook itself"
        raise UsageError(msg)
    if plan.endpoint.rstrip("/") != endpoint.rstrip("/"):
        msg = f"the plan is for {plan.endpoint}, not for {endpoint}; set GITBOOK_ENDPOINT, or plan again"
        raise UsageError(msg)
    if organization and plan.organization != organization:
        msg = f"the plan is for organization {plan.organization}, not for {organization}; plan again"
        raise UsageError(msg)


async def _live_for(plan: Plan, client: Api, table: Table, lists: Lists | None) -> Live:
    """What is live of everything that the plan touches; of duplicates the ones that it was made from."""
    targets: dict[Address, Resource] = {}
    for step in plan.steps:
        address, identity = step.address, step.expected.identity
        targets[address] = _pinned(address, identity.id, step.desired)
        if address.parent:
            targets.setdefault(address.parent, _pinned(address.parent, identity.parent, {}))
    return await fetch(
        client,
        targets,
        table=table,
        organization=plan.organization,
        reach=children_within(targets, (), table=table, everything=False),
        look_up=False,
        lists=lists,
    )


def _pinned(address: Address, server_id: str | None, attributes: Mapping[str, Any]) -> Resource:
    """A resource that is declared with the server id that the plan was made from."""
    declaration = Declaration(Place(""), id=server_id) if server_id else None
    return Resource(address, attributes, declaration=declaration)


def _refuse_conflicts(planned: Planned, lock_store: LockStore, table: Table) -> None:
    """Raises `ConflictingPlan` with everything that the plan decided on and that is not so any more."""
    plan, live = planned.plan, planned.live.state
    preconditions = Preconditions(table, planned.base.salt, live, _redactor(plan, live, table))
    lock_writer = LockWriter(plan, planned.base, lock_store)
    conflicts: dict[Address, tuple[Conflict, ...]] = {}
    for step in plan.steps:
        now = live.get(step.address)
        # What is as it is to become is no conflict, whoever made it so. Of a publish the lock must say that
        # too: a script cannot be read back, so the live fields alone do not tell whether it is ours.
        if preconditions.is_satisfied(step, now) and (now is None or lock_writer.knows(step, now)):
            continue
        if changed := preconditions.conflicts(step, now):
            conflicts[step.address] = changed
    objections = tuple(_objections(plan, preconditions, live, table))
    if conflicts or objections:
        raise ConflictingPlan(conflicts, objections)


def _objections(plan: Plan, preconditions: Preconditions, live: State, table: Table) -> Iterator[str]:
    """What a deletion of the plan would take along although the plan does not show it."""
    planned_deletions = PlannedDeletions.of(preconditions, plan)
    for address, resource in live.items():
        over = [above for above in depends_on(table, address) if above in planned_deletions.steps]
        if over and address not in planned_deletions.steps:
            for objection in planned_deletions.objections([resource]):
                yield f"{objection}, and would be deleted with {over[0]}; {AGAIN}"


def _all_absent(declared: State) -> State:
    return {address: without(resource) for address, resource in declared.items()}


def _prunes_all(config: Config) -> bool:
    if config.prune == "all":
        return True
    return any(item.declaration and item.declaration.prune == "all" for item in config.resources.values())


def _policy(config: Config, choice: Choice, endpoint: str, folder: Path, *, snapshot: bool) -> Policy:
    remembered = remembering(folder)
    read = {remembered(file) for file in config.files}

    def file_was_read(name: str) -> bool:
        return name in read or (name != STDIN[0] and not config.source.is_there(folder / name))

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


def _naming(config: Config, table: Table) -> Callable[[Address], str]:
    """The catalogue's names, also for what is pruned or no longer declared."""
    return lambda address: config.catalogue.name(table[address.kind].file.section, address.key)


def _redactor(plan: Plan, live: State, table: Table) -> Redactor:
    return Redactor(table, live, SecretNames(plan.mask, public=public_keys(table)), plan.secret_fields)


def remembering(folder: Path) -> Callable[[str], str]:
    """How the lock names a file: relative to its own folder, so that it means the same in every clone."""
    known: dict[str, str] = {}
    here = resolved(folder)

    def name(file: str) -> str:
        if file in STDIN:
            return STDIN[0]
        if file not in known:
            path = Path(file)
            real = resolved(path.parent) / path.name  # `..` from a folder that is a link leads elsewhere
            known[file] = Path(os.path.relpath(real, here)).as_posix()
        return known[file]

    return name
