"""What a plan finds wrong once it knows GitBook's side: schemas, targets, owners, selections."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.gitbook.replies import schemas
from reconciler.gitbook.specs import same_owner
from reconciler.problem import Problem, Severity
from reconciler.resource import Address, Resource, State
from reconciler.value import Secret

if TYPE_CHECKING:
    from reconciler.kind import Property, Schema
    from reconciler.problem import Place

_LEVELS = {"installation": "account", "installation_space": "space", "installation_site": "site"}
_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}


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
    name, level = address.root.key, _LEVELS[address.kind]
    app = Address.of("integration", name)
    declared = desired.get(app)
    if declared and declared.declaration and "configurations" in declared.attributes:
        found = declared.declaration.extra.get("schemas")
        return (found if found is not None else schemas(declared.attributes["configurations"])).get(level)
    published = live.get(app)
    return published.facts.extra["schemas"].get(level) if published else None


def check_integration(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """Another organization's integration cannot be published; one that is unpublished cannot stay installed."""
    name, published = resource.address.key, live.get(resource.address)
    absent = bool(resource.declaration and resource.declaration.absent)
    wanted = resource.attributes.get("organization")
    owner = published.attributes.get("organization") if published else None
    if owner and wanted and not absent and not same_owner(wanted, owner):
        who = owner.get("hostname") or owner.get("id") if isinstance(owner, Mapping) else owner
        yield _problem(
            "GB609", resource, (), f"is owned by {who!r} and cannot be published here", "choose a name of your own"
        )
    installed = desired.get(Address.of("installation", name))
    if absent and installed and installed.declaration and not installed.declaration.absent:
        yield _problem(
            "GB616",
            installed,
            (),
            f"its integration {name} is declared absent, so it cannot stay installed",
            "declare the installation absent too, or keep the integration",
        )


def check_installation(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration exists, and the configuration is what its schema takes."""
    if resource.declaration and resource.declaration.absent:
        return
    name = resource.address.key
    app = Address.of("integration", name)
    if app not in desired and app not in live:
        near = difflib.get_close_matches(name, [item.key for item in live if item.kind == "integration"], 1)
        advice = f"did you mean {near[0]}?" if near else "check the name in the integration's address in the app"
        yield _problem("GB606", resource, (), "nobody published an integration of this name", advice)
        return
    yield from _configuration(resource, app in desired or app in live)


def check_binding(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration takes bindings of this sort, and the configuration is what its schema takes."""
    parent, word = resource.address.root, resource.address.kind.rsplit("_", 1)[-1]
    if resource.declaration and resource.declaration.absent:
        yield from _absent_everywhere(resource, parent, word, desired, live)
        return
    app = Address.of("integration", parent.key)
    target = _target(app, desired, live)
    if target not in (word, "all", ""):
        yield _problem(
            "GB607",
            resource,
            (),
            f"{parent.key} works on {target}s, not on {word}s" if target != "organization" else
            f"{parent.key} works on the organization, not on {word}s",
            f"move it under `{target}s`" if target in ("space", "site") else f"remove its `{word}s`",
        )
        return
    yield from _configuration(resource, app in desired or app in live)


def _absent_everywhere(
    resource: Resource, parent: Address, word: str, desired: State, live: State
) -> Iterator[Problem]:
    field = f"{word}_selection"
    declared, there = desired.get(parent), live.get(parent)
    if declared and declared.declaration and declared.declaration.absent:
        return
    selection = (declared.attributes.get(field) if declared else None) or (there and there.attributes.get(field))
    if selection == "all":
        yield _problem(
            "GB612",
            resource,
            (),
            f"cannot be absent while {field} is all",
            f"set {field}: selected and list the {word}s that should have it",
        )


def _target(app: Address, desired: State, live: State) -> str:
    for state in (desired, live):
        found = state.get(app)
        if found and found.attributes.get("target"):
            return str(found.attributes["target"])
    return ""


def _configuration(resource: Resource, known: bool) -> Iterator[Problem]:  # noqa: FBT001
    schema = resource.schema
    declaration = resource.declaration
    if schema is None:
        if declaration and declaration.exact and known:
            yield _problem(
                "GB613",
                resource,
                ("ownership",),
                "ownership: exact needs a schema, and this integration draws its own form",
                "remove it",
            )
        return
    declared = resource.attributes.get("configuration") or {}
    for key, value in declared.items():
        yield from _key(resource, schema, key, value)


def _key(resource: Resource, schema: Schema, key: str, value: Any) -> Iterator[Problem]:
    path = ("configuration", key)
    item = schema.properties.get(key)
    if item is None:
        near = difflib.get_close_matches(key, schema.settable, 1)
        known = f"did you mean {near[0]}?" if near else f"its keys are {', '.join(sorted(schema.settable)) or 'none'}"
        if value is not None:
            yield _problem("GB604", resource, path, f"{key} is not in the integration's schema", known, warning=True)
    elif item.type == "button":
        yield _problem(
            "GB605", resource, path, f"{key} is a button", "a person presses it in the app; remove the line"
        )
    elif value is None:
        if key in schema.required:
            yield _problem("GB603", resource, path, f"{key} is required and cannot be removed", "give it a value")
    else:
        yield from _value(resource, path, item, value)


def _value(resource: Resource, path: tuple[str, ...], item: Property, value: Any) -> Iterator[Problem]:
    secret = isinstance(value, Secret)
    if isinstance(value, Secret):
        if not value.known:
            return
        value = value.reveal()
    wanted = _TYPES.get(item.type)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        shown = "a secret" if secret else f"{value!r}"
        yield _problem(
            "GB601", resource, path, f"{path[-1]} takes a {item.type}, not {shown}", f"write a {item.type}"
        )
    elif item.enum and value not in item.enum:
        near = "" if secret else next(iter(difflib.get_close_matches(str(value), item.enum, 1)), "")
        advice = f"did you mean {near}?" if near else f"one of {', '.join(item.enum)}"
        shown = "this secret" if secret else repr(value)
        yield _problem("GB602", resource, path, f"{path[-1]} cannot be {shown}", advice)


def _problem(
    rule: str, resource: Resource, path: tuple[str, ...], message: str, advice: str, *, warning: bool = False
) -> Problem:
    severity = Severity.WARNING if warning else Severity.ERROR
    return Problem(rule, message, advice, _place(resource, path), resource.address, severity)


def _place(resource: Resource, path: tuple[str, ...]) -> Place | None:
    declaration = resource.declaration
    if declaration is None:
        return None
    return declaration.places.get(path) or declaration.places.get(path[:1]) or declaration.place
