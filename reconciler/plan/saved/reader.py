"""The parts of a saved plan as values again: nothing in it is believed before it has the right shape."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.diagnostics import Place, Problem, Severity, dotted
from reconciler.lock.document import read_entry
from reconciler.plan.step import Action, Change, Limits, Notice, Plan, Reason, Step
from reconciler.resources import stored as parts
from reconciler.resources.kind import Mark
from reconciler.resources.resource import Address
from reconciler.resources.stored import Damaged
from reconciler.resources.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable
    from enum import StrEnum

    from reconciler.lock.document import Entry
    from reconciler.plan.saved.values import Unpacker
    from reconciler.resources.kind import Kind, Table

MENTIONS = ("unmanaged", "forgotten", "declared_in_unread_file", "pending", "uncompared")
_IDENTITY = {"id": (str,), "parent": (str,), "version": (int, NoneType)}
"""What a step decides on beside fields and keys, and of which types that is."""

E = TypeVar("E", bound="StrEnum")


@dataclass(frozen=True, slots=True)
class PlanReader:
    """Reads a document against the table of kinds. Every method raises `Damaged`."""

    table: Table
    unpacker: Unpacker
    sends: bool
    """Whether the plan is going to be applied: then secrets and files are read from their sources."""

    def plan(self, document: Any) -> Plan:
        """The whole plan."""
        notices, limits = parts.mapping(document, "notices"), parts.mapping(document, "limits")
        steps = tuple(map(self.step, parts.items(document, "steps")))
        lock_entries = {
            self._address(key): read_entry(item)
            for key, item in parts.mapping(document, "lock_entries").items()
        }
        _check_each_once(steps, lock_entries)
        labels = parts.text_mapping(document, "labels")
        return Plan(
            organization=parts.text(document, "organization"),
            endpoint=parts.text(document, "endpoint"),
            steps=steps,
            **{name: tuple(map(self._notice, parts.items(notices, name))) for name in MENTIONS},
            problems=tuple(map(_problem, parts.items(document, "problems"))),
            notes=parts.texts(document, "notes"),
            partial=parts.flag(document, "partial"),
            destroy=parts.flag(document, "destroy"),
            snapshot=parts.flag(document, "snapshot"),
            live_count=parts.count(document, "live_count"),
            declared_count=parts.count(document, "declared_count"),
            limits=Limits(
                parts.part(limits, "max_deletes", int, float),
                parts.texts(limits, "protect"),
                parts.texts(limits, "silent") if "silent" in limits else (),
            ),
            mask=parts.texts(document, "mask"),
            secret_fields=frozenset(map(_secret_fields, parts.items(document, "secret_fields"))),
            reads=parts.count(document, "reads"),
            closing=parts.count(document, "closing"),
            rate=parts.part(document, "rate", int, float, NoneType),
            lock_entries=lock_entries,
            forget=tuple(map(self._address, parts.texts(document, "forget"))),
            labels={self._address(key): label for key, label in labels.items()},
        )

    def step(self, item: Any) -> Step:
        """One step, which speaks of fields that its kind has."""
        address = self._address(parts.text(item, "address"))
        kind = self.table[address.kind]
        made = Step(
            _one_of(Action, item, "action"),
            address,
            tuple(self._change(kind, change) for change in parts.items(item, "changes")),
            reason=_one_of(Reason, item, "reason"),
            label=parts.text(item, "label"),
            place=_place(item, "place"),
            expected=self._expected(parts.mapping(item, "expected")),
            desired=self._desired(kind, address, parts.mapping(item, "desired")),
            needs=tuple(map(self._address, parts.texts(item, "needs"))),
            requests=parts.count(item, "requests"),
            sends=parts.flag(item, "sends"),
        )
        _check_agreement(kind, address, item)
        return made

    def _address(self, text: str) -> Address:
        address = Address(text)
        if address.kind not in self.table:
            msg = f"{text or 'an empty text'} is no address of this program"
            raise Damaged(msg)
        return address

    def _expected(self, found: dict[str, Any]) -> dict[str, Any]:
        for name, types in _IDENTITY.items():
            if name in found:
                parts.part(found, name, *types)
        return {name: self.unpacker.shown(value) for name, value in found.items()}

    def _desired(self, kind: Kind, address: Address, found: dict[str, Any]) -> dict[str, Any]:
        for name in found:
            _check_field(kind, name)
        unpacked = {
            name: self.unpacker.wanted(value, address) if self.sends else self.unpacker.shown(value)
            for name, value in found.items()
        }
        if kind.keyed in unpacked:
            parts.mapping(unpacked, kind.keyed)
        return unpacked

    def _change(self, kind: Kind, item: Any) -> Change:
        path = parts.texts(item, "path")
        if not path:
            msg = "`path` is empty"
            raise Damaged(msg)
        _check_field(kind, path[0])
        return Change(
            path,
            self.unpacker.shown(parts.part(item, "before")),
            self.unpacker.shown(parts.part(item, "after")),
            unknown=parts.flag(item, "unknown"),
            place=_place(item, "place"),
        )

    def _notice(self, item: Any) -> Notice:
        return Notice(
            self._address(parts.text(item, "address")),
            parts.text(item, "label"),
            parts.texts(item, "path"),
            parts.text(item, "note"),
            parts.text(item, "link"),
        )


def _check_each_once(steps: Iterable[Step], lock_entries: dict[Address, Entry]) -> None:
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


def _check_agreement(kind: Kind, address: Address, item: Any) -> None:
    """What a step sends is what its changes show: every change is sent, and nothing beside them is new."""
    sent, expected = _sent(kind, parts.mapping(item, "desired")), parts.mapping(item, "expected")
    shown = {
        dotted(parts.texts(change, "path")): parts.part(change, "after")
        for change in parts.items(item, "changes")
    }
    deletes = parts.text(item, "action") == Action.DELETE
    always = {name: item.assumed for name, item in kind.fields.items() if item.has(Mark.ALWAYS)}
    other = {name for name, after in shown.items() if sent.get(name, always.get(name, _ABSENT)) != after}
    hidden = {
        name
        for name, value in sent.items()
        if name not in shown and value != _ABSENT and (deletes or not _was_so(kind, name, value, expected))
    }
    for name in sorted(other | hidden):
        msg = f"the step of {address} shows another {name} than it sends"
        raise Damaged(msg)


_ABSENT = {"$absent": True}


def _sent(kind: Kind, desired: dict[str, Any]) -> dict[str, Any]:
    """Every field and key that is sent, as it stands in the document."""
    found: dict[str, Any] = {}
    for name, value in desired.items():
        if name == kind.keyed and isinstance(value, dict):
            keys = value.get("$object", value)
            found |= {f"{name}.{key}": _ABSENT if held is None else held for key, held in keys.items()}
        else:
            found[name] = value
    return found


def _was_so(kind: Kind, name: str, value: Any, expected: dict[str, Any]) -> bool:
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


def _one_of(values: type[E], item: Any, name: str) -> E:
    text = parts.text(item, name)
    try:
        return values(text)
    except ValueError:
        msg = f"`{name}` cannot be {text!r}"
        raise Damaged(msg) from None


def _secret_fields(found: Any) -> tuple[str, str, str]:
    match found:
        case [str(root), str(kind), str(name)]:
            return root, kind, name
        case _:
            msg = "`hushed` is of another type"
            raise Damaged(msg)


def _problem(item: Any) -> Problem:
    return Problem(
        rule=parts.text(item, "rule"),
        message=parts.text(item, "message"),
        advice=parts.text(item, "advice"),
        place=_place(item, "place"),
        address=parts.text(item, "address"),
        severity=_one_of(Severity, item, "severity"),
        also=tuple(_place_of(place) for place in parts.items(item, "also")),
    )


def _place(item: Any, name: str) -> Place | None:
    found = parts.part(item, name, list, NoneType)
    return None if found is None else _place_of(found)


def _place_of(found: Any) -> Place:
    match found:
        case [str(file), int(line), int(column)]:
            return Place(file, line, column)
        case _:
            msg = "`place` is of another type"
            raise Damaged(msg)
