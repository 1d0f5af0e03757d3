"""What is wrong with a declared configuration, compared with the schema in force after the plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reconciler.config.rules import live as rules
from reconciler.gitbook.kinds.findings import problem
from reconciler.resources.values import Secret, same
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reconciler.diagnostics import Problem
    from reconciler.resources.resource import Resource, State
    from reconciler.resources.schema import Property, Schema

_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,)}
_FIELD = "configuration"


def configuration_problems(
    resource: Resource, live: State, *, levels: Mapping[str, Schema | None], level: str
) -> Iterator[Problem]:
    """Wrong types and values, missing and unknown keys. A component form has no schema to check against."""
    declared, schema = resource.attributes.get(_FIELD) or {}, levels.get(level)
    if schema is None:
        yield from _formless(resource, declared, known=level in levels, level=level)
        return
    for key, value in declared.items():
        if not _is_plain(schema.properties.get(key), value):
            yield from _key(resource, schema, key, value)
    if not declared.keys() >= schema.required_keys:
        yield from _missing(resource, live.get(resource.address), schema, declared)


def _formless(
    resource: Resource, declared: Mapping[str, Any], *, known: bool, level: str
) -> Iterator[Problem]:
    """Without a schema: the integration draws its own form, or it has no keys at this level."""
    if resource.declaration and resource.declaration.exact:
        why = "draws its own form" if known else f"has no configuration at this level ({level})"
        yield problem(
            rules.EXACT_COMPONENT,
            resource,
            ("ownership",),
            f"`ownership: exact` needs a schema, and this integration {why}",
            "remove it",
        )
    if not known:
        for key in (key for key, value in declared.items() if value is not None):
            message = f"{key} cannot be set: the integration has no configuration at this level ({level})"
            yield problem(
                rules.CONFIGURATION_KEY, resource, (_FIELD, key), message, "is it meant for another level?"
            )


def _is_plain(item: Property | None, value: Any) -> bool:
    """Whether the value is text and the schema takes any text: the usual case, decided first for speed."""
    return item is not None and item.type == "string" and not item.enum and isinstance(value, str)


def _key(resource: Resource, schema: Schema, key: str, value: Any) -> Iterator[Problem]:
    path, item = (_FIELD, key), schema.properties.get(key)
    if item is None:
        if value is not None:
            known = sorted(schema.settable)
            advice = did_you_mean(key, known, f"its keys are {', '.join(known) or 'none'}")
            message = f"{key} is not in the integration's schema"
            yield problem(rules.CONFIGURATION_KEY, resource, path, message, advice)
    elif item.type == "button":
        advice = "a person presses it in the app; remove the line"
        yield problem(rules.BUTTON, resource, path, f"{key} is a button, which no file can set", advice)
    elif value is not None:
        yield from _value(resource, path, item, value)
    elif key in schema.required:
        message, advice = _why_removed(resource, path)
        yield problem(rules.CONFIGURATION_REQUIRED, resource, path, message, advice)


def _why_removed(resource: Resource, path: tuple[str, ...]) -> tuple[str, str]:
    """Why a required key would be removed, and what to do about it.

    The file says `null`, or says `ownership: exact` without the key, or no longer has the line.
    """
    key, declaration = path[-1], resource.declaration
    if declaration is None or path in declaration.places:
        return f"{key} is required and cannot be removed", f"declare {key} with a value"
    if declaration.exact:
        why = "is required and not declared, so `ownership: exact` would remove it"
        return f"{key} {why}", f"declare {key}, or remove `ownership`"
    why = "is required, and no line sets it any more, so `prune` would remove it"
    return f"{key} {why}", "put its line back, or say `absent: true` of the whole"


def _value(resource: Resource, path: tuple[str, ...], item: Property, value: Any) -> Iterator[Problem]:
    secret = isinstance(value, Secret)
    if isinstance(value, Secret):
        if not value.known:
            return
        value = value.reveal()
    wanted = _TYPES.get(item.type)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        actual = "a secret of another type" if secret else _yaml(value)
        message = f"{path[-1]} takes a {item.type}, not {actual}"
        yield problem(rules.CONFIGURATION_TYPE, resource, path, message, f"write a {item.type}")
    elif item.enum and not any(same(value, choice) for choice in item.enum):
        choices = [choice if isinstance(choice, str) else _yaml(choice) for choice in item.enum]
        # A near miss of a secret would print a part of it.
        one_of = f"write one of: {', '.join(choices)}"
        advice = one_of if secret else did_you_mean(str(value), choices, one_of)
        message = f"{path[-1]} cannot be {'this secret' if secret else _yaml(value)}"
        yield problem(rules.CONFIGURATION_ENUM, resource, path, message, advice)


def _missing(
    resource: Resource, live: Resource | None, schema: Schema, declared: Mapping[str, Any]
) -> Iterator[Problem]:
    """Required keys that neither the file, nor the live object, nor a default sets."""
    live_configuration = (live.attributes.get(_FIELD) or {}) if live else {}
    rule = rules.CONFIGURATION_REQUIRED if declared else rules.UNFINISHED
    for key in sorted(schema.required_keys - declared.keys()):
        if live_configuration.get(key) is None:
            message = f"{key} is required, and neither the file nor the live configuration sets it"
            yield problem(rule, resource, (_FIELD, key), message, f"declare {key}")


def _yaml(value: Any) -> str:
    """A value in YAML's words: `true`, not `True`."""
    return repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
