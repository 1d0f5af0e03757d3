"""Config → State: the declared resources with what belongs to them laid under, once, at this edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.value import is_known

if TYPE_CHECKING:
    from reconciler.kind import Table
    from reconciler.resource import Address, Resource, State


def settle(
    declared: State, live: State, *, table: Table, organization: str, destroy: bool = False
) -> dict[Address, Resource]:
    """The desired state: each declared resource with its kind's defaults and the schema of after the plan.

    `absent: true` wins over all that is declared at or under it; with `destroy` everything is absent.
    """
    completed = {
        address: without(resource)
        if destroy or _above_is_absent(declared, address)
        else table[address.kind].complete(resource, organization)
        for address, resource in declared.items()
    }
    return {address: _with_schema(item, completed, live, table) for address, item in completed.items()}


def _above_is_absent(declared: State, address: Address) -> bool:
    above: Address | None = address
    while above is not None:
        if is_absent(declared, above):
            return True
        above = above.parent
    return False


def without(resource: Resource) -> Resource:
    """The resource declared absent."""
    declaration = resource.declaration and replace(resource.declaration, absent=True)
    return replace(resource, attributes={}, declaration=declaration)


def _with_schema(resource: Resource, desired: State, live: State, table: Table) -> Resource:
    schema = table[resource.address.kind].schema(resource.address, desired, live)
    return resource if schema is None else replace(resource, schema=schema)


def opaque(resource: Resource) -> tuple[str, ...]:
    """The fields in which a secret that is not set stands."""
    return tuple(name for name, value in resource.attributes.items() if not is_known(value))


def is_absent(state: State, address: Address | None) -> bool:
    """Whether the address is declared absent."""
    resource = state.get(address) if address else None
    return bool(resource and resource.declaration and resource.declaration.absent)
