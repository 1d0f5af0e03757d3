"""Live ⇄ JSON: a snapshot, to plan from without a token. It holds no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from reconciler.errors import UsageError
from reconciler.resources.digest import checksum
from reconciler.resources.resource import Address, Facts, Live, Resource
from reconciler.resources.schema import Property, Schema
from reconciler.resources.stored_json import Damaged, StoredModel, Text, Texts, check
from reconciler.resources.values import Secret

if TYPE_CHECKING:
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.redaction import Redactor
    from reconciler.resources.resource import State

FORMAT: Literal[1] = 1
_MASKED, _SCHEMA, _OBJECT = "$masked", "$schema", "$object"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A live state, the endpoint that it was read from, and the organization that it is of."""

    live: Live
    endpoint: str
    organization: str


def dump(snapshot: Snapshot, declared: State, *, table: Table, redactor: Redactor) -> dict[str, Any]:
    """The snapshot as a JSON object that may leave the organization: in a fork, in a CI job without a token.

    What is secret is masked. A keyed field without a schema is masked as a whole, as nothing says which of
    its keys are secret. Keys outside of the schema are left out unless a file declares them, because
    integrations keep their connections (OAuth) there.
    """
    live = snapshot.live
    masker = _Masker(live, declared, table, redactor)
    body = {
        "format": FORMAT,
        "endpoint": snapshot.endpoint,
        "organization": snapshot.organization,
        "resources": [masker.document(live.state[address]) for address in sorted(live.state)],
        "keys": {name: dict(sorted(keys.items())) for name, keys in sorted(live.keys.items())},
        "duplicates": {str(address): list(ids) for address, ids in sorted(live.duplicates.items())},
        "notes": list(live.notes),
    }
    return {**body, "checksum": checksum(body)}


@dataclass(frozen=True, slots=True)
class _Masker:
    """Writes resources as JSON, and masks what is secret in them."""

    live: Live
    declared: State
    table: Table
    redactor: Redactor

    def document(self, resource: Resource) -> dict[str, Any]:
        """One resource, with what is secret in its fields and facts masked."""
        kind = self.table[resource.address.kind]
        attributes = {name: self._field(kind, resource, name) for name in resource.attributes}
        facts = resource.facts
        return {
            "address": str(resource.address),
            "attributes": _pack(attributes),
            "facts": {
                "id": facts.id,
                "status": facts.status,
                "link": facts.link,
                "version": facts.version,
                "hidden": sorted(facts.hidden),
                "label": facts.label,
                "extra": _pack(self._extra(resource)),
            },
        }

    def _extra(self, resource: Resource) -> Any:
        """What its kind keeps beside the attributes.

        Where a field is secret, a schema loses its defaults and titles: an integration may have made it from
        the secret.
        """
        hidden = any(self.redactor.is_secret(resource.address, (name,)) for name in resource.attributes)
        return _shape(resource.facts.extra) if hidden else resource.facts.extra

    def _field(self, kind: Kind, resource: Resource, name: str) -> Any:
        value = resource.attributes[name]
        if name == kind.keyed:
            return self._keyed(kind, resource, value)
        return Secret(known=False) if self.redactor.is_secret(resource.address, (name,)) else value

    def _keyed(self, kind: Kind, resource: Resource, values: Any) -> Any:
        schema = kind.checks.schema(resource.address, {}, self.live.state)
        if schema is None:
            return Secret(known=False) if values else {}
        declared = self.declared.get(resource.address)
        declared_keys = (declared.attributes.get(kind.keyed) or {}) if declared else {}
        return {
            key: self._value(resource, (kind.keyed, key), value, known=key in schema.properties)
            for key, value in values.items()
            if key in schema.settable or key in declared_keys
        }

    def _value(self, resource: Resource, path: tuple[str, ...], value: Any, *, known: bool) -> Any:
        return self.redactor.shown(resource.address, path, value) if known else Secret(known=False)


def _shape(value: Any) -> Any:
    """A value whose schemas say only the names and types of their keys."""
    match value:
        case Schema():
            return Schema(
                {key: Property(item.type) for key, item in value.properties.items()}, value.required
            )
        case Mapping():
            return {key: _shape(item) for key, item in value.items()}
        case _:
            return value


def load(text: str, *, name: str, table: Table) -> Snapshot:
    """The snapshot in a file of this name. Raises `UsageError` for a file that is none."""
    try:
        document = json.loads(text)
        stored = check(_StoredSnapshot, document)
        _check_whole(document, name)
        state = {resource.address: resource for resource in map(_resource, stored.resources)}
    except (Damaged, KeyError, TypeError, ValueError, RecursionError) as error:
        why = f" ({error})" if isinstance(error, Damaged) else ""
        msg = f"{name}: is no snapshot of this program{why}; record it again with `gbsync export --snapshot`"
        raise UsageError(msg) from None
    unknown = next((address for address in state if address.kind not in table), None)
    if unknown is not None:
        msg = f"{name}: holds {unknown}, which this program does not know; upgrade gbsync"
        raise UsageError(msg)
    live = Live(
        state=state,
        keys=stored.keys,
        duplicates={Address(address): ids for address, ids in stored.duplicates.items()},
        notes=stored.notes,
        snapshot=True,
    )
    return Snapshot(live, stored.endpoint, stored.organization)


def _check_whole(document: Mapping[str, Any], name: str) -> None:
    body = {key: value for key, value in document.items() if key != "checksum"}
    if checksum(body) != document["checksum"]:
        msg = f"{name}: was changed since it was recorded; record it again with `gbsync export --snapshot`"
        raise UsageError(msg)


def pinned(live: Live, declared: State) -> Live:
    """The recorded state with the pins of these files: the object that `id:` names, or none at that address.

    A snapshot records one of several objects at an address, the one that was pinned then. Raises `UsageError`
    where the files pin another one of them, which was live and of which nothing was recorded.
    """
    pins = {
        address: item.declaration.id
        for address, item in declared.items()
        if item.declaration and item.declaration.id and address in live.state
    }
    pin_not_found = {address for address, pin in pins.items() if live.state[address].facts.id != pin}
    for address in pin_not_found & live.duplicates.keys():
        if pins[address] in live.duplicates[address]:
            msg = f"{address}: the snapshot holds another one than {pins[address]}; record it again"
            raise UsageError(msg)
    return replace(
        live,
        state={
            address: item for address, item in live.state.items() if not _lineage(address) & pin_not_found
        },
        duplicates={address: ids for address, ids in live.duplicates.items() if address not in pins},
        pin_not_found={
            address: live.duplicates.get(address, (live.state[address].facts.id,))
            for address in pin_not_found
        },
    )


def _lineage(address: Address) -> set[Address]:
    return {address} | (_lineage(address.parent) if address.parent else set())


class _StoredFacts(StoredModel):
    id: Text
    status: Text
    link: Text
    version: int | None
    hidden: Texts
    label: Text
    extra: dict[Text, Any]


class _StoredResource(StoredModel):
    address: Text
    attributes: dict[Text, Any]
    facts: _StoredFacts


class _StoredSnapshot(StoredModel):
    format: Literal[1]
    endpoint: Text
    organization: Text
    resources: list[_StoredResource]
    keys: dict[Text, dict[Text, Text]]
    duplicates: dict[Text, Texts]
    notes: Texts
    checksum: Text


def _resource(item: _StoredResource) -> Resource:
    facts = Facts(
        id=item.facts.id,
        status=item.facts.status,
        link=item.facts.link,
        version=item.facts.version,
        hidden=frozenset(item.facts.hidden),
        label=item.facts.label,
        extra=_unpack(item.facts.extra),
    )
    return Resource(Address(item.address), _unpack(item.attributes), facts)


def _pack(value: Any) -> Any:
    """A value as JSON: `$masked` and `$schema` stand for what has no JSON of its own."""
    match value:
        case Secret():
            return {_MASKED: True}
        case Schema():
            return {_SCHEMA: _schema(value)}
        case Mapping():
            packed = {key: _pack(item) for key, item in value.items()}
            return {_OBJECT: packed} if any(str(key).startswith("$") for key in packed) else packed
        case list() | tuple():
            return [_pack(item) for item in value]
        case _:
            return value


def _schema(schema: Schema) -> dict[str, Any]:
    return {
        "properties": [
            {
                "key": key,
                "type": item.type,
                "default": item.default,
                "enum": list(item.enum),
                "title": item.title,
            }
            for key, item in schema.properties.items()
        ],
        "required": sorted(schema.required),
    }


def _unpack(value: Any) -> Any:
    match value:
        case {"$masked": True}:
            return Secret(known=False)
        case {"$schema": {"properties": list(properties), "required": list(required)}}:
            by_key = {item["key"]: _property(item) for item in properties}
            return Schema(by_key, frozenset(required))
        case {"$object": dict(inner)}:
            return {key: _unpack(item) for key, item in inner.items()}
        case dict():
            return {key: _unpack(item) for key, item in value.items()}
        case list():
            return [_unpack(item) for item in value]
        case _:
            return value


def _property(item: Mapping[str, Any]) -> Property:
    return Property(item["type"], item["default"], tuple(item["enum"]), item["title"])
