"""What a fresh read says of a step: as planned, so go; already so; or moved. And what a write sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.plan.diff import EMPTY, keys_of, live_key, live_value, readable
from reconciler.plan.step import Action
from reconciler.resources.digest import Digest, is_masked
from reconciler.resources.forms import is_form, is_mask
from reconciler.resources.kind import Mark
from reconciler.resources.resource import Resource
from reconciler.resources.values import ABSENT, Secret, has_secret, is_known, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.plan.step import Step
    from reconciler.resources.digest import Salt
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.redaction import Redactor
    from reconciler.resources.resource import Address

Conflicts = tuple[tuple[str, Any, Any, Any], ...]
"""What moved: field, before, then (as planned), now; what is secret as a `Secret`."""
IDENTITY = ("id", "parent", "version")
"""What a step may decide on beside fields and keys."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Holds steps against what is live, with what is known of everything else."""

    table: Table
    salt: Salt
    known: Mapping[Address, Resource]
    """The live resources, as far as they have been read: schemas and parents come from there."""
    redactor: Redactor

    def kind(self, step: Step) -> Kind:
        """The row of the step's address."""
        return self.table[step.address.kind]

    def unsatisfied(self, step: Step, now: Resource) -> tuple[str, ...]:
        """The declared fields and keys that do not hold in `now`, as far as they can be read back."""
        schema = self.kind(step).checks.schema(step.address, {}, self.known)
        desired = Resource(step.address, step.desired, schema=schema)
        return tuple(change.name for change in readable(self.kind(step), desired, now).changes)

    def forms(self, step: Step, now: Resource) -> dict[str, Any] | None:
        """What the API keeps in another form than was asked; `None` where something is not met at all.

        What is as it was before has not been taken, whatever it looks like; a mask stands for any secret.
        """
        if any(name != "version" for name, *_ in self._identity_conflicts(step, now)):
            return None
        kind, found = self.kind(step), dict[str, Any]()
        changed = {change.name for change in step.changes}
        for name in self.unsatisfied(step, now):
            asked, kept = wanted(kind, step, name), value_of(kind, now, name)
            if asked is ABSENT or kept is ABSENT or kept is None:
                return None
            then = step.expected.get(name, ABSENT)
            taken = name not in changed or then is ABSENT or not self._as_decided(step, name, then, kept)
            if not (self._stands_for(step, name, asked, kept) or (taken and is_form(asked, kept))):
                return None
            found[name] = kept
        return found

    def _stands_for(self, step: Step, name: str, asked: Any, kept: Any) -> bool:
        """Whether a constant mask was read in place of a secret."""
        top, dot, key = name.partition(".")
        path = (top, key) if dot else (top,)
        return is_mask(kept) and (has_secret(asked) or self.redactor.is_secret(step.address, path))

    def refused(self, step: Step, before: Resource, reply: Resource) -> Conflicts:
        """What was not taken: field, before, asked and kept, as they may be shown."""
        kind = self.kind(step)

        def shown(name: str) -> tuple[str, Any, Any, Any]:
            hide = self._hidden(step, name, step.expected.get(name, ABSENT))
            values = (value_of(kind, before, name), _planned(kind, step, name), value_of(kind, reply, name))
            was, asked, kept = map(hide, values)
            return name, was, asked, kept

        return tuple(shown(name) for name in self.unsatisfied(step, reply))

    def masks(self, step: Step, now: Resource) -> tuple[str, ...]:
        """Undeclared keys that read back as a mask: a PATCH would write it over what is really there."""
        kind = self.kind(step)
        return tuple(sorted(key for key in self.others(step, now) if is_mask(live_key(kind, now, key))))

    def others(self, step: Step, now: Resource | None) -> frozenset[str]:
        """The names of the keys that are there and that the step does not name."""
        kind = self.kind(step)
        named = step.desired.get(kind.keyed) or {}
        return frozenset(keys_of(kind, now) - set(named)) if now and kind.keyed else frozenset()

    def is_satisfied(self, step: Step, now: Resource | None) -> bool:
        """Whether nothing is left to do to this object, as far as can be read back."""
        if now is None or step.action is Action.DELETE:
            return now is None and step.action is Action.DELETE
        same_object = all(name == "version" for name, *_ in self._identity_conflicts(step, now))
        return same_object and not self.unsatisfied(step, now)

    def conflicts(self, step: Step, now: Resource | None, *, made: bool = False) -> Conflicts:
        """What the step decided on that is not so any more, and not as it is to become either.

        `made` is what this very step has made: what the server gave it at first is nobody's change.
        """
        if now is None:
            there = step.action is not Action.CREATE
            return (("id", step.expected.get("id"), step.expected.get("id"), ABSENT),) if there else ()
        fields = self.kind(step).fields
        found = (*self._identity_conflicts(step, now), *self._field_conflicts(step, now))
        if not made:
            return found
        return tuple(item for item in found if item[0] not in fields or not fields[item[0]].has(Mark.INITIAL))

    def is_whole(self, step: Step, reply: Resource) -> bool:
        """Whether a reply shows all that the step decides on, so that it is as good as a read."""
        fields = self.kind(step).fields
        return all(name in reply.attributes for name in step.desired if fields[name].compared)

    def _identity_conflicts(self, step: Step, now: Resource) -> Conflicts:
        """Whether it is another object, under another parent, or another version of it."""
        above = self.known.get(step.address.parent) if step.address.parent else None
        facts = {
            "id": now.facts.id,
            "parent": above.facts.id if above else None,
            "version": now.facts.version,
        }
        names = [name for name in IDENTITY if name in step.expected and step.expected[name] != facts[name]]
        found = [(name, step.expected[name], step.expected[name], facts[name]) for name in names]
        if step.action is Action.CREATE and self.kind(step).writing.mode == "whole":
            found.append(("version", ABSENT, 1, now.facts.version))
        return tuple(found)

    def _field_conflicts(self, step: Step, now: Resource) -> Iterator[tuple[str, Any, Any, Any]]:
        kind = self.kind(step)
        open_ = self.unsatisfied(step, now) if step.action is not Action.DELETE else self._decided(step, now)
        for name in open_:
            if name in IDENTITY:
                continue
            then, value = step.expected.get(name, ABSENT), value_of(kind, now, name)
            if not self._as_decided(step, name, then, value):
                hide = self._hidden(step, name, then)
                yield (name, *(hide(item) for item in (then, _planned(kind, step, name), value)))

    def _decided(self, step: Step, now: Resource) -> tuple[str, ...]:
        """What a deletion decides on: all that its basis names, and that no other key has joined."""
        kind = self.kind(step)
        names = tuple(name for name in step.expected if name != kind.keyed)
        others = step.expected.get(kind.keyed)
        if not isinstance(others, list | tuple):
            return names
        joined = (f"{kind.keyed}.{key}" for key in sorted(keys_of(kind, now) - set(map(str, others))))
        return (*names, *(name for name in joined if name not in step.expected))

    def _as_decided(self, step: Step, name: str, then: Any, now: Any) -> bool:
        if isinstance(then, Digest):
            return now is not ABSENT and self.salt.matches(now, then.text)
        if then is ABSENT or now is ABSENT:
            return then is now or self.says_nothing(step.address, name, now if then is ABSENT else then)
        fields = self.kind(step).fields
        return not is_known(then) or same(then, now) or (name in fields and fields[name].same(then, now))

    def says_nothing(self, address: Address, name: str, value: Any) -> bool:
        """What a server fills in by itself is nobody's change."""
        kind = self.table[address.kind]
        top, _, key = name.partition(".")
        if top != kind.keyed:
            return value is None or value in EMPTY
        schema = kind.checks.schema(address, {}, self.known)
        return schema is not None and key in schema.defaults and same(schema.defaults[key], value)

    def redacted(self, step: Step, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with its secrets known as such: live ones go back, and a server may quote them."""
        keyed, made = self.kind(step).keyed, {}
        for name, value in body.items():
            if name == keyed and isinstance(value, Mapping):
                made[name] = {key: self._shown(step, (name, key), item) for key, item in value.items()}
            else:
                made[name] = self._shown(step, (name,), value)
        return made

    def _shown(self, step: Step, path: tuple[str, ...], value: Any) -> Any:
        """A value as it may be shown; one that a file declares says by itself what is secret in it."""
        return value if has_secret(value) else self.redactor.shown(step.address, path, value)

    def _hidden(self, step: Step, name: str, then: Any) -> Callable[[Any], Any]:
        """How the values of a field may be shown: secret as a whole where one of them is."""
        kind = self.kind(step)
        top, dot, key = name.partition(".")
        path = (top, key) if dot else (top,)
        masked = isinstance(then, Digest) and is_masked(then.text)
        secret = masked or has_secret(then) or has_secret(wanted(kind, step, name))
        secret = secret or self.redactor.is_secret(step.address, path)

        def hide(value: Any) -> Any:
            if value is ABSENT or isinstance(value, Secret | Digest):
                return value
            return Secret(value) if secret else self._shown(step, path, value)

        return hide


def value_of(kind: Kind, resource: Resource, name: str) -> Any:
    """The live value of a field or key by its name."""
    top, dot, key = name.partition(".")
    if dot and top == kind.keyed:
        return live_key(kind, resource, key)
    return live_value(kind.fields[top], resource) if top in kind.fields else ABSENT


def wanted(kind: Kind, step: Step, name: str) -> Any:
    """The value that the step wants for a field or key; absent for a removal."""
    top, dot, key = name.partition(".")
    value = step.desired.get(top, ABSENT)
    if dot and top == kind.keyed:
        value = value.get(key) if isinstance(value, Mapping) else None
    return ABSENT if value is None else value


def _planned(kind: Kind, step: Step, name: str) -> Any:
    """The value that the step wants, as its change says it: a saved plan knows secrets by their digests."""
    return next((change.after for change in step.changes if change.name == name), wanted(kind, step, name))
