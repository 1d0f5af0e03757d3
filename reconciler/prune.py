"""What goes: declared absent, no longer declared, never declared, or with its parent; and what is only mentioned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.desired import is_absent
from reconciler.diff import flat, live_key, removed
from reconciler.resource import Address, Resource
from reconciler.select import depends_on
from reconciler.step import ABSENT, Action, Mention, Reason, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.kind import Kind
    from reconciler.lock import Entry
    from reconciler.plan import Sight


@dataclass(frozen=True, slots=True)
class Survey:
    """What a plan mentions without touching it, and how much was live within reach."""

    unmanaged: tuple[Mention, ...]
    forgotten: tuple[Mention, ...]
    elsewhere: tuple[Mention, ...]
    forget: tuple[Address, ...]
    reach: int


def mode(sight: Sight, address: Address) -> str:
    """The prune mode for an address: its parent's own, else the file's."""
    parent = sight.desired.get(address.parent) if address.parent else None
    own = parent.declaration.prune if parent and parent.declaration else ""
    return own or sight.policy.prune


def keys(sight: Sight, kind: Kind, resource: Resource, live: Resource) -> tuple[str, ...]:
    """The configuration keys that we set once, no file names any more, and that are still set."""
    if mode(sight, resource.address) == "none":
        return ()
    entry = sight.base.entries.get(resource.address)
    if entry is None or not sight.policy.reached(entry.file):
        return ()
    return tuple(path[1] for path in _dropped(kind, resource, live, entry) if len(path) > 1)


def _dropped(kind: Kind, resource: Resource, live: Resource, entry: Entry) -> Iterator[tuple[str, ...]]:
    """The recorded fields and keys that are not declared any more but still live."""
    declared = {".".join(path) for path, _ in flat(kind, resource.attributes)}
    for name in sorted(entry.fields.keys() - declared):
        field, _, key = name.partition(".")
        if field == kind.keyed and key:
            if live_key(kind, live, key) is not ABSENT:
                yield (field, key)
        elif live.attributes.get(field) not in (None, [], {}, ""):
            yield (field,)


def deletions(sight: Sight) -> tuple[Step, ...]:
    """Every deletion of the plan; what goes with a parent is a step of its own that sends nothing."""
    chosen = {
        address: reason
        for address in sight.live
        if sight.within(address) and (reason := _reason(sight, address)) is not Reason.NONE
    }
    enclosed = {
        address: over for address in sight.live if (over := _encloser(sight, address, chosen)) is not None
    }
    return tuple(
        _deletion(sight, address, Reason.PARENT if address in enclosed else chosen[address], enclosed.get(address))
        for address in {**chosen, **enclosed}
    )


def _reason(sight: Sight, address: Address) -> Reason:
    if address in sight.desired:
        if not is_absent(sight.desired, address):
            return Reason.NONE
        return Reason.DESTROY if sight.policy.destroy else Reason.DECLARED_ABSENT
    if sight.policy.destroy or not sight.table[address.kind].prunable or _everywhere(sight, address):
        return Reason.NONE
    how, entry = mode(sight, address), sight.base.entries.get(address)
    if how == "none" or (entry and not sight.policy.reached(entry.file)):
        return Reason.NONE
    if entry:
        return Reason.NO_LONGER_DECLARED
    return Reason.NOT_DECLARED if how == "all" else Reason.NONE


def _everywhere(sight: Sight, address: Address) -> bool:
    """Whether it exists by itself because its parent works on all of its kind."""
    parent = sight.live.get(address.parent) if address.parent else None
    return parent is not None and address.kind in parent.facts.everywhere


def _encloser(sight: Sight, address: Address, chosen: dict[Address, Reason]) -> Address | None:
    """The nearest address whose deletion takes this one along."""
    for above in depends_on(sight.table, address):
        if above in chosen:
            return above
        if above in sight.live and _encloser(sight, above, chosen) is not None:
            return above
    return None


def _deletion(sight: Sight, address: Address, reason: Reason, over: Address | None) -> Step:
    live = sight.live[address]
    kind = sight.table[address.kind]
    declared = sight.desired.get(address)
    return Step(
        Action.DELETE,
        address,
        removed(kind, live, sight.policy.secret_name),
        reason=reason,
        label=sight.label(address),
        place=declared.declaration.place if declared and declared.declaration else None,
        basis=_basis(sight, kind, live),
        needs=(over,) if over else (),
        requests=0 if over else 2,
        sends=over is None,
    )


def _basis(sight: Sight, kind: Kind, live: Resource) -> dict[str, Any]:
    """What a deletion decides on: what the plan shows, less keys that only the integration writes."""
    found: dict[str, Any] = {"id": live.facts.id}
    if kind.writes == "whole":
        found["version"] = live.facts.version
    schema = kind.schema(live.address, {}, sight.live)
    entry = sight.base.entries.get(live.address)
    ours = {name.partition(".")[2] for name in entry.fields} if entry else set()
    own = (schema.settable if schema else frozenset()) | ours
    for path, value in flat(kind, live.attributes):
        if len(path) == 1 or path[1] in own:
            found[".".join(path)] = ABSENT if value is None else value
    return found


def survey(sight: Sight, changed: frozenset[Address]) -> Survey:
    """What stays although no file declares it, each with the reason why it stays."""
    unmanaged, forgotten, elsewhere = [], [], []
    for address in sight.live:
        entry = sight.base.entries.get(address)
        if address in sight.desired or address in changed or not sight.within(address):
            continue
        label = sight.label(address)
        if entry and not sight.policy.reached(entry.file):
            elsewhere.append(Mention(address, label, note=f"declared in {entry.file}, not read"))
        elif entry:
            forgotten.append(Mention(address, label, note="no file names it any more"))
        elif sight.table[address.kind].prunable and not _everywhere(sight, address):
            unmanaged.append(Mention(address, label))
    forgotten.extend(_forgotten_fields(sight))
    return Survey(
        tuple(sorted(unmanaged, key=lambda item: item.address)),
        tuple(sorted(forgotten, key=lambda item: (item.address, item.path))),
        tuple(sorted(elsewhere, key=lambda item: item.address)),
        _forget(sight, changed),
        _reach(sight),
    )


def _forgotten_fields(sight: Sight) -> Iterator[Mention]:
    for address, entry in sight.base.entries.items():
        resource, live = sight.desired.get(address), sight.live.get(address)
        if resource is None or live is None or is_absent(sight.desired, address):
            continue
        for path in _dropped(sight.table[address.kind], resource, live, entry):
            yield Mention(address, sight.label(address), path, "a line was removed from the file; its value stays")


def _forget(sight: Sight, changed: frozenset[Address]) -> tuple[Address, ...]:
    """Addresses that leave the lock: not live, not declared, and within what this run has seen."""
    return tuple(
        address
        for address, entry in sight.base.entries.items()
        if sight.within(address)
        and address not in sight.live
        and address not in changed
        and (address not in sight.desired or is_absent(sight.desired, address))
        and sight.policy.reached(entry.file)
    )


def _reach(sight: Sight) -> int:
    prunable = [address for address in sight.live if sight.table[address.kind].prunable]
    known = sight.desired.keys() | sight.base.entries.keys()
    listed = sum(mode(sight, address) == "all" or address in known for address in prunable)
    return listed + sum(address in known for address in sight.live.keys() - set(prunable))
