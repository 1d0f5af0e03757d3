"""What nobody is shown of live values: secret by a key's name, or because a file takes it from a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.digest import SLOW
from reconciler.step import ABSENT
from reconciler.value import Secret, has_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.kind import Table
    from reconciler.lock import Entry
    from reconciler.resource import Address, State

Hushed = frozenset[tuple[str, str, str]]
"""Root, kind and name of fields and keys (`keyed.key`) that are secret, whatever they are called."""


def _no(_name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Discretion:
    """Tells which live values are secret. What is secret on one resource is so on its siblings too."""

    table: Table
    live: State = field(default_factory=dict)
    """Where the schemas are, whose titles are names too."""
    secret_name: Callable[[str], bool] = _no
    """Whether a key of this name, or title, probably holds a secret."""
    hushed: Hushed = frozenset()

    @classmethod
    def of(
        cls,
        declared: State,
        entries: Mapping[Address, Entry],
        live: State,
        *,
        table: Table,
        secret_name: Callable[[str], bool],
    ) -> Discretion:
        """By what files take from secrets now, and what they took when it was applied last."""
        found = frozenset((*_taken(declared, table), *_once_taken(entries)))
        return cls(table, live, secret_name, found)

    def hides(self, address: Address, path: tuple[str, ...]) -> bool:
        """Whether the whole value of a field or key is secret."""
        kind = self.table[address.kind]
        if self.hushed and (address.root, kind.name, ".".join(path)) in self.hushed:
            return True
        if path[0] != kind.keyed or len(path) == 1:
            return False
        return self.secret_name(path[1]) or self.secret_name(self._title(address, path[1]))

    def _title(self, address: Address, key: str) -> str:
        schema = self.table[address.kind].schema(address, {}, self.live)
        item = schema.properties.get(key) if schema else None
        return item.title if item else ""

    def shown(self, address: Address, path: tuple[str, ...], value: Any) -> Any:
        """The value with all that is secret in it as a `Secret`; only keys have names of their own."""
        if value is ABSENT or isinstance(value, Secret):
            return value
        if self.hides(address, path):
            return Secret(value)
        return masked(value, self.secret_name) if path[0] == self.table[address.kind].keyed else value


def masked(value: Any, secret_name: Callable[[str], bool]) -> Any:
    """A value with everything secret-looking in it as a `Secret`, judged by the names of its keys."""
    if isinstance(value, Mapping):
        return {
            key: Secret(item)
            if secret_name(key) and not isinstance(item, Secret)
            else masked(item, secret_name)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(item, secret_name) for item in value]
    return value


def _taken(declared: State, table: Table) -> Iterator[tuple[str, str, str]]:
    for address, resource in declared.items():
        kind = table[address.kind]
        for name, value in resource.attributes.items():
            if name == kind.keyed and isinstance(value, Mapping):
                yield from (
                    (address.root, kind.name, f"{name}.{key}")
                    for key, item in value.items()
                    if has_secret(item)
                )
            elif has_secret(value):
                yield address.root, kind.name, name


def _once_taken(entries: Mapping[Address, Entry]) -> Iterator[tuple[str, str, str]]:
    for address, entry in entries.items():
        for name, digest in entry.fields.items():
            if digest.startswith(SLOW):
                yield address.root, address.kind, name
