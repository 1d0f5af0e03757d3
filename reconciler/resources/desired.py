"""Declared resources → desired state: with the defaults of their kinds, and the schema in force."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.resources.resource import Resource
from reconciler.resources.targets import families
from reconciler.resources.values import is_known

if TYPE_CHECKING:
    from collections.abc import Collection

    from reconciler.resources.kind import Table
    from reconciler.resources.resource import Address, State
    from reconciler.resources.schema import Schema


def resolve(
    declared: State, live: State, *, table: Table, organization: str, destroy: bool = False
) -> dict[Address, Resource]:
    """The desired state: each declared resource with its kind's defaults and the schema of after the plan.

    `absent: true` wins over all that is declared at or under it; with `destroy` everything is absent.
    """
    absent = {address for address, resource in declared.items() if resource.absent}
    completed = {
        address: without(resource)
        if destroy or (absent and _is_under(address, absent))
        else table[address.kind].writing.complete(resource, organization)
        for address, resource in declared.items()
    }
    schemas = {
        family: table[address.kind].checks.schema(address, completed, live)
        for family, address in families(completed).items()
    }
    return {address: _with_schema(item, schemas[address.family]) for address, item in completed.items()}


def _is_under(address: Address, others: Collection[Address]) -> bool:
    """Whether it is one of the others, or stands under one."""
    above: Address | None = address
    while above is not None:
        if above in others:
            return True
        above = above.parent
    return False


def without(resource: Resource) -> Resource:
    """The resource declared absent."""
    declaration = resource.declaration and replace(resource.declaration, absent=True)
    return replace(resource, attributes={}, declaration=declaration)


def _with_schema(resource: Resource, schema: Schema | None) -> Resource:
    if schema is None:
        return resource
    # `replace` would do the same, but more slowly, and this runs for each of thousands of resources.
    return Resource(resource.address, resource.attributes, resource.facts, resource.declaration, schema)


def opaque(resource: Resource) -> tuple[str, ...]:
    """The fields in which a secret that is not set stands."""
    return tuple(name for name, value in resource.attributes.items() if not is_known(value))


def is_absent(state: State, address: Address | None) -> bool:
    """Whether the address is declared absent."""
    resource = state.get(address) if address else None
    return resource is not None and resource.absent
