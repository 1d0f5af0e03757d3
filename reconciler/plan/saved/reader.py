"""The parts of a saved plan as values again: nothing in it is believed before it has the right shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.plan.diff import EMPTY
from reconciler.plan.expected import Expected
from reconciler.plan.step import Action, Change, Limits, Notice, Plan, Step
from reconciler.resources.kind import Mark
from reconciler.resources.resource import Address
from reconciler.resources.stored_json import Damaged
from reconciler.resources.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.diagnostics import Place
    from reconciler.lock.document import LockEntry
    from reconciler.plan.saved.stored import (
        ResourceChange,
        Review,
        ShownChange,
        ShownNotice,
        ShownPlace,
        StoredChange,
        StoredExpected,
        StoredPlan,
        StoredStep,
    )
    from reconciler.plan.saved.values import Unpacker
    from reconciler.resources.kind import Kind, Table

MENTIONS = ("unmanaged", "forgotten", "declared_in_unread_file", "pending", "uncompared")


@dataclass(frozen=True, slots=True)
class PlanReader:
    """Reads a document against the table of kinds. Every method raises `Damaged`."""

    table: Table
    unpacker: Unpacker
    sends: bool
    """Whether the plan is going to be applied: then secrets and files are read from their sources."""

    def plan(self, document: StoredPlan) -> Plan:
        """The whole plan."""
        review, own = document.gbsync, document.gbsync.apply
        lock_entries = {self._address(key): item.entry() for key, item in own.lock_entries.items()}
        steps = self._steps(document)
        _check_each_once(steps, lock_entries)
        return Plan(
            organization=review.organization,
            endpoint=review.endpoint,
            steps=steps,
            **self._notices(review),
            problems=tuple(item.problem() for item in review.problems),
            notes=review.notes,
            partial=review.partial,
            destroy=review.destroy,
            snapshot=review.snapshot,
            live_count=review.resources.live,
            declared_count=review.resources.declared,
            limits=Limits(own.limits.max_deletes, own.limits.protect, own.limits.silent),
            mask=own.mask,
            secret_fields=frozenset(own.secret_fields),
            reads=review.requests.plan,
            pages=own.pages,
            closing=own.closing,
            rate=review.requests.rate,
            lock_entries=lock_entries,
            forget=tuple(map(self._address, own.forget)),
            salt=self.unpacker.salt,
            labels={self._address(key): label for key, label in own.labels.items()},
        )

    def _steps(self, document: StoredPlan) -> tuple[Step, ...]:
        """What is shown, in the order in which it is shown, each with what it sends."""
        stored = document.gbsync.apply.steps
        if {item.address for item in document.resource_changes} != stored.keys():
            msg = "its `resource_changes` are not the steps that it would carry out"
            raise Damaged(msg)
        return tuple(self._step(item, stored[item.address]) for item in document.resource_changes)

    def _step(self, reviewed: ResourceChange, stored: StoredStep) -> Step:
        """One step, which speaks of fields that its kind has."""
        address, (action,) = self._address(reviewed.address), reviewed.change.actions
        kind = self.table[address.kind]
        if len(reviewed.gbsync.changes) != len(stored.changes):
            msg = f"the step of {address} shows other changes than it sends"
            raise Damaged(msg)
        changes = tuple(zip(reviewed.gbsync.changes, stored.changes, strict=True))
        step = Step(
            action,
            address,
            tuple(self._change(kind, *change) for change in changes),
            reason=reviewed.action_reason,
            label=reviewed.gbsync.label,
            place=_place(reviewed.gbsync.place),
            expected=self._expected(stored.expected),
            desired=self._desired(kind, address, stored.desired),
            left_out=frozenset(stored.left_out),
            needs=tuple(map(self._address, reviewed.gbsync.needs)),
            requests=reviewed.gbsync.requests,
            sends=reviewed.gbsync.sends,
        )
        _check_agreement(kind, step, stored)
        return step

    def _address(self, text: str) -> Address:
        address = Address(text)
        if address.kind not in self.table:
            msg = f"{text or 'an empty text'} is no address of this program"
            raise Damaged(msg)
        return address

    def _expected(self, stored: StoredExpected) -> Expected:
        fields = {name: self.unpacker.masked(value) for name, value in stored.fields.items()}
        return Expected(stored.identity.identity(), fields, stored.other_keys)

    def _desired(self, kind: Kind, address: Address, stored: Mapping[str, Any]) -> dict[str, Any]:
        for name in stored:
            _check_field(kind, name)
        unpacked = {
            name: self.unpacker.wanted(value, address) if self.sends else self.unpacker.masked(value)
            for name, value in stored.items()
        }
        if not isinstance(unpacked.get(kind.keyed, {}), dict):
            msg = f"`{kind.keyed}` is of another type"
            raise Damaged(msg)
        return unpacked

    def _change(self, kind: Kind, reviewed: ShownChange, stored: StoredChange) -> Change:
        _check_field(kind, reviewed.path[0])
        return Change(
            reviewed.path,
            self.unpacker.masked(stored.before),
            self.unpacker.masked(stored.after),
            unknown=reviewed.unknown,
            place=_place(reviewed.place),
        )

    def _notices(self, review: Review) -> dict[str, Any]:
        return {name: tuple(map(self._notice, getattr(review, name))) for name in MENTIONS}

    def _notice(self, item: ShownNotice) -> Notice:
        return Notice(self._address(item.address), item.label, item.path, item.note, item.link)


def _check_each_once(steps: Iterable[Step], lock_entries: Mapping[Address, LockEntry]) -> None:
    """There is one step for an address, and what it leaves in the lock is known."""
    seen: set[Address] = set()
    for step in steps:
        if step.address in seen:
            msg = f"it has two steps for {step.address}"
            raise Damaged(msg)
        if step.action is not Action.DELETE and step.address not in lock_entries:
            msg = f"it does not say what the lock remembers of {step.address}"
            raise Damaged(msg)
        seen.add(step.address)


def _check_agreement(kind: Kind, step: Step, stored: StoredStep) -> None:
    """What a step sends is what its changes show: every change is sent, and nothing beside them is new."""
    sent, deletes = _sent(kind, stored.desired), step.action is Action.DELETE
    reviewed = {change.name: item.after for change, item in zip(step.changes, stored.changes, strict=True)}
    always = {name: item.assumed for name, item in kind.fields.items() if item.has(Mark.ALWAYS)}
    other = {name for name, after in reviewed.items() if sent.get(name, always.get(name, _ABSENT)) != after}
    hidden = {
        name
        for name, value in sent.items()
        if name not in reviewed
        and value != _ABSENT
        and (deletes or not _was_so(kind, name, value, stored.expected.fields))
    }
    unsent = {name for name in step.left_out if not _is_empty(kind, name, stored.desired.get(name, _ABSENT))}
    for name in sorted(other | hidden | unsent):
        msg = f"the step of {step.address} shows another {name} than it sends"
        raise Damaged(msg)


_ABSENT = {"$absent": True}


def _is_empty(kind: Kind, name: str, value: Any) -> bool:
    """Whether a field that is not sent is shown as what it is then."""
    return value in EMPTY or (name in kind.fields and value == kind.fields[name].assumed)


def _sent(kind: Kind, desired: Mapping[str, Any]) -> dict[str, Any]:
    """Every field and key that is sent, as it stands in the document."""
    sent: dict[str, Any] = {}
    for name, value in desired.items():
        if name == kind.keyed and isinstance(value, dict):
            keys = value.get("$object", value)
            sent |= {f"{name}.{key}": _ABSENT if item is None else item for key, item in keys.items()}
        else:
            sent[name] = value
    return sent


def _was_so(kind: Kind, name: str, value: Any, expected: Mapping[str, Any]) -> bool:
    """Whether a field that no change shows was as it is sent; of one that cannot be read nobody knows."""
    item = kind.fields.get(name)
    if name not in expected:
        return item is not None and not item.compared
    then = expected[name]
    if _is_marked(then) or _is_marked(value):
        return True  # a digest, or a default of a key that is not there: held against what is live later
    return item.same(value, then) if item else same(value, then)


def _is_marked(value: Any) -> bool:
    """Whether it stands for a value that has no JSON of its own."""
    return isinstance(value, dict) and any(key.startswith("$") for key in value)


def _check_field(kind: Kind, name: str) -> None:
    if name not in kind.fields:
        msg = f"{kind.name} has no field `{name}`"
        raise Damaged(msg)


def _place(place: ShownPlace | None) -> Place | None:
    return place.place() if place else None
