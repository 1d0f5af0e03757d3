"""The kinds `installation_space` and `installation_site`: an installation on one space or site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from reconciler.config.rules import live as rules
from reconciler.errors import AlreadyExists, ApiError, NotFound
from reconciler.gitbook.client.paging import items_and_next
from reconciler.gitbook.kinds.configuration import configuration_problems
from reconciler.gitbook.kinds.public_keys import PUBLIC_KEYS
from reconciler.gitbook.kinds.reply import declarable, key_in, owned_fields, was_there
from reconciler.gitbook.kinds.schemas import app_of, schema_at, schemas_in_force
from reconciler.gitbook.kinds.spec import ExternalIds, OwnedConfiguration, Ownership, Spec
from reconciler.resources.kind import Checks, FileSyntax, Kind, LiveSide, Table, table
from reconciler.resources.resource import Address, Facts, Page, Resource, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from reconciler.diagnostics import Problem
    from reconciler.gitbook.kinds.api import GitBookApi
    from reconciler.resources.kind import Handle
    from reconciler.resources.resource import State


class BindingSpec(Spec):
    """An installation's configuration on one space or site."""

    configuration: OwnedConfiguration = None
    externalIds: ExternalIds = None
    ownership: Ownership = None


_METHOD_NOT_ALLOWED = 405


@dataclass(frozen=True, slots=True)
class BindingCalls:
    """Installations on spaces or on sites, by the ids of these."""

    word: str
    """`space` or `site`."""
    body_key: str
    """The field of the POST that takes the id."""
    targets_elsewhere: frozenset[str]
    """An integration with one of these targets has no binding of this kind: its list is not asked for."""
    every: str
    """The operation that lists all of the organization's spaces or sites."""
    titles: bool = False
    """Whether to ask for whole spaces and sites, with their titles. Such replies are much larger."""

    def works_under(self, parent: Resource) -> bool:
        """Whether the integration's target has bindings of this kind."""
        return parent.facts.extra.get("target") not in self.targets_elsewhere

    def _operation(self, verb: str) -> str:
        return f"{verb}Integration{self.word.capitalize()}Installation"

    def _params(self, handle: Handle, *, own: bool = True) -> dict[str, str]:
        parent = handle.address.parent
        params = {"integrationName": parent.key if parent else "", "installationId": handle.parent_id}
        return {**params, f"{self.word}Id": handle.address.key} if own else params

    def _resource(self, data: Any, handle: Handle) -> Resource:
        parent = handle.address.parent
        assert parent is not None, "a binding stands under its installation"  # noqa: S101
        return binding_of(data, parent, self.word)

    async def list(
        self,
        client: GitBookApi,
        organization: str,  # noqa: ARG002 - its parent is in one
        parent: Resource | None,
    ) -> AsyncIterator[Resource]:
        """Every binding of one installation; none where its integration's target has none."""
        if parent is None or not self.works_under(parent):
            return
        async for item in client.items(self._list, self._all(parent)):
            yield binding_of(item, parent.address, self.word)

    async def page(
        self,
        client: GitBookApi,
        organization: str,  # noqa: ARG002 - its parent is in one
        parent: Resource,
        limit: int,
        cursor: str | None,
    ) -> Page:
        """One page of that list, from the cursor on."""
        params = {**self._all(parent), "limit": limit, **({"page": cursor} if cursor else {})}
        items, following = items_and_next((await client.call(self._list, params)).data)
        return Page(tuple(binding_of(item, parent.address, self.word) for item in items), following)

    @property
    def _list(self) -> str:
        return f"listIntegrationInstallation{self.word.capitalize()}s"

    def _all(self, parent: Resource) -> dict[str, Any]:
        params: dict[str, Any] = {"integrationName": parent.address.key, "installationId": parent.facts.id}
        return {**params, "extended": True} if self.titles else params

    async def read(self, client: GitBookApi, handle: Handle) -> Resource | None:
        """The binding by the id of its space or site."""
        try:
            reply = await client.call(self._operation("get"), self._params(handle))
        except NotFound:
            return None
        return self._resource(reply.data, handle)

    async def create(self, client: GitBookApi, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The POST. Where the API has no such route, a PATCH makes the binding unless it exists.

        Raises `AlreadyExists` when it exists, `TryAgain` when that PATCH took no effect.
        """
        operation = f"installIntegrationOn{self.word.capitalize()}"
        params = self._params(handle, own=False)
        try:
            reply = await client.call(operation, params, {self.body_key: handle.address.key})
        except ApiError as error:
            if not isinstance(error, NotFound) and error.status != _METHOD_NOT_ALLOWED:
                raise
            # The reference has no POST for spaces: a server that follows it answers 404 or 405.
            if await self.read(client, handle) is not None:
                msg = "it exists already"
                raise AlreadyExists(msg, operation=operation, subject=handle.address) from None
            return await self.write(client, handle, body or {"configuration": {}})
        return self._resource(reply.data, handle)

    async def write(self, client: GitBookApi, handle: Handle, body: Mapping[str, Any]) -> Resource:
        """The PATCH, which replaces each field that the body has."""
        reply = await client.call(self._operation("update"), self._params(handle), body)
        return self._resource(reply.data, handle)

    async def delete(self, client: GitBookApi, handle: Handle) -> bool:
        """Remove the integration from the space or site."""
        operation = f"uninstallIntegrationFrom{self.word.capitalize()}"
        reply = await client.call(operation, self._params(handle))
        return was_there(reply)

    async def keys(self, client: GitBookApi, organization: str) -> Mapping[str, str]:
        """The organization's spaces or sites, with titles."""
        items = client.items(self.every, {"organizationId": organization})
        return {str(item.get("id")): str(item.get("title") or "") async for item in items}


def binding_of(data: Any, parent: Address, word: str) -> Resource:
    """A binding. The reply has its space or site as an id, or as an object with a title."""
    id_ = data.get(word) if isinstance(data, dict) else None
    label = ""
    if isinstance(id_, dict):
        label, id_ = str(id_.get("title", "")), id_.get("id")
    id_ = key_in(id_, f"a {word} binding", word)
    attributes = owned_fields(data, "externalIds")
    facts = Facts(id=id_, status=str(data.get("status", "")), label=label)
    return Resource(Address.of(word, id_, parent), attributes, facts)


def _check(level: str, resource: Resource, desired: State, live: State) -> Iterator[Problem]:
    """The integration must work on this level, and its schema must allow the configuration."""
    declared, published = app_of(resource.address, desired, live)
    if resource.absent or not (declared or published):
        return
    target = _target(declared, published)
    if target in (level, "all", ""):
        yield from configuration_problems(
            resource, live, levels=schemas_in_force(declared, published), level=level
        )
        return
    where, advice = f"{target}s", f"move it under `{target}s`"
    if target not in ("space", "site"):
        where, advice = "the organization", f"remove its `{level}s`"
    yield rules.TARGET.problem(
        f"{resource.address.root.key} works on {where}, not on {level}s",
        advice,
        place=place_of(resource),
        address=resource.address,
    )


def _target(*apps: Resource | None) -> str:
    for app in apps:
        if app and app.attributes.get("target"):
            return str(app.attributes["target"])
    return ""


def _exported(resource: Resource, _organization: str) -> Mapping[str, Any]:
    """Its configuration."""
    return declarable(resource)


def _binding(calls: BindingCalls, *, id_pattern: str) -> Kind:
    """One row. Bindings on spaces and on sites differ only in their calls and in how ids look."""
    word = calls.word.capitalize()
    return Kind(
        f"installation_{calls.word}",
        BindingSpec,
        calls,
        parent="installation",
        file=FileSyntax(f"{calls.word}s", catalogue=True, id_pattern=id_pattern),
        checks=Checks(check=partial(_check, calls.word), schema=schema_at(calls.word)),
        live=LiveSide(
            stands_under=calls.works_under, page=calls.page, public_keys=PUBLIC_KEYS, exported=_exported
        ),
        operations={
            "list": (f"listIntegrationInstallation{word}s",),
            "read": (f"getIntegration{word}Installation",),
            "create": (f"installIntegrationOn{word}",),
            "write": (f"updateIntegration{word}Installation",),
            "delete": (f"uninstallIntegrationFrom{word}",),
        },
    )


SPACE_BINDING = _binding(
    BindingCalls(
        "space",
        body_key="space",
        targets_elsewhere=frozenset({"site", "organization"}),
        every="listSpacesInOrganizationById",
    ),
    id_pattern=r"(?=.*[A-Z0-9])[A-Za-z0-9_-]{18,28}",
)
SITE_BINDING = _binding(
    BindingCalls(
        "site",
        body_key="siteId",
        targets_elsewhere=frozenset({"space", "organization"}),
        every="listSites",
    ),
    id_pattern=r"site_[A-Za-z0-9]+",
)


def with_titles(kinds: Table) -> Table:
    """The table with lists that show spaces and sites whole, for callers that need their titles."""
    return table(
        *(
            replace(kind, calls=replace(kind.calls, titles=True))
            if isinstance(kind.calls, BindingCalls)
            else kind
            for kind in kinds.values()
        )
    )
