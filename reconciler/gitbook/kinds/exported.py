"""What an export names of GitBook's live resources: what people set, not what integrations assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.gitbook.kinds.compare import same_owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.resources.resource import Resource

_ASSIGNED = frozenset({"externalIds"})


def integration(resource: Resource, organization: str) -> Mapping[str, Any] | None:
    """The readable fields of one that the organization owns; the file's own `organization` says that."""
    if not same_owner(organization, resource.attributes.get("organization")):
        return None
    return {name: value for name, value in resource.attributes.items() if name != "organization"}


def installation(resource: Resource, _organization: str) -> Mapping[str, Any]:
    """Its configuration, and its selections as far as the integration works there."""
    target = resource.facts.extra.get("target", "all")
    idle = {
        f"{word}_selection"
        for word in ("space", "site")
        if target not in (word, "all") and resource.attributes.get(f"{word}_selection") == "selected"
    }
    return _without(resource, _ASSIGNED | idle)


def binding(resource: Resource, _organization: str) -> Mapping[str, Any]:
    """Its configuration."""
    return _without(resource, _ASSIGNED)


def _without(resource: Resource, names: frozenset[str] | set[str]) -> dict[str, Any]:
    return {name: value for name, value in resource.attributes.items() if name not in names}
