"""Classes: the steps of a plan that make the same change for the same reason. Pure.

A class has one of three forms. *Equal* steps make exactly the same change. Steps with a value *each* change
the same fields, each to a value of its own: one line of a file may give every object its own. And what no
other step resembles is *alone*. Every step is in exactly one class, in whatever order the steps come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.resources.digest import Digest
from reconciler.resources.natural import natural
from reconciler.resources.values import ABSENT, SealedText, Secret, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from reconciler.diagnostics import Place
    from reconciler.plan.step import Action, Change, Reason, Step
    from reconciler.resources.digest import Salt
    from reconciler.resources.resource import Address

FEW = 3
"""So many equal steps are a class of their own, also where others of their line have a value each.

Where there are fewer different changes than this, two are enough: one of three that deviates is seen at once.
"""
_BYTES = 24


class Form(StrEnum):
    """How the steps of a class resemble each other."""

    EQUAL = "equal"
    EACH = "each"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class StepClass:
    """Steps that make the same change for the same reason, in the natural order of their names."""

    form: Form
    steps: tuple[Step, ...]
    unlike: int = 0
    """How many equal steps change the same fields in another way, where those are more."""

    @property
    def first(self) -> Step:
        """The step that stands for what all of them have in common."""
        return self.steps[0]

    @property
    def action(self) -> Action:
        """What every step of it does."""
        return self.first.action

    @property
    def reason(self) -> Reason:
        """Why every step of it is there."""
        return self.first.reason

    @property
    def kind(self) -> str:
        """The kind of every address in it."""
        return self.first.address.kind

    @property
    def root(self) -> str:
        """The key of the root that all of it belongs to."""
        return self.first.address.root.key

    @property
    def common(self) -> tuple[Change, ...]:
        """The changes that all of its steps make alike."""
        varying = self._varying()
        return tuple(change for change in self.first.changes if change.path not in varying)

    @property
    def varying(self) -> tuple[tuple[str, ...], ...]:
        """The paths whose values each step has of its own."""
        varying = self._varying()
        return tuple(change.path for change in self.first.changes if change.path in varying)

    @property
    def places(self) -> tuple[Place, ...]:
        """The lines of the files that ask for it, each once; of several fields the line above them."""
        places = ((own[0] if len(own := lines_of(step)) == 1 else step.place) for step in self.steps)
        return tuple(sorted({place for place in places if place is not None}))

    def fingerprint(self, salt: Salt) -> str:
        """What it does, as a digest: of the change, or with a value each of every address and its change."""
        if self.form is not Form.EACH:
            return fingerprint(self.first, salt)
        return _hashed(["each", *sorted([address, text] for address, text in self.pairs(salt).items())])

    def pairs(self, salt: Salt) -> Mapping[Address, str]:
        """Every address with the fingerprint of what is done to it."""
        return {step.address: fingerprint(step, salt) for step in self.steps}

    def _varying(self) -> frozenset[tuple[str, ...]]:
        if self.form is not Form.EACH:
            return frozenset()
        sides: dict[tuple[str, ...], set[str]] = {}
        for step in self.steps:
            for change in step.changes:
                sides.setdefault(change.path, set()).add(_told(_change(change, _in_clear)))
        return frozenset(path for path, values in sides.items() if len(values) > 1)


def fingerprint(step: Step, salt: Salt) -> str:
    """A digest of what a step does, the same for every step that makes the same change for the same reason.

    It is made of kind, action, root, reason and of each change its path, before and after; not of address,
    organization or place in a file. Of a secret it holds the salted digest, so two fingerprints can only be
    compared if their salt is the same. A saved plan that was read back has the fingerprints of the plan.
    """
    return _hashed(_transition(step, salt.digest))


def classes(steps: Iterable[Step]) -> tuple[StepClass, ...]:
    """Every step in exactly one class. Classes that change the same fields come one after the other."""
    alike: dict[Hashable, list[Step]] = {}
    for step in steps:
        alike.setdefault(_shape(step), []).append(step)
    return tuple(item for members in alike.values() for item in _split(members))


def _split(members: Sequence[Step]) -> tuple[StepClass, ...]:
    """The classes of steps that change the same fields."""
    by_transition = _grouped(members, transition)
    few = FEW if len(by_transition) >= FEW else 2
    equal = [group for group in by_transition if len(group) >= few]
    single = [step for group in by_transition if len(group) < few for step in group]
    by_line = _grouped(single, lines_of)
    each = [group for group in by_line if len(group) > 1]
    alone = [step for group in by_line if len(group) == 1 for step in group]
    groups = sorted([*equal, *each, *([alone] if alone else [])], key=_rank)
    return _marked([_class(group) for group in groups])


def _rank(group: Sequence[Step]) -> tuple[int, Address]:
    return -len(group), min(step.address for step in group)


def _class(group: Sequence[Step]) -> StepClass:
    if len(group) == 1:
        return StepClass(Form.ALONE, tuple(group))
    form = Form.EQUAL if len({transition(step) for step in group}) == 1 else Form.EACH
    return StepClass(form, tuple(sorted(group, key=by_name)))


def _marked(split: Sequence[StepClass]) -> tuple[StepClass, ...]:
    """The classes, those that deviate from a larger class of equal steps marked with its size."""
    most = max((len(item.steps) for item in split if item.form is Form.EQUAL), default=0)
    return tuple(StepClass(item.form, item.steps, most if len(item.steps) < most else 0) for item in split)


def _grouped(steps: Iterable[Step], key: Callable[[Step], Hashable]) -> list[list[Step]]:
    groups: dict[Hashable, list[Step]] = {}
    for step in steps:
        groups.setdefault(key(step), []).append(step)
    return list(groups.values())


def by_name(step: Step) -> tuple[Any, ...]:
    """The natural order of names; the address decides between equal ones."""
    return natural(step.name), step.address


def lines_of(step: Step) -> tuple[Place, ...]:
    """The lines of the files that ask for what a step does; its own line if no value has one."""
    places = {change.place for change in step.changes if change.place is not None}
    return tuple(sorted(places)) or ((step.place,) if step.place is not None else ())


def _shape(step: Step) -> Hashable:
    """What steps have in common that change the same fields of the same kind for the same reason."""
    fields = frozenset((change.path, change.symbol) for change in step.changes)
    return step.address.kind, step.action, step.address.root.key, step.reason, fields


def transition(step: Step) -> str:
    """What a step does, as a text for comparing in memory alone: secrets are in clear."""
    return _told(_transition(step, _in_clear))


def _in_clear(value: Any) -> str:
    """What stands for the digest in memory: as different as the digests of the same values."""
    sort = type(value).__name__ if not isinstance(value, Secret) else f"secret {value.weak}"
    return f"{sort} {canonical(value)}"


def _transition(step: Step, digest: Callable[[Any], str]) -> list[Any]:
    changes = sorted(_told(_change(change, digest)) for change in step.changes)
    return [step.address.kind, step.action, step.address.root.key, step.reason, *changes]


def _change(change: Change, digest: Callable[[Any], str]) -> list[Any]:
    sides = (_stated(value, digest) for value in (change.before, change.after))
    return [list(change.path), change.unknown, *sides]


def _stated(value: Any, digest: Callable[[Any], str]) -> list[Any]:
    """A value as JSON that says of what sort it is, so that no value can pass for one of another sort."""
    match value:
        case Digest():
            return ["digest", value.text]
        case Secret():
            return ["digest", digest(value)] if value.known else ["unset", *value.sources]
        case SealedText():
            return ["digest", digest(str(value))]
        case Mapping():
            return ["object", *sorted([str(key), _stated(item, digest)] for key, item in value.items())]
        case list() | tuple():
            return ["list", *(_stated(item, digest) for item in value)]
        case _:
            return ["absent"] if value is ABSENT else ["value", canonical(value)]


def _told(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def _hashed(document: Any) -> str:
    return hashlib.sha256(_told(document).encode()).hexdigest()[:_BYTES]
