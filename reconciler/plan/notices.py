"""What a plan mentions without touching it: unmanaged, forgotten, pending, not compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.plan.deletes import held_back
from reconciler.plan.diff import keys_of, live_key, readable
from reconciler.plan.lock_entries import dropped, hidden, is_normalised
from reconciler.plan.step import Action, Mention
from reconciler.resources.desired import is_absent
from reconciler.resources.forms import is_mask
from reconciler.resources.targets import families
from reconciler.resources.values import is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.context import Sight
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Address

GONE = "no file names it any more"
LINE_GONE = "a line was removed from the file; its value stays"
NOT_COMPARED = "masked in the snapshot, or its secret is not set here"


@dataclass(frozen=True, slots=True)
class Survey:
    """What stays although no file declares it, each with the reason why it stays."""

    unmanaged: tuple[Mention, ...]
    forgotten: tuple[Mention, ...]
    elsewhere: tuple[Mention, ...]


def survey(sight: Sight, changed: frozenset[Address]) -> Survey:
    """Everything live within reach that no file declares and no step touches."""
    unmanaged, forgotten, elsewhere = [], *_lines(sight)
    for address in sight.live:
        if address in sight.desired or address in changed or not sight.within(address):
            continue
        entry, label = sight.entry(address), sight.label(address)
        if entry and not sight.policy.reached(entry.file):
            elsewhere.append(Mention(address, label, note=f"declared in {entry.file}, not read"))
        elif entry:
            forgotten.append(Mention(address, label, note=GONE))
        elif sight.kind(address).prunable and not sight.everywhere(address):
            unmanaged.append(Mention(address, label))
    return Survey(_sorted(unmanaged), _sorted(forgotten), _sorted(elsewhere))


def _sorted(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    return tuple(sorted(mentions, key=lambda item: (item.address, item.path)))


def _dropped(sight: Sight) -> Iterator[tuple[Address, tuple[str, ...], str]]:
    """Fields and keys that were declared once and are still set, with the file that declared them."""
    for address, entry in sight.base.entries.items():
        resource, live = sight.desired.get(address), sight.live.get(address)
        if resource is None or live is None or resource.absent:
            continue
        for path in dropped(sight.kind(resource.address), resource, live, entry):
            yield address, path, entry.file_of(".".join(path))


def _lines(sight: Sight) -> tuple[list[Mention], list[Mention]]:
    """Lines that were removed from files that were read, and lines of files that were not."""
    removed, unread = [], []
    for address, path, file in _dropped(sight):
        if sight.policy.reached(file):
            removed.append(Mention(address, sight.label(address), path, LINE_GONE))
        else:
            note = f"declared in {file}, not read"
            unread.append(Mention(address, sight.label(address), path, note))
    return removed, unread


def forget(sight: Sight, changed: frozenset[Address]) -> tuple[Address, ...]:
    """Addresses that leave the lock: not live, not declared, and within what this run has seen."""
    return tuple(
        address
        for address, entry in sight.base.entries.items()
        if address not in sight.live
        and address not in changed
        and not _may_be_there(sight, address)
        and sight.within(address)
        and _is_over(sight, address)
        and sight.policy.reached(entry.file)
    )


def _may_be_there(sight: Sight, address: Address) -> bool:
    """Whether it could not be seen: no list shows it yet, or not the declared parent that it stands under."""
    above = address.parent
    if above in sight.desired and above not in sight.live and not is_absent(sight.desired, above):
        return True
    return not sight.seen.unshown.isdisjoint((address, address.root))


def _is_over(sight: Sight, address: Address) -> bool:
    """Whether nobody declares it; what is only looked for when it is declared may still be there."""
    if address in sight.desired:
        return is_absent(sight.desired, address)
    return sight.kind(address).prunable


def reach(sight: Sight, changed: frozenset[Address]) -> int:
    """How much is live within reach: what is touched, what file and lock name, and under `all` everything."""
    known = sight.desired.keys() | sight.base.entries.keys()
    return sum(
        address in changed
        or (sight.within(address) and (address in known or _is_listed_under_all(sight, address)))
        for address in sight.live
    )


def _is_listed_under_all(sight: Sight, address: Address) -> bool:
    return sight.kind(address).prunable and sight.prune(address) == "all"


def pending(sight: Sight) -> Iterator[Mention]:
    """What waits for a person, with the link."""
    for address in sight.desired:
        live = sight.live.get(address)
        if live and live.facts.status == "pending":
            yield Mention(address, sight.label(address), link=live.facts.link)


def uncompared(sight: Sight, changed: frozenset[Address]) -> Iterator[Mention]:
    """What is neither equal nor different: a masked value of a snapshot, or a secret that is not set."""
    for address in sight.desired if sight.policy.snapshot else sight.unset:
        resource, live = sight.desired[address], sight.live.get(address)
        if live is None or resource.absent:
            continue
        kind = sight.kind(address)
        paths = [*readable(kind, resource, live).uncompared]
        if address not in changed:
            paths += [(name,) for name, value in hidden(kind, resource).items() if not is_known(value)]
        for path in paths:
            yield Mention(address, sight.label(address), path, NOT_COMPARED)


def notes(sight: Sight) -> Iterator[str]:
    """What the first lines say: memory that is missing, what is normalised, deletions held back."""
    missing = _missing_memory(sight)
    if missing:
        yield f"No lock yet, so not known: {'; '.join(missing)}."
    yield from _normalised(sight)
    for address, excluded in held_back(sight).items():
        yield f"{address} stays, because {excluded} is excluded and would go with it."


def _normalised(sight: Sight) -> Iterator[str]:
    """What the API keeps in another form than the file says, until the file says that form."""
    for address, entry in sight.base.entries.items():
        resource, live = sight.desired.get(address), sight.live.get(address)
        if not entry.kept or resource is None or live is None or resource.absent:
            continue
        kind, salt = sight.kind(address), sight.base.salt
        names = ", ".join(
            change.name
            for change in readable(kind, resource, live).changes
            if is_normalised(change, live, kind, entry, salt)
        )
        if names:
            yield f"{address}: the API keeps {names} in another form than the file says, which is no change."


def left_out(sight: Sight, steps: Iterable[Step]) -> Iterator[str]:
    """What a target does not name although it stands under it; what goes with it is no part of that."""
    gone = {step.address for step in steps if step.action is Action.DELETE}
    for above, count in sight.selection.left_out.items():
        if above not in gone:
            yield f"--target {above} leaves out {count} under it; --target '{above}/**' names them too."


def masked(sight: Sight, steps: Iterable[Step]) -> Iterator[str]:
    """Updates that apply will refuse to write: an undeclared key reads back as a mask."""
    for step in steps:
        kind, live = sight.kind(step.address), sight.live.get(step.address)
        if live is None or step.action is not Action.UPDATE:
            continue
        named = step.desired.get(kind.keyed) or {}
        found = [
            key for key in sorted(keys_of(kind, live) - set(named)) if is_mask(live_key(kind, live, key))
        ]
        if found and any(change.path[0] == kind.keyed for change in step.changes):
            names = ", ".join(f"{kind.keyed}.{key}" for key in found)
            yield f"{step.address}: {names} reads back as a mask; declare it, or nothing is sent."


def _missing_memory(sight: Sight) -> list[str]:
    if sight.base.known:
        return []
    found = []
    unseen = dict.fromkeys(
        name
        for address, item in sight.desired.items()
        if (kind := sight.kind(address)).unreadable and address in sight.live
        for name in hidden(kind, item)
    )
    if unseen:
        found.append(f"what was published last of {', '.join(unseen)}, which cannot be read back")
    if any(sight.prune(address) != "none" for address in families((*sight.desired, *sight.live)).values()):
        found.append("what was managed before (prune)")
    return found
