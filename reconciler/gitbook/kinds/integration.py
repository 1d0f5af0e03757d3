"""The kind `integration`: an integration that this organization publishes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from reconciler.config.rules import integrations as rules
from reconciler.config.rules import live as live_rules
from reconciler.errors import NotFound
from reconciler.gitbook.kinds import manifest
from reconciler.gitbook.kinds.compare import same_owner, same_shape
from reconciler.gitbook.kinds.findings import entries, problem
from reconciler.gitbook.kinds.images import ICON_MAX, PREVIEW_MAX, image, image_problems
from reconciler.gitbook.kinds.policy import policy_problems, same_policy
from reconciler.gitbook.kinds.reply import bad_reply, field_in, key_in, was_there
from reconciler.gitbook.kinds.schemas import schemas
from reconciler.gitbook.kinds.screens import screen_problems
from reconciler.gitbook.kinds.shapes import (
    READABLE,
    Block,
    Category,
    Configurations,
    ContentSource,
    ExternalLink,
    Scope,
)
from reconciler.gitbook.kinds.spec import Spec
from reconciler.resources.kind import Assumed, Checks, Compare, FileSyntax, Kind, LiveSide, Mark, Writing
from reconciler.resources.resource import Address, Facts, Resource, place_of
from reconciler.resources.values import FileText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from reconciler.diagnostics import Problem
    from reconciler.gitbook.kinds.api import GitBookApi
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import State

NAME_PATTERN = r"^[a-zA-Z0-9-_.]+$"
NAME_MAX = 100
MAX_SECRETS = 20
MAX_PREVIEWS = 3
MAX_LINKS = 5
INTERNAL_SCOPES = frozenset({"site:script:inject", "site:script:cookies"})
RENAMED_SCOPES = {
    "space:views:read": "site:views:read",
    "space:script:inject": "site:script:inject",
    "space:script:cookies": "site:script:cookies",
    "space:visitor:auth": "site:visitor:auth",
}
"""Scopes that GitBook renamed."""
_SCRIPT_PATH = re.compile(r"[\w./@-]+\.(?:[cm]?[jt]s|[jt]sx)")
_URL = re.compile(r"https?://[^\s/?#]+(?:[/?#]\S*)?", re.IGNORECASE)
_NO_ICON = ("icon", "")
"""An empty icon. The API takes no empty image, and a publish without the field removes the icon."""


class IntegrationSpec(Spec):
    """An integration that this organization publishes: one entry under `integrations`, by name."""

    manifest: Annotated[
        str | None,
        Mark.SETTING,
        Field(
            min_length=1,
            description="A gitbook-manifest.yaml to start from; it owns the whole document",
            examples=["integrations/banner/gitbook-manifest.yaml"],
        ),
    ] = None
    env: Annotated[
        str | None,
        Mark.SETTING,
        Field(description="The environment of the manifest's `envs` to lay over it", examples=["production"]),
    ] = None
    organization: Annotated[
        str | None,
        Compare(same_owner),
        Field(
            min_length=1,
            description="Id or subdomain of the organization that publishes it; the file's unless set",
        ),
    ] = None
    title: Annotated[
        str | None, Mark.SHOWN, Field(min_length=2, max_length=30, description="Its name for people")
    ] = None
    description: Annotated[
        str | None, Mark.ALWAYS, Assumed(""), Field(max_length=100, description="What it does, in a line")
    ] = None
    summary: Annotated[
        str | None, Assumed(""), Field(max_length=2048, description="What it does, as long-form Markdown")
    ] = None
    icon: Annotated[
        str | None,
        Mark.WRITE_ONLY,
        image(ICON_MAX),
        Field(
            description="A PNG: base64, or {file: PATH}; at most 250 KiB",
            examples=[{"file": "assets/icon.png"}],
        ),
    ] = None
    previewImages: Annotated[
        list[str] | None,
        Mark.WRITE_ONLY,
        image(PREVIEW_MAX),
        Field(max_length=MAX_PREVIEWS, description="PNGs: base64, or {file: PATH}; at most 1 MiB each"),
    ] = None
    visibility: Annotated[
        Literal["public", "private", "unlisted"] | None, Field(description="Who may see and install it")
    ] = None
    target: Annotated[
        Literal["all", "site", "space", "organization"] | None,
        Assumed("all"),
        Field(description="Where it may be installed"),
    ] = None
    scopes: Annotated[
        list[Scope] | None,
        Mark.UNORDERED,
        Mark.OPEN,
        Assumed([]),
        Field(description="What it may do", examples=[["site:metadata:read"]]),
    ] = None
    categories: Annotated[
        list[Category] | None,
        Mark.UNORDERED,
        Mark.OPEN,
        Assumed([]),
        Field(description="Where the marketplace lists it"),
    ] = None
    blocks: Annotated[
        list[Block] | None,
        Compare(same_shape),
        Mark.OPEN,
        Assumed([]),
        Field(description="Custom blocks"),
    ] = None
    contentSources: Annotated[
        list[ContentSource] | None,
        Compare(same_shape),
        Mark.OPEN,
        Assumed([]),
        Field(description="Content sources"),
    ] = None
    externalLinks: Annotated[
        list[ExternalLink] | None,
        Compare(same_shape),
        Assumed([]),
        Field(max_length=MAX_LINKS, description="Links shown beside it"),
    ] = None
    configurations: Annotated[
        Configurations | None,
        Compare(same_shape),
        Assumed({}),
        Field(description="Its configuration screens: account, space and site"),
    ] = None
    contentSecurityPolicy: Annotated[
        str | dict[str, str] | None,
        Compare(same_policy),
        Assumed(""),
        Field(description="Policy for its scripts and blocks: one text, or a text per directive"),
    ] = None
    runtime: Annotated[
        Literal["v1", "v2"] | None,
        Mark.WRITE_ONLY,
        Mark.ALWAYS,
        Assumed("v2"),
        Field(description="Runtime version"),
    ] = None
    script: Annotated[
        str | None,
        Mark.WRITE_ONLY,
        Field(
            description="The built script: {file: PATH}, or its text", examples=[{"file": "dist/index.js"}]
        ),
    ] = None
    secrets: Annotated[
        dict[str, str] | None,
        Mark.WRITE_ONLY,
        Mark.SECRET,
        Field(
            max_length=MAX_SECRETS,
            description="Secrets passed at run time; {} for none",
            examples=[{"CLIENT_SECRET": "${{ secret.CLIENT_SECRET }}"}],
        ),
    ] = None


class IntegrationCalls:
    """Published integrations, by name. No list shows the private ones of other organizations."""

    async def list(
        self,
        client: GitBookApi,
        organization: str,
        parent: Resource | None,  # noqa: ARG002 - stands under nothing
    ) -> AsyncIterator[Resource]:
        """Every integration that the organization can install; used to suggest a name."""
        async for item in client.items("listOrganizationIntegrations", {"organizationId": organization}):
            yield integration_of(item)

    async def read(self, client: GitBookApi, handle: Handle) -> Resource | None:
        """The integration as published."""
        try:
            reply = await client.call("getIntegrationByName", {"integrationName": handle.address.key})
        except NotFound:
            return None
        return integration_of(reply.data)

    async def create(self, client: GitBookApi, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """Publish it. Raises `Ambiguous` when nobody knows whether the request took effect."""
        sent = {name: value for name, value in body.items() if (name, value) != _NO_ICON}
        reply = await client.call("publishIntegration", {"integrationName": handle.address.key}, sent)
        return integration_of(reply.data)

    write = create

    async def delete(self, client: GitBookApi, handle: Handle) -> bool:
        """Unpublish it, in every organization that installed it."""
        reply = await client.call("unpublishIntegration", {"integrationName": handle.address.key})
        return was_there(reply)

    async def keys(self, client: GitBookApi, organization: str) -> Mapping[str, str]:
        """The integrations that the organization can install, with titles."""
        return {item.address.key: item.facts.label async for item in self.list(client, organization, None)}


def integration_of(data: Any) -> Resource:
    """An `Integration`. Raises `BadReply` when its name or version is missing."""
    name = key_in(data.get("name") if isinstance(data, dict) else None, "an integration", "name")
    version = field_in(data, "version", int | float, "integration")
    if not math.isfinite(version):
        raise bad_reply("an integration", "version")
    owner = data.get("owner") if isinstance(data.get("owner"), Mapping) else {}
    permissions = data.get("permissions") if isinstance(data.get("permissions"), Mapping) else {}
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
        extra={
            "schemas": schemas(data.get("configurations")),
            "target": str(data.get("target", "all")),
            "owner_title": str(owner.get("title", "")),
            "admin": permissions.get("admin"),
        },
    )
    return Resource(Address.of("integration", name), attributes, facts)


def _without_nulls(value: Any) -> Any:
    """The value as a publish takes it: the API shows absent fields as null, and refuses null in a request."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _complete(resource: Resource, organization: str) -> Resource:
    """The file's organization publishes the integration, unless the entry names another one."""
    attributes = {"organization": organization, **resource.attributes}
    # Kept with the declaration, so that each installation and binding need not read them again.
    declared_schemas = schemas(attributes.get("configurations"))
    declaration = resource.declaration and replace(
        resource.declaration, extra={**resource.declaration.extra, "schemas": declared_schemas}
    )
    return replace(resource, attributes=attributes, declaration=declaration)


def _check(resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """Nobody can publish another organization's integration, or keep one installed that is unpublished."""
    name, published = resource.address.key, live.get(resource.address)
    owner = published.attributes.get("organization") if published else None
    if resource.absent:
        # Its installation is uninstalled first: that must not happen where the unpublish is then refused.
        if published and published.facts.extra.get("admin") is False:
            who = (owner or {}).get("hostname") or "another organization"
            yield live_rules.FOREIGN_OWNER.problem(
                f"is owned by {who!r} and cannot be unpublished",
                "remove the line; to uninstall it, declare its installation absent",
                place=place_of(resource),
                address=resource.address,
            )
        installed = desired.get(Address.of("installation", name))
        if installed and not installed.absent:
            yield live_rules.STILL_INSTALLED.problem(
                f"its integration {name} is declared absent, so it cannot stay installed",
                "declare the installation absent too, or keep the integration",
                place=place_of(installed),
                address=installed.address,
            )
    elif owner and not same_owner(resource.attributes.get("organization"), owner):
        who = owner.get("hostname") or owner.get("id")
        yield live_rules.FOREIGN_OWNER.problem(
            f"is owned by {who!r} and cannot be published by {resource.attributes.get('organization')!r}",
            "choose a name of your own",
            place=place_of(resource),
            address=resource.address,
        )


def _lint(resource: Resource) -> Iterator[Problem]:
    """What a publish of this would break, or would not do."""
    attributes = resource.attributes
    yield from _scopes(resource, attributes.get("scopes"))
    if attributes.get("icon") != "":
        yield from image_problems(resource, ("icon",), attributes.get("icon"), ICON_MAX)
    for index, preview in entries(attributes.get("previewImages")):
        yield from image_problems(resource, ("previewImages", index), preview, PREVIEW_MAX)
    yield from _script(resource, attributes.get("script"))
    yield from policy_problems(resource, attributes.get("contentSecurityPolicy"))
    yield from _links(resource, attributes.get("externalLinks"))
    for level, screen in entries(attributes.get("configurations")):
        yield from screen_problems(resource, level, screen)


def _scopes(resource: Resource, scopes: Any) -> Iterator[Problem]:
    for index, scope in entries(scopes):
        if scope in INTERNAL_SCOPES:
            message = f"the scope {scope} is GitBook's own"
            yield problem(
                rules.INTERNAL_SCOPE, resource, ("scopes", index), message, "ask GitBook, or remove it"
            )


def _script(resource: Resource, value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and not value.strip():
        message, advice = "the script is empty", "build it first, and name the file that was built"
        yield problem(rules.EMPTY_SCRIPT, resource, ("script",), message, advice)
    elif isinstance(value, str) and not isinstance(value, FileText) and _SCRIPT_PATH.fullmatch(value.strip()):
        message = "the script's text is a path"
        yield problem(
            rules.SCRIPT_IS_PATH, resource, ("script",), message, f"write {{file: {value.strip()}}}"
        )


def _links(resource: Resource, links: Any) -> Iterator[Problem]:
    for index, link in entries(links):
        url = dict(entries(link)).get("url")
        if isinstance(url, str) and not _URL.fullmatch(url):
            path = ("externalLinks", index, "url")
            yield problem(rules.NOT_A_URL, resource, path, "the link is no URL", "write https://…")


def _exported(resource: Resource, organization: str) -> Mapping[str, Any] | None:
    """Its readable fields if the organization owns it; the top of the file names the organization."""
    if not same_owner(organization, resource.attributes.get("organization")):
        return None
    return {name: value for name, value in resource.attributes.items() if name != "organization"}


INTEGRATION = Kind(
    "integration",
    IntegrationSpec,
    IntegrationCalls(),
    file=FileSyntax(
        "integrations",
        key_pattern=NAME_PATTERN,
        key_max=NAME_MAX,
        expand="manifest",
        expand_settings=frozenset({"env"}),
        expand_document=manifest.expand,
        renamed_values=RENAMED_SCOPES,
    ),
    writing=Writing(
        "whole",
        reads_before_create=True,
        requires=frozenset({"title", "script", "scopes"}),
        complete=_complete,
    ),
    checks=Checks(lint=_lint, check=_check),
    live=LiveSide(prunable=False, owned_by_many=True, exported=_exported),
    operations={
        "list": ("listOrganizationIntegrations",),
        "read": ("getIntegrationByName",),
        "create": ("publishIntegration",),
        "write": ("publishIntegration",),
        "delete": ("unpublishIntegration",),
    },
)
