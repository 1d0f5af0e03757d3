"""Schemas of configurations: read from an integration, and which one is in force for a resource."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reconciler.resources.resource import Address
from reconciler.resources.schema import Property, Schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.resources.resource import Resource, State


LEVELS = ("account", "space", "site")


def schemas(configurations: Any) -> Mapping[str, Schema | None]:
    """The schema of each level that can be configured; `None` for a component form, in which any key goes."""
    by_level = configurations if isinstance(configurations, Mapping) else {}
    return {level: schema(by_level[level]) for level in LEVELS if by_level.get(level)}


def schema(level: Any) -> Schema | None:
    """An `IntegrationConfigurationSchema`; `None` for a component form or for none at all."""
    if not isinstance(level, Mapping) or not isinstance(level.get("properties"), Mapping):
        return None
    properties = {
        key: Property(
            type=str(item.get("type", "string")),
            default=item.get("default"),
            enum=tuple(_items(item.get("enum"))),
            title=str(item.get("title") or ""),
        )
        for key, item in level["properties"].items()
        if isinstance(item, Mapping)
    }
    required = (key for key in _items(level.get("required")) if isinstance(key, str))
    return Schema(properties, frozenset(required))


def _items(value: Any) -> list[Any]:
    """The items of a list; none if the value is no list."""
    return value if isinstance(value, list) else []


def schema_at(level: str) -> Callable[[Address, State, State], Schema | None]:
    """How a kind of this level finds its schema: the declared one if there is one, else the live one."""

    def schema_of(address: Address, desired: State, live: State) -> Schema | None:
        return schemas_in_force(*app_of(address, desired, live)).get(level)

    return schema_of


def app_of(address: Address, desired: State, live: State) -> tuple[Resource | None, Resource | None]:
    """The integration of an installation or binding, as declared and as published."""
    app = _app_at(address.root)
    return desired.get(app), live.get(app)


@lru_cache(maxsize=1024)
def _app_at(root: Address) -> Address:
    return Address.of("integration", root.key)


def schemas_in_force(declared: Resource | None, published: Resource | None) -> Mapping[str, Schema | None]:
    """The schemas of an integration after the plan: the declared ones where it names any."""
    if declared and declared.declaration and "configurations" in declared.attributes:
        of_declared: Mapping[str, Schema | None] = declared.declaration.extra["schemas"]
        return of_declared
    if published:
        of_published: Mapping[str, Schema | None] = published.facts.extra["schemas"]
        return of_published
    return {}
