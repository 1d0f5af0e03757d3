"""Replies of the API as resources: validated for what is used, everything unknown passes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reconciler.errors import BadReply
from reconciler.resources.kind import Property, Schema
from reconciler.resources.resource import Address, Facts, Resource

LEVELS = ("account", "space", "site")
READABLE = (
    "title",
    "description",
    "summary",
    "visibility",
    "target",
    "scopes",
    "categories",
    "blocks",
    "contentSources",
    "externalLinks",
    "configurations",
    "contentSecurityPolicy",
)
"""The fields of an integration that come back and that a publish takes."""


def integration(data: Any) -> Resource:
    """An `Integration`. Raises `BadReply` when its name or version is missing."""
    name = _key(data.get("name") if isinstance(data, dict) else None, "an integration", "name")
    version = _field(data, "version", int | float, "integration")
    if not math.isfinite(version):
        raise _bad("an integration", "version")
    owner = data.get("owner") if isinstance(data.get("owner"), Mapping) else {}
    urls = data.get("urls") if isinstance(data.get("urls"), Mapping) else {}
    attributes = {field: _without_nulls(data[field]) for field in READABLE if data.get(field) is not None}
    attributes["organization"] = {key: owner[key] for key in ("id", "hostname") if owner.get(key)}
    hidden = {"script", "secrets"}
    hidden |= {"icon"} if urls.get("icon") else set()
    hidden |= {"previewImages"} if data.get("previewImages") else set()
    facts = Facts(
        id=name,
        version=int(version),
        link=str(urls.get("app", "")),
        hidden=frozenset(hidden),
        label=str(data.get("title", "")),
        extra={"schemas": schemas(data.get("configurations")), "target": str(data.get("target", "all"))},
    )
    return Resource(Address.of("integration", name), attributes, facts)


def _without_nulls(value: Any) -> Any:
    """The value as a publish takes it: a null stands for what is not there, and no request may have one."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def installation(data: Any, name: str, app: Resource | None = None) -> Resource:
    """An `IntegrationInstallation` of the integration `name`, which the object itself does not carry."""
    attributes = _shown(data, "externalIds", "space_selection", "site_selection")
    urls = data.get("urls") if isinstance(data.get("urls"), Mapping) else {}
    facts = Facts(
        id=_text(data, "id", "installation"),
        status=str(data.get("status", "")),
        link=str(urls.get("app", "")),
        label=app.facts.label if app else "",
        extra={"target": app.facts.extra["target"] if app else "all"},
    )
    return Resource(Address.of("installation", name), attributes, facts)


def binding(data: Any, parent: Address, word: str) -> Resource:
    """An integration on a space or site; both come as an id or as an object."""
    where = data.get(word) if isinstance(data, dict) else None
    label = ""
    if isinstance(where, dict):
        label, where = str(where.get("title", "")), where.get("id")
    where = _key(where, f"a {word} binding", word)
    attributes = _shown(data, "externalIds")
    facts = Facts(id=where, status=str(data.get("status", "")), label=label)
    return Resource(Address.of(word, where, parent), attributes, facts)


def schemas(configurations: Any) -> Mapping[str, Schema | None]:
    """The schema of each level that can be configured; `None` for a component form, in which any key goes."""
    found = configurations if isinstance(configurations, Mapping) else {}
    return {level: schema(found[level]) for level in LEVELS if found.get(level)}


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
    """The items of a list; none of what is no list."""
    return value if isinstance(value, list) else []


def _shown(data: Any, *names: str) -> dict[str, Any]:
    """The configuration, and those of the other fields that the reply has: one that lacks them is no read."""
    configuration = _configuration(data)
    return {"configuration": configuration, **{n: data[n] for n in names if data.get(n) is not None}}


def _configuration(data: Any) -> Mapping[str, Any]:
    found: dict[str, Any] = _field(data, "configuration", dict, "installation")
    return found


def _key(value: Any, what: str, field: str) -> str:
    """A key that an address can have."""
    if not isinstance(value, str) or not value or "/" in value:
        raise _bad(what, field)
    return value


def _text(data: Any, name: str, what: str) -> str:
    found = _field(data, name, str, what)
    if not found:
        raise _bad(f"an {what}", name)
    return str(found)


def _field(data: Any, name: str, wanted: Any, what: str) -> Any:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise _bad(f"an {what}", name)
    return value


def _bad(what: str, field: str) -> BadReply:
    return BadReply(
        f"the reply holds {what} without a usable `{field}`; GitBook or a proxy sent something else"
    )
