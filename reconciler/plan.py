"""Desired, live, base and policy → Plan: pure, the same for every kind."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler import prune, select
from reconciler.desired import is_absent, opaque, settle
from reconciler.diff import claimed, created, flat, live_key, live_value, masked, readable
from reconciler.errors import ConfigError
from reconciler.kind import Kind, Mark, Table
from reconciler.lock import Base, Entry
from reconciler.memory import Memory, settled, unseen
from reconciler.problem import Problem, Severity
from reconciler.resource import Address, Live, Resource, State
from reconciler.step import ABSENT, Action, Change, Mention, Plan, Step

if TYPE_CHECKING:
    from collections.abc import Iterator


def _yes(_name: str) -> bool:
    return True


def _no(_name: str) -> bool:
    return False


def _itself(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class Policy:
    """What the files and the command line say about the run itself."""

    organization: str
    endpoint: str = ""
    prune: str = "none"
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    destroy: bool = False
    snapshot: bool = False
    secret_name: Callable[[str], bool] = _no
    """Whether a key of this name probably holds a secret."""
    remembered: Callable[[str], str] = _itself
    """How the lock names a file."""
    reached: Callable[[str], bool] = _yes
    """Whether this run has read the file that the lock names, or it no longer exists."""


@dataclass(frozen=True, slots=True)
class Sight:
    """All that one planning looks at."""

    desired: State
    live: State
    base: Base
    table: Table
    policy: Policy
    within: Callable[[Address], bool]
    seen: Live

    def kind(self, address: Address) -> Kind:
        """The row of an address."""
        return self.table[address.kind]

    def label(self, address: Address) -> str:
        """The catalogue's name, else the title."""
        declared, live = self.desired.get(address), self.live.get(address)
        name = declared.declaration.label if declared and declared.declaration else ""
        return name or (live.facts.label if live else "")


def plan(declared: State, live: Live, base: Base, *, table: Table, policy: Policy) -> Plan:
    """What must be done so that `live` is as declared, and nothing else. Raises `ConfigError` with every problem."""
    sight = _look(declared, live, base, table, policy)
    problems = tuple(_problems(sight))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise ConfigError(errors)
    decided = tuple(_decide(sight))
    deletions = prune.deletions(sight)
    gone = {step.address for step in deletions}
    steps = _ordered(sight, (*(step for step in decided if step.address not in gone), *deletions))
    return _assembled(sight, steps, problems, live)


def _look(declared: State, seen: Live, base: Base, table: Table, policy: Policy) -> Sight:
    live = seen.state
    within = select.selection(
        {*declared, *live, *base.entries}, table=table, targets=policy.targets, excludes=policy.excludes
    )
    desired = settle(
        {address: item for address, item in declared.items() if within(address)},
        live,
        table=table,
        organization=policy.organization,
        destroy=policy.destroy,
    )
    base = replace(base, entries={**base.entries, **_after_interruption(desired, live, base, table)})
    sight = Sight(desired, live, base, table, policy, within, seen)
    return replace(sight, desired={address: _claiming(sight, item) for address, item in desired.items()})


def _after_interruption(desired: State, live: State, base: Base, table: Table) -> dict[Address, Entry]:
    """The entries of publishes that were interrupted, as what is live says that they ended."""
    return {
        address: settled(entry, table[address.kind], desired[address], live[address])
        for address, entry in base.entries.items()
        if entry.intent and address in desired and address in live
    }


def _claiming(sight: Sight, resource: Resource) -> Resource:
    """The resource with every key that it is to lose set to `None`: claimed by `exact`, or pruned."""
    live = sight.live.get(resource.address)
    kind = sight.kind(resource.address)
    if live is None or not kind.keyed or is_absent(sight.desired, resource.address):
        return resource
    keys = (*claimed(kind, resource, live), *prune.keys(sight, kind, resource, live))
    if not keys:
        return resource
    owned = {**dict.fromkeys(keys), **resource.attributes.get(kind.keyed, {})}
    return replace(resource, attributes={**resource.attributes, kind.keyed: owned})


def _problems(sight: Sight) -> Iterator[Problem]:
    for resource in sight.desired.values():
        kind = sight.kind(resource.address)
        yield from kind.check(resource, sight.desired, sight.live)
        yield from _twins(sight, resource)
        if is_absent(sight.desired, resource.address):
            continue
        if resource.address not in sight.live:
            yield from _incomplete(kind, resource)
            yield from _unknown_key(sight, kind, resource)
        if not sight.policy.snapshot:
            yield from _unset(resource)


def _incomplete(kind: Kind, resource: Resource) -> Iterator[Problem]:
    missing = sorted(kind.requires - resource.attributes.keys())
    if missing:
        yield _problem(
            "GB060", resource, f"cannot be made without {', '.join(missing)}", f"declare {', '.join(missing)}"
        )


def _twins(sight: Sight, resource: Resource) -> Iterator[Problem]:
    ids = sight.seen.twins.get(resource.address)
    if ids:
        yield _problem(
            "GB062",
            resource,
            f"{len(ids)} live objects answer to this address: {', '.join(ids)}",
            "remove one in the app, or pin one with `id:`",
        )


def _unknown_key(sight: Sight, kind: Kind, resource: Resource) -> Iterator[Problem]:
    keys = sight.seen.keys.get(kind.name)
    if keys is None or resource.address.key in keys:
        return
    near = difflib.get_close_matches(resource.address.key, keys, 1)
    title = next((key for key, title in keys.items() if title and title == resource.address.key), "")
    advice = f"did you mean {near[0]}?" if near else "copy the id from its address in the app"
    advice = f"{title} is the id of the {kind.word} with that title" if title else advice
    yield _problem("GB066", resource, f"the organization has no {kind.word} {resource.address.key}", advice)


def _unset(resource: Resource) -> Iterator[Problem]:
    for name in opaque(resource):
        yield _problem(
            "GB061",
            resource,
            f"a secret in {name} is not set",
            "set it in the environment, or as a file under GBSYNC_SECRETS_DIR",
            name,
        )


def _problem(rule: str, resource: Resource, message: str, advice: str, name: str = "") -> Problem:
    declaration = resource.declaration
    place = (declaration.places.get((name,)) or declaration.place) if declaration else None
    return Problem(rule, message, advice, place, resource.address)


def _decide(sight: Sight) -> Iterator[Step]:
    for address, resource in sight.desired.items():
        live = sight.live.get(address)
        if is_absent(sight.desired, address):
            continue
        step = _create(sight, resource) if live is None else _update(sight, resource, live)
        if step is not None:
            yield step


def _create(sight: Sight, resource: Resource) -> Step:
    kind = sight.kind(resource.address)
    changes = created(kind, resource)
    patch = kind.writes == "patch" and bool(changes)
    return Step(
        Action.CREATE,
        resource.address,
        changes,
        label=sight.label(resource.address),
        place=resource.declaration.place if resource.declaration else None,
        basis={".".join(change.path): ABSENT for change in changes},
        desired=resource.attributes,
        requests=1 + kind.looks_first + patch,
    )


def _update(sight: Sight, resource: Resource, live: Resource) -> Step | None:
    kind = sight.kind(resource.address)
    entry = sight.base.entries.get(resource.address)
    hidden, reason = unseen(kind, resource, live, entry, sight.base.salt)
    changes = (*_shown(sight, readable(kind, resource, live).changes), *hidden)
    if not changes:
        return None
    if kind.writes == "whole":
        _refuse_wiping(kind, resource, live)
    return Step(
        Action.UPDATE,
        resource.address,
        changes,
        reason=reason,
        label=sight.label(resource.address),
        place=resource.declaration.place if resource.declaration else None,
        basis=basis(kind, resource, live),
        desired=resource.attributes,
        requests=2,
    )


def _shown(sight: Sight, changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(
        replace(change, before=masked(change.before, change.path[-1], sight.policy.secret_name))
        for change in changes
    )


def _refuse_wiping(kind: Kind, resource: Resource, live: Resource) -> None:
    if resource.declaration and kind.expand in resource.declaration.extra:
        return
    wiped = sorted(live.facts.hidden - resource.attributes.keys())
    if wiped:
        names = ", ".join(wiped)
        raise ConfigError(
            [
                _problem(
                    "GB064",
                    resource,
                    f"publishing would wipe {names}, which cannot be read back",
                    f"declare {names} (`secrets: {{}}` for none)",
                )
            ]
        )


def basis(kind: Kind, resource: Resource, live: Resource) -> dict[str, Any]:
    """What a step decides on: the server id, the version of what is published, each declared field and key."""
    found: dict[str, Any] = {"id": live.facts.id}
    if kind.writes == "whole":
        found["version"] = live.facts.version
    for path, _ in flat(kind, resource.attributes):
        item = kind.fields[path[0]]
        if not item.has(Mark.WRITE_ONLY):
            found[".".join(path)] = live_key(kind, live, path[1]) if len(path) > 1 else live_value(item, live)
    return found


def _ordered(sight: Sight, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Creates and updates, parents first; then deletions, children first; each with what it waits for."""
    rank = {name: number for number, name in enumerate(sight.table)}
    steps = tuple(steps)
    forward = sorted(
        (step for step in steps if step.action is not Action.DELETE),
        key=lambda step: (rank[step.address.kind], step.address),
    )
    backward = sorted(
        (step for step in steps if step.action is Action.DELETE),
        key=lambda step: (-rank[step.address.kind], step.address),
    )
    found = {step.address: step for step in forward}
    return (
        *(replace(step, needs=_needs(sight.table, step, found)) for step in forward),
        *backward,
    )


def _needs(table: Table, step: Step, steps: Mapping[Address, Step]) -> tuple[Address, ...]:
    return tuple(address for address in select.ancestors(table, step.address) if address in steps)


def _assembled(sight: Sight, steps: tuple[Step, ...], problems: tuple[Problem, ...], live: Live) -> Plan:
    changed = frozenset(step.address for step in steps)
    kept = {
        address: item for address, item in sight.desired.items() if not is_absent(sight.desired, address)
    }
    survey = prune.survey(sight, changed)
    return Plan(
        organization=sight.policy.organization,
        endpoint=sight.policy.endpoint,
        steps=steps,
        unmanaged=survey.unmanaged,
        forgotten=survey.forgotten,
        elsewhere=survey.elsewhere,
        pending=tuple(_pending(sight)),
        uncompared=tuple(_uncompared(sight)) if sight.policy.snapshot else (),
        problems=problems,
        notes=(*_notes(sight), *live.notes),
        partial=bool(sight.policy.targets or sight.policy.excludes),
        destroy=sight.policy.destroy,
        snapshot=sight.policy.snapshot,
        reads=live.reads,
        rate=live.rate,
        live_count=survey.reach,
        declared_count=len(kept) if not sight.policy.destroy else len(sight.desired),
        memory=Memory(kept, sight.live, sight.base, changed, table=sight.table, name=sight.policy.remembered),
        forget=survey.forget,
        labels={address: label for address in changed if (label := sight.label(address))},
    )


def _pending(sight: Sight) -> Iterator[Mention]:
    for address in sight.desired:
        live = sight.live.get(address)
        if live and live.facts.status == "pending":
            yield Mention(address, sight.label(address), link=live.facts.link)


def _uncompared(sight: Sight) -> Iterator[Mention]:
    for address, resource in sight.desired.items():
        live = sight.live.get(address)
        if live is None or is_absent(sight.desired, address):
            continue
        for path in readable(sight.kind(address), resource, live).uncompared:
            yield Mention(address, sight.label(address), path, "masked in the snapshot, or its secret is not set here")


def _notes(sight: Sight) -> tuple[str, ...]:
    if sight.base.known or not sight.desired:
        return ()
    what = ["which fields that cannot be read back (script, secrets) were published last"]
    if sight.policy.prune != "none":
        what.append("what was managed before (prune)")
    needed = any(
        kind.fields[name].has(Mark.WRITE_ONLY)
        for address, item in sight.desired.items()
        if (kind := sight.kind(address))
        for name in item.attributes
    )
    return (f"No lock file yet, so not known: {'; '.join(what)}.",) if needed or len(what) > 1 else ()

