"""Notices: what a plan mentions without touching it: unmanaged, forgotten, pending, not compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.deletes import held_back
from reconciler.plan.diff import readable
from reconciler.plan.lock_entries import dropped, hidden, is_normalised
from reconciler.plan.step import Action, Notice
from reconciler.resources.desired import is_absent
from reconciler.resources.targets import families
from reconciler.resources.values import is_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.plan.context import PlanContext
    from reconciler.plan.step import Step
    from reconciler.resources.resource import Address

GONE = "no file names it any more"
LINE_GONE = "a line was removed from the file; its value stays"
NOT_COMPARED = "masked in the snapshot, or its secret is not set here"


@dataclass(frozen=True, slots=True)
class Notices:
    """What stays although no file declares it, each with the reason why it stays."""

    unmanaged: tuple[Notice, ...]
    forgotten: tuple[Notice, ...]
    declared_in_unread_file: tuple[Notice, ...]


def find_notices(context: PlanContext, changed: frozenset[Address]) -> Notices:
    """Everything live within reach that no file declares and no step touches."""
    unmanaged, forgotten, declared_in_unread_file = [], *_lines(context)
    for address in context.live:
        if address in context.desired or address in changed or not context.within(address):
            continue
        entry, label = context.entry(address), context.label(address)
        if entry and not context.policy.file_was_read(entry.file):
            declared_in_unread_file.append(Notice(address, label, note=f"declared in {entry.file}, not read"))
        elif entry:
            forgotten.append(Notice(address, label, note=GONE))
        elif context.kind(address).live.prunable and not context.implicit(address):
            unmanaged.append(Notice(address, label))
    return Notices(_sorted(unmanaged), _sorted(forgotten), _sorted(declared_in_unread_file))


def _sorted(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(sorted(notices, key=lambda item: (item.address, item.path)))


def _dropped(context: PlanContext) -> Iterator[tuple[Address, tuple[str, ...], str]]:
    """Fields and keys that were declared once and are still set, with the file that declared them."""
    for address, entry in context.base.entries.items():
        resource, live = context.desired.get(address), context.live.get(address)
        if resource is None or live is None or resource.absent:
            continue
        for path in dropped(context.kind(resource.address), resource, live, entry):
            yield address, path, entry.file_of(dotted(path))


def _lines(context: PlanContext) -> tuple[list[Notice], list[Notice]]:
    """Lines that were removed from files that were read, and lines of files that were not."""
    removed, unread = [], []
    for address, path, file in _dropped(context):
        if context.policy.file_was_read(file):
            removed.append(Notice(address, context.label(address), path, LINE_GONE))
        else:
            note = f"declared in {file}, not read"
            unread.append(Notice(address, context.label(address), path, note))
    return removed, unread


def forget(context: PlanContext, changed: frozenset[Address]) -> tuple[Address, ...]:
    """Addresses that leave the lock: not live, not declared, and within what this run has seen."""
    return tuple(
        address
        for address, entry in context.base.entries.items()
        if address not in context.live
        and address not in changed
        and not _may_be_there(context, address)
        and context.within(address)
        and _is_over(context, address)
        and context.policy.file_was_read(entry.file)
    )


def _may_be_there(context: PlanContext, address: Address) -> bool:
    """Whether it may exist although it was not seen: its parent, or the object itself, is in no list yet."""
    # Lists lag behind writes. What the lock forgets now would be unmanaged, and never pruned, afterwards.
    above = address.parent
    if above in context.desired and above not in context.live and not is_absent(context.desired, above):
        return True
    return not context.seen.unshown.isdisjoint((address, address.root))


def _is_over(context: PlanContext, address: Address) -> bool:
    """Whether nobody declares it; what is only looked for when it is declared may still be there."""
    if address in context.desired:
        return is_absent(context.desired, address)
    return context.kind(address).live.prunable


def reach(context: PlanContext, changed: frozenset[Address]) -> int:
    """How much is live within reach: what is touched, what file and lock name, and under `all` everything."""
    known = context.desired.keys() | context.base.entries.keys()
    return sum(
        address in changed
        or (context.within(address) and (address in known or _is_listed_under_all(context, address)))
        for address in context.live
    )


def _is_listed_under_all(context: PlanContext, address: Address) -> bool:
    return context.kind(address).live.prunable and context.prune(address) == "all"


def pending(context: PlanContext, changed: frozenset[Address]) -> Iterator[Notice]:
    """What waits for a person, with the link.

    What the plan changes is not said to wait. After a kill between its POST and its PATCH, an installation is
    pending only because its configuration is missing, and that is what the plan is about to send.
    """
    for address in context.desired:
        live = context.live.get(address)
        if live and live.facts.status == "pending" and address not in changed:
            yield Notice(address, context.label(address), link=live.facts.link)


def uncompared(context: PlanContext, changed: frozenset[Address]) -> Iterator[Notice]:
    """What is neither equal nor different: a masked value of a snapshot, or a secret that is not set."""
    for address in context.desired if context.policy.snapshot else context.unset:
        resource, live = context.desired[address], context.live.get(address)
        if live is None or resource.absent:
            continue
        kind = context.kind(address)
        paths = [*readable(kind, resource, live).uncompared]
        if address not in changed:
            paths += [(name,) for name, value in hidden(kind, resource).items() if not is_known(value)]
        for path in paths:
            yield Notice(address, context.label(address), path, NOT_COMPARED)


def notes(context: PlanContext) -> Iterator[str]:
    """What is printed first: that there is no lock, what the API normalises, deletions that are held back."""
    missing = _missing_lock(context)
    if missing:
        yield f"There is no lock yet, so gbsync does not know {' or '.join(missing)}."
    yield from _normalised(context)
    for address, excluded in held_back(context).items():
        yield f"{address} stays, because {excluded} is excluded and would be deleted with it."


def _normalised(context: PlanContext) -> Iterator[str]:
    """What the API keeps in another form than the file says, until the file says that form."""
    for address, entry in context.base.entries.items():
        resource, live = context.desired.get(address), context.live.get(address)
        if not entry.kept or resource is None or live is None or resource.absent:
            continue
        kind, salt = context.kind(address), context.base.salt
        names = ", ".join(
            change.name
            for change in readable(kind, resource, live).changes
            if is_normalised(change, live, kind, entry, salt)
        )
        if names:
            yield f"{address}: the API keeps {names} in another form than the file says, which is no change."


def left_out(context: PlanContext, steps: Iterable[Step]) -> Iterator[str]:
    """What a target does not name although it stands under it; what goes with it is no part of that."""
    gone = {step.address for step in steps if step.action is Action.DELETE}
    for above, count in context.selection.left_out.items():
        if above not in gone:
            yield f"--target {above} leaves out {count} under it; --target '{above}/**' names them too."


def _missing_lock(context: PlanContext) -> list[str]:
    if context.base.known:
        return []
    missing = []
    unseen = dict.fromkeys(
        name
        for address, item in context.desired.items()
        if (kind := context.kind(address)).unreadable and address in context.live
        for name in hidden(kind, item)
    )
    if unseen:
        missing.append(f"what was published last ({', '.join(unseen)} cannot be read back)")
    if any(
        context.prune(address) != "none" for address in families((*context.desired, *context.live)).values()
    ):
        missing.append("what was managed before (which pruning needs)")
    return missing
