"""What is wrong with, or odd about, a declared resource that GitBook's side is not needed to see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reconciler.config.rules import integrations as rules
from reconciler.config.yaml.parser import shown
from reconciler.gitbook.kinds.images import ICON_MAX, PREVIEW_MAX, is_png, unfit
from reconciler.resources.resource import place_of
from reconciler.resources.values import FileText
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.config.rules.rule import Rule
    from reconciler.diagnostics import Path, Problem
    from reconciler.resources.resource import Resource

INTERNAL_SCOPES = frozenset({"site:script:inject", "site:script:cookies"})
GONE = {
    "space:views:read": "site:views:read",
    "space:script:inject": "site:script:inject",
    "space:script:cookies": "site:script:cookies",
    "space:visitor:auth": "site:visitor:auth",
}
"""Scopes that GitBook renamed."""

_PLAIN_DIRECTIVES = (
    "base-uri block-all-mixed-content form-action frame-ancestors navigate-to plugin-types referrer "
    "report-to report-uri require-sri-for require-trusted-types-for sandbox script-src-attr "
    "script-src-elem style-src-attr style-src-elem trusted-types upgrade-insecure-requests"
)
_SOURCES = "child connect default font frame img manifest media object prefetch script style worker"
DIRECTIVES = frozenset({*_PLAIN_DIRECTIVES.split(), *(f"{source}-src" for source in _SOURCES.split())})
"""The directives of a content security policy, as GitBook's reference lists them."""

_SCRIPT_PATH = re.compile(r"[\w./@-]+\.(?:[cm]?[jt]s|[jt]sx)")
_URL = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?", re.IGNORECASE)
_SUBDOMAIN = re.compile(r"[a-z][a-z0-9-]{1,31}")
_ADDRESS_SIGNS = frozenset("/.: ")
_ID_LENGTH = 20


def owner_advice(organization: str) -> str:
    """What is odd about the id of an organization; empty when nothing is."""
    if _ADDRESS_SIGNS.intersection(organization):
        return "write the id alone: the ID in app.gitbook.com/o/ID"
    if _SUBDOMAIN.fullmatch(organization) and len(organization) != _ID_LENGTH:
        return "a subdomain is no id: open the app and copy the ID in app.gitbook.com/o/ID"
    return ""


def lint_integration(resource: Resource) -> Iterator[Problem]:
    """What publishing this would break, or not do."""
    attributes = resource.attributes
    yield from _scopes(resource, attributes.get("scopes"))
    if attributes.get("icon") != "":
        yield from _image(resource, ("icon",), attributes.get("icon"), ICON_MAX)
    for index, image in _entries(attributes.get("previewImages")):
        yield from _image(resource, ("previewImages", index), image, PREVIEW_MAX)
    yield from _script(resource, attributes.get("script"))
    yield from _policy(resource, attributes.get("contentSecurityPolicy"))
    yield from _links(resource, attributes.get("externalLinks"))
    for level, screen in _entries(attributes.get("configurations")):
        yield from _screen(resource, level, screen)


def _entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a mapping, positions and items of a list; none of anything else, a secret say."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _scopes(resource: Resource, scopes: Any) -> Iterator[Problem]:
    for index, scope in _entries(scopes):
        if scope in INTERNAL_SCOPES:
            message = f"the scope {scope} is GitBook's own"
            yield _problem(
                rules.INTERNAL_SCOPE, resource, ("scopes", index), message, "ask GitBook, or remove it"
            )


def _image(resource: Resource, path: Path, value: Any, limit: int) -> Iterator[Problem]:
    if not isinstance(value, str):
        return
    reason = "" if isinstance(value, FileText) else unfit(value, limit)
    if reason:
        yield _problem(rules.NOT_AN_IMAGE, resource, path, f"the image {reason}", "write {file: PATH}")
    elif not is_png(value):
        yield _problem(rules.NOT_A_PNG, resource, path, "the image is no PNG inside", "save it as PNG")


def _script(resource: Resource, value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and not value.strip():
        message, advice = "the script is empty", "build it first, and name the file that was built"
        yield _problem(rules.EMPTY_SCRIPT, resource, ("script",), message, advice)
    elif isinstance(value, str) and not isinstance(value, FileText) and _SCRIPT_PATH.fullmatch(value.strip()):
        message = "the script's text is a path"
        yield _problem(
            rules.SCRIPT_IS_PATH, resource, ("script",), message, f"write {{file: {value.strip()}}}"
        )


def _policy(resource: Resource, policy: Any) -> Iterator[Problem]:
    for name, _ in _entries(policy):
        if name not in DIRECTIVES:
            path = ("contentSecurityPolicy", name)
            advice = did_you_mean(name, sorted(DIRECTIVES), "GitBook's reference lists the directives")
            yield _problem(rules.ODD_DIRECTIVE, resource, path, f"`{shown(name)}` is not a directive", advice)


def _links(resource: Resource, links: Any) -> Iterator[Problem]:
    for index, link in _entries(links):
        url = dict(_entries(link)).get("url")
        if isinstance(url, str) and not _URL.fullmatch(url):
            path = ("externalLinks", index, "url")
            yield _problem(rules.NOT_A_URL, resource, path, "the link is no URL", "write https://…")


def _screen(resource: Resource, level: str, screen: Any) -> Iterator[Problem]:
    keys = dict(_entries(screen))
    properties = dict(_entries(keys.get("properties")))
    path: Path
    for index, name in _entries(keys.get("required")):
        if properties and name not in properties:
            path = ("configurations", level, "required", index)
            advice = did_you_mean(str(name), properties, "add it to `properties`, or remove it here")
            message = f"there is no property `{shown(str(name))}`"
            yield _problem(rules.REQUIRED_UNKNOWN, resource, path, message, advice)
    for name, item in properties.items():
        known = dict(_entries(item))
        allowed, default = known.get("enum"), known.get("default")
        if isinstance(allowed, list) and allowed and isinstance(default, str) and default not in allowed:
            path = ("configurations", level, "properties", name, "default")
            message = f"the default of `{shown(name)}` is not one of its values"
            advice = f"one of: {', '.join(map(str, allowed))}"
            yield _problem(rules.DEFAULT_NOT_ALLOWED, resource, path, message, advice)


def _problem(rule: Rule, resource: Resource, path: Path, message: str, advice: str) -> Problem:
    return rule.problem(message, advice, place=place_of(resource, path), address=resource.address)
