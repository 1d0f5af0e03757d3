"""What a successful reply has for certain: the few keys by which the reference's objects are recognized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations.operation import Promise, Shape

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
    "Site": ("id", "title"),
    "Space": ("id", "title"),
}


def one(item: str = "", *keys: str, status: int = 200, also: tuple[int, ...] = ()) -> Promise:
    """An object: one of the reference's, or of the given keys."""
    return Promise(status, Shape.OBJECT, item, keys or RECOGNIZED.get(item, ()), also)


def whole(item: str, *, also: tuple[int, ...] = ()) -> Promise:
    """All items at once, in an array."""
    return Promise(200, Shape.ARRAY, item, RECOGNIZED[item], also)


def many(item: str = "", *keys: str) -> Promise:
    """A page of such objects."""
    return Promise(200, Shape.LIST, item, keys or RECOGNIZED.get(item, ()))


def found(item: str = "", *keys: str) -> Promise:
    """An object that may not be there."""
    return one(item, *keys, also=(404,))


def made(item: str) -> Promise:
    """An object that was made."""
    return one(item, status=201, also=(404,))
