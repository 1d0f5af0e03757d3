"""Which live values are secret: by the name of the key, or because a file takes the value from a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reconciler.diagnostics import dotted
from reconciler.resources.digest import MASKED, PLAIN, SLOW, Salt
from reconciler.resources.kind import Mark
from reconciler.resources.secret_names import SecretNames, has_secret_shape, sealed, wrapped
from reconciler.resources.values import ABSENT, Secret, has_secret, has_strong_secret, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, Resource, State
    from reconciler.resources.schema import Schema

SecretFields = frozenset[tuple[str, str, str]]
"""Root, kind and name of fields and keys (`keyed.key`) that are secret, whatever they are called."""


class Recorded(Protocol):
    """What the lock remembers of one address, as far as it matters here."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Each field and key that was applied, with a digest of its value."""
        ...


@dataclass(frozen=True, slots=True)
class Redactor:
    """Tells which live values are secret. A field that is secret on one resource is so on its siblings too.

    A file may take a key from a secret on one site only; on the others the same key holds such a value too.
    """

    table: Table
    live: State = field(default_factory=dict)
    """Where the schemas are, whose titles are names too."""
    names: SecretNames = field(default_factory=SecretNames)
    secret_fields: SecretFields = frozenset()
    strong: SecretFields = frozenset()
    """Those of them that come from what was declared as a secret: their digests are slow ones."""
    declared: State = field(default_factory=dict)
    entries: Mapping[Address, Recorded] = field(default_factory=dict)
    salt: Salt = field(default_factory=Salt)

    @classmethod
    def of(
        cls,
        declared: State,
        entries: Mapping[Address, Recorded],
        live: State,
        *,
        table: Table,
        names: SecretNames,
        salt: Salt | None = None,
    ) -> Redactor:
        """By what files take from secrets now, and what they took when it was applied last."""
        taken = frozenset(_taken(declared, table, has_secret))
        strong = frozenset((*_taken(declared, table, has_strong_secret), *_once_taken(entries, SLOW)))
        masked = frozenset(
            recorded for recorded in _once_taken(entries, MASKED) if not _is_readable(names, table, recorded)
        )
        return cls(table, live, names, taken | strong | masked, strong, declared, entries, salt or Salt())

    def is_secret(self, address: Address, path: tuple[str, ...], value: Any = ABSENT) -> bool:
        """Whether the whole value of a field or key is secret.

        A key that the files unmask stays hidden, unless its live `value` was applied in clear or is declared
        in clear. Otherwise a pull request could show a secret by changing `unmask:` alone.
        """
        kind = self.table[address.kind]
        if self.secret_fields and (address.root, kind.name, dotted(path)) in self.secret_fields:
            return True
        # An export has no declaration to look at: the mark alone says that the live value is a secret.
        if path[0] in kind.fields and kind.fields[path[0]].has(Mark.SECRET):
            return True
        if path[0] != kind.keyed or len(path) == 1:
            return False
        key, root = path[1], address.root.key
        secret = self.names.is_secret(key, root, self._title(address, key)) or has_secret_shape(value)
        if not secret or not self.names.is_unmasked(key, root):
            return secret and not (self.names.is_readable(key, root) and has_secret_shape(value))
        return not self._is_open(address, path, value)

    def _is_open(self, address: Address, path: tuple[str, ...], value: Any) -> bool:
        """Whether the live value was applied in clear, or is declared in clear."""
        stated = self.declared.get(address)
        declared = (stated.attributes.get(path[0]) or {}).get(path[1], ABSENT) if stated else ABSENT
        if declared is not ABSENT and not has_secret(declared) and same(declared, value):
            return True
        digest = self.entries[address].fields.get(dotted(path), "") if address in self.entries else ""
        return value is not ABSENT and digest.startswith(PLAIN) and self.salt.matches(value, digest)

    def _title(self, address: Address, key: str) -> str:
        schema = self.table[address.kind].checks.schema(address, {}, self.live)
        item = schema.properties.get(key) if schema else None
        return item.title if item else ""

    def shown(self, address: Address, path: tuple[str, ...], value: Any) -> Any:
        """The value with all that is secret in it as a `Secret`; only keys have names of their own."""
        if value is ABSENT or isinstance(value, Secret):
            return value
        kind = self.table[address.kind]
        name = (address.root, kind.name, dotted(path))
        if name in self.secret_fields:
            return Secret(value, weak=name not in self.strong)
        if self.is_secret(address, path, value):
            return sealed(value)
        if path[0] != kind.keyed or (len(path) > 1 and not isinstance(value, Mapping | list | tuple)):
            return value
        return wrapped(value, lambda key: self.names.is_secret(key, address.root.key))

    def covered(self, resource: Resource) -> Resource:
        """The declared resource with its keys as secrets whose titles alone say that they are."""
        kind, schema = self.table[resource.address.kind], resource.schema
        values = resource.attributes.get(kind.keyed) if schema and kind.keyed else None
        if not isinstance(values, Mapping) or schema is None:
            return resource
        covered = {
            key: self._covered(resource, key, value) if self._is_titled(resource, schema, key) else value
            for key, value in values.items()
        }
        return replace(resource, attributes={**resource.attributes, kind.keyed: covered})

    def _is_titled(self, resource: Resource, schema: Schema, key: str) -> bool:
        item, root = schema.properties.get(key), resource.address.root.key
        if item is None or not item.title or self.names.is_readable(key, root):
            return False
        return self.names.is_secret(key, root, item.title)

    def _covered(self, resource: Resource, key: str, value: Any) -> Any:
        if has_secret(value) or value is None:
            return value
        declaration = resource.declaration
        if declaration and declaration.as_secret:
            return declaration.as_secret(key)
        return sealed(value)


def _is_readable(names: SecretNames, table: Table, recorded: tuple[Any, str, str]) -> bool:
    """Whether the files unmask a key that was masked when it was applied."""
    root, kind, name = recorded
    top, _, key = name.partition(".")
    return top == table[kind].keyed and names.is_readable(key, root.key)


def _taken(declared: State, table: Table, holds: Callable[[Any], bool]) -> Iterator[tuple[Address, str, str]]:
    for address, resource in declared.items():
        kind = table[address.kind]
        for name, value in resource.attributes.items():
            if name == kind.keyed and isinstance(value, Mapping):
                yield from (
                    (address.root, kind.name, f"{name}.{key}") for key, item in value.items() if holds(item)
                )
            elif holds(value):
                yield address.root, kind.name, name


def _once_taken(entries: Mapping[Address, Recorded], form: str) -> Iterator[tuple[Address, str, str]]:
    for address, entry in entries.items():
        for name, digest in entry.fields.items():
            if digest.startswith(form):
                yield address.root, address.kind, name
