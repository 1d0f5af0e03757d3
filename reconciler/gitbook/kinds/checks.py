"""What a plan finds wrong once it knows GitBook's side: owners, targets, and what is published or not."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from reconciler.config.rules import live as rules
from reconciler.gitbook.kinds.compare import same_owner
from reconciler.gitbook.kinds.configured import configuration
from reconciler.gitbook.kinds.replies import schemas
from reconciler.resources.resource import Address, place_of
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.diagnostics import Problem
    from reconciler.resources.kind import Schema
    from reconciler.resources.resource import Resource, State

_LEVELS = {"installation": "account", "installation_space": "space", "installation_site": "site"}


def complete_integration(resource: Resource, organization: str) -> Resource:
    """An integration is published under the file's organization unless it names its own."""
    attributes = {"organization": organization, **resource.attributes}
    found = schemas(attributes.get("configurations"))
    declaration = resource.declaration and replace(
        resource.declaration, extra={**resource.declaration.extra, "schemas": found}
    )
    return replace(resource, attributes=attributes, declaration=declaration)


def schema_of(address: Address, desired: State, live: State) -> Schema | None:
    """The schema in force after the plan: the declared one where it is published, else the live one."""
    return _schemas(*_app(address, desired, live)).get(_LEVELS[address.kind])


def _app(address: Address, desired: State, live: State) -> tuple[Resource | None, Resource | None]:
    """The integration of an installation or binding, as declared and as published."""
    app = _app_at(address.root)
    return desired.get(app), live.get(app)


@lru_cache(maxsize=1024)
def _app_at(root: Address) -> Address:
    return Address.of("integration", root.key)


def _schemas(declared: Resource | None, published: Resource | None) -> Mapping[str, Schema | None]:
    if declared and declared.declaration and "configurations" in declared.attributes:
        found: Mapping[str, Schema | None] = declared.declaration.extra["schemas"]
        return found
    if published:
        known: Mapping[str, Schema | None] = published.facts.extra["schemas"]
        return known
    return {}


def check_integration(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """Another organization's integration cannot be published; an unpublished one cannot stay installed."""
    name, published = resource.address.key, live.get(resource.address)
    owner = published.attributes.get("organization") if published else None
    if resource.absent:
        installed = desired.get(Address.of("installation", name))
        if installed and not installed.absent:
            yield rules.STILL_INSTALLED.problem(
                f"its integration {name} is declared absent, so it cannot stay installed",
                "declare the installation absent too, or keep the integration",
                place=place_of(installed),
                address=installed.address,
            )
    elif owner and not same_owner(resource.attributes.get("organization"), owner):
        who = owner.get("hostname") or owner.get("id")
        yield rules.FOREIGN_OWNER.problem(
            f"is owned by {who!r} and cannot be published by {resource.attributes.get('organization')!r}",
            "choose a name of your own",
            place=place_of(resource),
            address=resource.address,
        )


def check_installation(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration exists, and the configuration is what its schema takes."""
    if resource.absent:
        return
    declared, published = _app(resource.address, desired, live)
    if declared or published:
        yield from configuration(resource, live, levels=_schemas(declared, published), level="account")
        return
    name = resource.address.key
    published_names = [item.key for item in live if item.kind == "integration"]
    advice = did_you_mean(name, published_names, "check the name in the integration's address in the app")
    yield rules.UNKNOWN_INTEGRATION.problem(
        "nobody published an integration of this name",
        advice,
        place=place_of(resource),
        address=resource.address,
    )


def check_binding(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration takes bindings of this sort, and the configuration is what its schema takes."""
    declared, published = _app(resource.address, desired, live)
    if resource.absent or not (declared or published):
        return
    level, target = _LEVELS[resource.address.kind], _target(declared, published)
    if target in (level, "all", ""):
        yield from configuration(resource, live, levels=_schemas(declared, published), level=level)
        return
    where, advice = f"{target}s", f"move it under `{target}s`"
    if target not in ("space", "site"):
        where, advice = "the organization", f"remove its `{level}s`"
    yield rules.TARGET.problem(
        f"{resource.address.root.key} works on {where}, not on {level}s",
        advice,
        place=place_of(resource),
        address=resource.address,
    )


def _target(*apps: Resource | None) -> str:
    for found in apps:
        if found and found.attributes.get("target"):
            return str(found.attributes["target"])
    return ""
