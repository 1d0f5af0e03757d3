"""What a plan finds wrong once it knows GitBook's side: owners, targets, and what is published or not."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.config.rules import live as rules
from reconciler.gitbook.compare import same_owner
from reconciler.gitbook.configured import configuration, place
from reconciler.gitbook.replies import schemas
from reconciler.resource import Address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.kind import Schema
    from reconciler.problem import Problem
    from reconciler.resource import Resource, State

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
    return _schemas(address.root.key, desired, live).get(_LEVELS[address.kind])


def _schemas(name: str, desired: State, live: State) -> Mapping[str, Schema | None]:
    app = Address.of("integration", name)
    declared, published = desired.get(app), live.get(app)
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
    if _is_absent(resource):
        installed = desired.get(Address.of("installation", name))
        if installed and not _is_absent(installed):
            yield rules.STILL_INSTALLED.problem(
                f"its integration {name} is declared absent, so it cannot stay installed",
                "declare the installation absent too, or keep the integration",
                place=place(installed),
                address=installed.address,
            )
    elif owner and not same_owner(resource.attributes.get("organization"), owner):
        who = owner.get("hostname") or owner.get("id")
        yield rules.FOREIGN_OWNER.problem(
            f"is owned by {who!r} and cannot be published by {resource.attributes.get('organization')!r}",
            "choose a name of your own",
            place=place(resource),
            address=resource.address,
        )


def _is_absent(resource: Resource) -> bool:
    return bool(resource.declaration and resource.declaration.absent)


def check_installation(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration exists, and the configuration is what its schema takes."""
    if _is_absent(resource):
        return
    name = resource.address.key
    app = Address.of("integration", name)
    if app in desired or app in live:
        yield from configuration(resource, live, levels=_schemas(name, desired, live), level="account")
        return
    near = difflib.get_close_matches(name, [item.key for item in live if item.kind == "integration"], 1)
    advice = f"did you mean {near[0]}?" if near else "check the name in the integration's address in the app"
    yield rules.UNKNOWN_INTEGRATION.problem(
        "nobody published an integration of this name",
        advice,
        place=place(resource),
        address=resource.address,
    )


def check_binding(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration takes bindings of this sort, and the configuration is what its schema takes."""
    name, level = resource.address.root.key, _LEVELS[resource.address.kind]
    app = Address.of("integration", name)
    if _is_absent(resource) or not (app in desired or app in live):
        return
    target = _target(app, desired, live)
    if target in (level, "all", ""):
        yield from configuration(resource, live, levels=_schemas(name, desired, live), level=level)
        return
    where, advice = f"{target}s", f"move it under `{target}s`"
    if target not in ("space", "site"):
        where, advice = "the organization", f"remove its `{level}s`"
    yield rules.TARGET.problem(
        f"{name} works on {where}, not on {level}s",
        advice,
        place=place(resource),
        address=resource.address,
    )


def _target(app: Address, desired: State, live: State) -> str:
    for state in (desired, live):
        found = state.get(app)
        if found and found.attributes.get("target"):
            return str(found.attributes["target"])
    return ""
