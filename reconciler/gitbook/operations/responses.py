"""What a successful reply looks like: the few keys by which an object of the reference is recognized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations.operation import ResponseSpec, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

RECOGNIZED: Mapping[str, tuple[str, ...]] = {
    "Integration": ("name", "version"),
    "IntegrationInstallation": ("id", "status", "configuration"),
    "IntegrationSpaceInstallation": ("space", "status", "configuration"),
    "IntegrationSiteInstallation": ("site", "status", "configuration"),
    "InstalledIntegration": ("integration", "status"),
    "IntegrationEvent": ("id", "createdAt", "payload"),
    "APITemporaryToken": ("token",),
    "SiteIntegrationScript": ("script",),
    "User": ("id", "displayName"),
    "Organization": ("id", "title"),
    "Site": ("id", "title"),
    "Space": ("id", "title"),
}


DELETED = ResponseSpec(205, also=(204,))
"""205 when something was deleted, 204 when there was nothing."""


def one(item: str = "", *keys: str, status: int = 200, also: tuple[int, ...] = ()) -> ResponseSpec:
    """An object: one of the reference's, or of the given keys."""
    return ResponseSpec(status, Shape.OBJECT, item, keys or RECOGNIZED.get(item, ()), also)


def all_at_once(item: str = "", *keys: str, also: tuple[int, ...] = ()) -> ResponseSpec:
    """All items at once, in an array."""
    return ResponseSpec(200, Shape.ARRAY, item, keys or RECOGNIZED[item], also)


def many(item: str = "", *keys: str) -> ResponseSpec:
    """A page of such objects."""
    return ResponseSpec(200, Shape.LIST, item, keys or RECOGNIZED.get(item, ()))


def one_or_none(item: str = "", *keys: str) -> ResponseSpec:
    """An object, or 404 when it is not there."""
    return one(item, *keys, also=(404,))


def created(item: str, *keys: str) -> ResponseSpec:
    """An object that was just created."""
    return one(item, *keys, status=201, also=(404,))
