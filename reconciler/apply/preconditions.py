"""What a fresh read says of a step: still as planned, already done, or changed by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.plan.conflict import Conflict
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


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Compares steps with live objects."""

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
        """The values that the API keeps in another form than was sent; `None` where a value is another one.

        A value that is as it was before the write was not taken, even if it looks like a form of the new
        one. A constant mask (`****`) may stand for any secret.
        """
        if any(conflict.name != "version" for conflict in self._identity_conflicts(step, now)):
            return None
        kind, stored_forms = self.kind(step), dict[str, Any]()
        changed = {change.name for change in step.changes}
        for name in self.unsatisfied(step, now):
            asked, kept = desired_value(kind, step, name), value_of(kind, now, name)
            if asked is ABSENT or kept is ABSENT or kept is None:
                return None
            before = step.expected.fields.get(name, ABSENT)
            taken = name not in changed or before is ABSENT or not self._as_decided(step, name, before, kept)
            if not (self._stands_for(step, name, asked, kept) or (taken and is_form(asked, kept))):
                return None
            stored_forms[name] = kept
        return stored_forms

    def _stands_for(self, step: Step, name: str, asked: Any, kept: Any) -> bool:
        """Whether a constant mask was read in place of a secret."""
        top, dot, key = name.partition(".")
        path = (top, key) if dot else (top,)
        return is_mask(kept) and (has_secret(asked) or self.redactor.is_secret(step.address, path))

    def refused(self, step: Step, before: Resource, reply: Resource) -> tuple[Conflict, ...]:
        """What the API did not take: the value before the write, the one that was sent, and the one now."""
        kind = self.kind(step)

        def conflict(name: str) -> Conflict:
            hide = self._hidden(step, name, step.expected.fields.get(name, ABSENT))
            values = (value_of(kind, before, name), _planned(kind, step, name), value_of(kind, reply, name))
            return Conflict(name, *map(hide, values))

        return tuple(conflict(name) for name in self.unsatisfied(step, reply))

    def masks(self, step: Step, now: Resource) -> tuple[str, ...]:
        """Undeclared keys that read back as a mask.

        A PATCH sends every live key back. It would write the mask over the real value.
        """
        kind = self.kind(step)
        return tuple(sorted(key for key in self.others(step, now) if is_mask(live_key(kind, now, key))))

    def others(self, step: Step, now: Resource | None) -> frozenset[str]:
        """The names of the live keys that the step does not declare."""
        kind = self.kind(step)
        named = step.desired.get(kind.keyed) or {}
        return frozenset(keys_of(kind, now) - set(named)) if now and kind.keyed else frozenset()

    def is_satisfied(self, step: Step, now: Resource | None) -> bool:
        """Whether nothing is left to do to this object, as far as can be read back."""
        if now is None or step.action is Action.DELETE:
            return now is None and step.action is Action.DELETE
        conflicts = self._identity_conflicts(step, now)
        return all(conflict.name == "version" for conflict in conflicts) and not self.unsatisfied(step, now)

    def conflicts(self, step: Step, now: Resource | None, *, created: bool = False) -> tuple[Conflict, ...]:
        """What the step expected that is not so any more, and that is not as the step wants it either.

        `created`: this very step has created the object. A value that the server gave it at first is no
        change that somebody made.
        """
        if now is None:
            return () if step.action is Action.CREATE else (gone(step.expected.identity.id),)
        conflicts = (*self._identity_conflicts(step, now), *self._field_conflicts(step, now))
        if not created:
            return conflicts
        return tuple(item for item in conflicts if item.identity or not self._is_initial(step, item.name))

    def _is_initial(self, step: Step, name: str) -> bool:
        """Whether the server gives the field a value of its own when the object is made."""
        item = self.kind(step).fields.get(name)
        return item is not None and item.has(Mark.INITIAL)

    def is_whole(self, step: Step, reply: Resource) -> bool:
        """Whether a reply shows every field that the step declares, so that it is as good as a read."""
        fields = self.kind(step).fields
        return all(name in reply.attributes for name in step.desired if fields[name].compared)

    def _identity_conflicts(self, step: Step, now: Resource) -> tuple[Conflict, ...]:
        """Whether it is another object, under another parent, or another version of it."""
        above = self.known.get(step.address.parent) if step.address.parent else None
        live = {
            "id": now.facts.id,
            "parent": above.facts.id if above else None,
            "version": now.facts.version,
        }
        conflicts = [
            Conflict(name, expected, expected, live[name], identity=True)
            for name, expected in step.expected.identity.stated.items()
            if expected != live[name]
        ]
        if step.action is Action.CREATE and self.kind(step).writing.mode == "whole":
            # Somebody else has published the same name since the plan was made: theirs must not be replaced.
            conflicts.append(Conflict("version", ABSENT, 1, now.facts.version, identity=True))
        return tuple(conflicts)

    def _field_conflicts(self, step: Step, now: Resource) -> Iterator[Conflict]:
        kind = self.kind(step)
        names = self.unsatisfied(step, now) if step.action is not Action.DELETE else self._decided(step, now)
        for name in names:
            before, live = step.expected.fields.get(name, ABSENT), value_of(kind, now, name)
            if not self._as_decided(step, name, before, live):
                hide = self._hidden(step, name, before)
                yield Conflict(name, *map(hide, (before, _planned(kind, step, name), live)))

    def _decided(self, step: Step, now: Resource) -> tuple[str, ...]:
        """What a deletion decides on: the fields that it expects, and the keys that were not there then."""
        kind, fields = self.kind(step), step.expected.fields
        if step.expected.other_keys is None:
            return tuple(fields)
        new_keys = sorted(keys_of(kind, now) - set(step.expected.other_keys))
        joined = (f"{kind.keyed}.{key}" for key in new_keys)
        return (*fields, *(name for name in joined if name not in fields))

    def _as_decided(self, step: Step, name: str, before: Any, now: Any) -> bool:
        """Whether the live value is the one that the plan was made from."""
        if isinstance(before, Digest):  # a saved plan knows secrets and files by their digests alone
            return now is not ABSENT and self.salt.matches(now, before.text)
        if before is ABSENT or now is ABSENT:
            return before is now or self.is_filled_in(step.address, name, now if before is ABSENT else before)
        fields = self.kind(step).fields
        return (
            not is_known(before) or same(before, now) or (name in fields and fields[name].same(before, now))
        )

    def is_filled_in(self, address: Address, name: str, value: Any) -> bool:
        """Whether the server sets this value by itself (an empty one, or a default): nobody changed it."""
        kind = self.table[address.kind]
        top, _, key = name.partition(".")
        if top != kind.keyed:
            return value is None or value in EMPTY
        schema = kind.checks.schema(address, {}, self.known)
        return schema is not None and key in schema.defaults and same(schema.defaults[key], value)

    def redacted(self, step: Step, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with each of its secrets as a `Secret`.

        A PATCH sends live secrets back, and a server may quote the body in an error. The client cuts out of
        its messages what is a `Secret` here.
        """
        keyed, wrapped = self.kind(step).keyed, {}
        for name, value in body.items():
            if name == keyed and isinstance(value, Mapping):
                wrapped[name] = {key: self._shown(step, (name, key), item) for key, item in value.items()}
            else:
                wrapped[name] = self._shown(step, (name,), value)
        return wrapped

    def _shown(self, step: Step, path: tuple[str, ...], value: Any) -> Any:
        """A value as it may be shown. What a file declares as a secret is a `Secret` already."""
        return value if has_secret(value) else self.redactor.shown(step.address, path, value)

    def _hidden(self, step: Step, name: str, before: Any) -> Callable[[Any], Any]:
        """A function that masks the values of a field: all of them are secret where one of them is."""
        kind = self.kind(step)
        top, dot, key = name.partition(".")
        path = (top, key) if dot else (top,)
        masked = isinstance(before, Digest) and is_masked(before.text)
        secret = masked or has_secret(before) or has_secret(desired_value(kind, step, name))
        secret = secret or self.redactor.is_secret(step.address, path)

        def hide(value: Any) -> Any:
            if value is ABSENT or isinstance(value, Secret | Digest):
                return value
            return Secret(value) if secret else self._shown(step, path, value)

        return hide


def gone(server_id: str | None) -> Conflict:
    """The object that the step is about is not there any more."""
    return Conflict("id", server_id, server_id, ABSENT, identity=True)


def value_of(kind: Kind, resource: Resource, name: str) -> Any:
    """The live value of a field or key by its name."""
    top, dot, key = name.partition(".")
    if dot and top == kind.keyed:
        return live_key(kind, resource, key)
    return live_value(kind.fields[top], resource) if top in kind.fields else ABSENT


def desired_value(kind: Kind, step: Step, name: str) -> Any:
    """The value that the step wants for a field or key; `ABSENT` for a removal."""
    top, dot, key = name.partition(".")
    value = step.desired.get(top, ABSENT)
    if dot and top == kind.keyed:
        value = value.get(key) if isinstance(value, Mapping) else None
    return ABSENT if value is None else value


def _planned(kind: Kind, step: Step, name: str) -> Any:
    """The value that the step wants, as its change has it: in a saved plan a secret is a digest there."""
    return next(
        (change.after for change in step.changes if change.name == name), desired_value(kind, step, name)
    )
