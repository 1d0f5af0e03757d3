"""What the probe makes: its names, its documents, and how each of them is removed again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.errors import UsageError
from reconciler.gitbook.probe.answer import Answer, Unclear, done
from reconciler.gitbook.probe.calls import LONG_PATIENCE
from reconciler.gitbook.probe.names import is_ours, new_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.probe.calls import Calls

SCRIPT = "export default { fetch: async () => new Response(null, { status: 204 }), events: {} };"
"""Code that does nothing: the probe's integrations are installed, and nobody is to notice."""
MOST_PAGES = 200
GONE, CONFLICT = 404, 409


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What earlier probes left behind: names of integrations, and their installations."""

    names: tuple[str, ...]
    installations: tuple[tuple[str, str], ...] = ()
    """Pairs of an integration's name and an installation's id."""


@dataclass(slots=True)
class Own:
    """The probe's own objects in one organization, with the site and the space that it may use."""

    organization: str
    site: str
    space: str
    name: str = field(default_factory=new_name)
    published: set[str] = field(default_factory=set)
    """Names that were sent to be published: also those of which no answer came."""
    installed: set[str] = field(default_factory=set)
    """Ids of installations of `name` that are not known to be gone."""

    @property
    def integration(self) -> dict[str, str]:
        """The parameters of an operation on its integration."""
        return {"integrationName": self.name}

    def installation(self, id_: str) -> dict[str, str]:
        """The parameters of an operation on an installation of it."""
        return {"integrationName": self.name, "installationId": id_}

    def on_site(self, id_: str) -> dict[str, str]:
        """The parameters of an operation on its binding to the site."""
        return {**self.installation(id_), "siteId": self.site}

    def on_space(self, id_: str) -> dict[str, str]:
        """The parameters of an operation on its binding to the space."""
        return {**self.installation(id_), "spaceId": self.space}

    def document(self, **fields: Any) -> dict[str, Any]:
        """The body of a publish: private, with the least that the reference requires."""
        return {
            "organization": self.organization,
            "title": "gbsync probe",
            "description": "",
            "script": SCRIPT,
            "scopes": [],
            "visibility": "private",
            "runtime": "v2",
            **fields,
        }

    async def check_targets(self, calls: Calls) -> None:
        """Raises `UsageError` for a site or a space that the organization does not have."""
        where = {"organizationId": self.organization}
        site = await calls("listSiteIntegrations", {**where, "siteId": self.site})
        if site.status == GONE:
            msg = f"--site {self.site}: the organization {self.organization} has no such site; check the id"
            raise UsageError(msg)
        spaces = await every(calls, "listSpacesInOrganizationById", where)
        if self.space not in {item.get("id") for item in spaces}:
            msg = (
                f"--space {self.space}: the organization {self.organization} has no such space; check the id"
            )
            raise UsageError(msg)

    async def publish(self, calls: Calls, name: str = "", /, **fields: Any) -> Answer:
        """The answer to publishing it, or a further one of this name."""
        name = name or self.name
        self.published.add(name)
        return await calls("publishIntegration", {"integrationName": name}, self.document(**fields))

    async def install(self, calls: Calls) -> Answer:
        """The answer to installing it. Ids are noted, so that they are removed."""
        answer = await calls("installIntegration", self.integration, {"organization": self.organization})
        if answer.ok and isinstance(answer.object.get("id"), str):
            self.installed.add(answer.object["id"])
        return answer

    async def uninstall(self, calls: Calls, id_: str) -> Answer:
        """The answer that says that it is gone. A 404 to what was just made is a lag: it is sent again."""

        async def look() -> tuple[bool, Answer]:
            answer = await calls("uninstallIntegration", self.installation(id_))
            return answer.status != GONE, answer

        sent = Answer(0, number=calls.sent, time=calls.clock.time())
        _, answer = await calls.appear(look, sent)
        if answer.ok or answer.status == GONE:
            self.installed.discard(id_)
            return answer
        raise Unclear(f"uninstallIntegration answers {answer.status}")

    async def clean_up(self, calls: Calls) -> tuple[str, ...]:
        """Removes everything; returns the names of which something is still there."""
        for id_ in sorted(self.installed):
            with suppress(Unclear):  # whatever it is, unpublishing may take it along
                await self.uninstall(calls, id_)
        names = tuple(sorted(self.published))
        listed = await _installations(calls, self.organization, names) if names else ()
        return await remove(calls, Leftovers(names, listed), self.organization)


async def leftovers(calls: Calls, organization: str) -> Leftovers:
    """What earlier probes left in the organization, found by its names."""
    where = {"organizationId": organization}
    listed = await every(calls, "listOrganizationIntegrations", where)
    names = {str(item.get("name")) for item in listed if _is_own(item, organization)}
    installations = await _installations(calls, organization)
    return Leftovers(tuple(sorted(names | {name for name, _ in installations})), installations)


def _is_own(item: Any, organization: str) -> bool:
    """Whether a probe published the integration, in this organization."""
    if not isinstance(item, dict):
        return False
    owner = item.get("owner")
    owned = isinstance(owner, dict) and owner.get("id") == organization
    return is_ours(item.get("name")) and owned


async def _installations(
    calls: Calls, organization: str, names: tuple[str, ...] = ()
) -> tuple[tuple[str, str], ...]:
    """The installations of the probe's integrations: of all probes, or of those names."""
    listed = await every(calls, "listOrganizationInstallations", {"organizationId": organization})
    pairs = (
        (str(item["integration"].get("name")), str(item["installation"].get("id")))
        for item in listed
        if isinstance(item.get("installation"), dict) and _is_own(item.get("integration"), organization)
    )
    return tuple(pair for pair in pairs if not names or pair[0] in names)


async def remove(calls: Calls, what: Leftovers, organization: str) -> tuple[str, ...]:
    """Removes it: installations first, then integrations. Returns the names of what is still there."""
    for name, id_ in what.installations:
        await calls("uninstallIntegration", {"integrationName": name, "installationId": id_})
    for name in what.names:
        await _unpublish(calls, name, organization)
    published = {name for name in what.names if not await _is_gone(calls, name)}
    return tuple(
        sorted(published | (await _installed(calls, what.names, organization) if what.names else set()))
    )


async def _installed(calls: Calls, names: tuple[str, ...], organization: str) -> set[str]:
    """The names of which an installation is left, once lists have had time to forget what is gone."""
    left: set[str] = set()

    async def look() -> tuple[bool, Answer]:
        nonlocal left
        left = {name for name, _ in await _installations(calls, organization, names)}
        return not left, Answer(0, number=calls.sent, time=calls.clock.time())

    await calls.appear(look, Answer(0, number=calls.sent, time=calls.clock.time()), patience=LONG_PATIENCE)
    return left


async def _unpublish(calls: Calls, name: str, organization: str) -> None:
    answer = await calls("unpublishIntegration", {"integrationName": name})
    if answer.status == CONFLICT:
        # It is installed still: a list showed the installation late.
        for pair in await _installations(calls, organization, (name,)):
            await calls("uninstallIntegration", {"integrationName": name, "installationId": pair[1]})
        await calls("unpublishIntegration", {"integrationName": name})


async def _is_gone(calls: Calls, name: str) -> bool:
    async def look() -> tuple[bool, Answer]:
        answer = await calls("getIntegrationByName", {"integrationName": name})
        return answer.status == GONE, answer

    sent = Answer(0, number=calls.sent, time=calls.clock.time())
    lag, _ = await calls.appear(look, sent, patience=LONG_PATIENCE)
    return lag is not None


async def every(
    calls: Calls, operation: str, params: Mapping[str, Any], *, most: int = MOST_PAGES
) -> list[Mapping[str, Any]]:
    """The items of a list, page after page; an item may come twice. Raises `Unclear` if it cannot be read."""
    items: list[Mapping[str, Any]] = []
    asked: dict[str, Any] = {"limit": 1000, **params}
    for _ in range(most):
        page = done(await calls(operation, asked), operation)
        items += [item for item in page.items if isinstance(item, dict)]
        if not page.next:
            break
        asked["page"] = page.next
    return items
