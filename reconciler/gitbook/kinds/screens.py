"""What is wrong with an integration's configuration screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.config.rules import integrations as rules
from reconciler.config.yaml.parser import shown
from reconciler.gitbook.kinds.findings import entries, problem
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.diagnostics import Path, Problem
    from reconciler.resources.resource import Resource


def screen_problems(resource: Resource, level: str, screen: Any) -> Iterator[Problem]:
    """Required keys that no property has, and defaults that are not among the allowed values."""
    keys = dict(entries(screen))
    properties = dict(entries(keys.get("properties")))
    path: Path
    for index, name in entries(keys.get("required")):
        if properties and name not in properties:
            path = ("configurations", level, "required", index)
            advice = did_you_mean(str(name), properties, "add it to `properties`, or remove it here")
            message = f"there is no property `{shown(str(name))}`"
            yield problem(rules.REQUIRED_UNKNOWN, resource, path, message, advice)
    for name, item in properties.items():
        known = dict(entries(item))
        allowed, default = known.get("enum"), known.get("default")
        if isinstance(allowed, list) and allowed and isinstance(default, str) and default not in allowed:
            path = ("configurations", level, "properties", name, "default")
            message = f"the default of `{shown(name)}` is not one of its values"
            advice = f"one of: {', '.join(map(str, allowed))}"
            yield problem(rules.DEFAULT_NOT_ALLOWED, resource, path, message, advice)
