"""One row per operation of GitBook's API: the client, `gbsync api`, the sandbox and the docs use it."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from reconciler.gitbook.operations import bodies
from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations import responses as promises
from reconciler.gitbook.operations.operation import Method, Operation, Param, Promise

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = frozenset({"user"})
INTEGRATION = frozenset({"integration"})
INTEGRATIONS = frozenset({"integration", "integration-installation"})
ANY = USER | INTEGRATIONS | {"user-internal", "user-staff", "user-internal-or-staff"}

_INTEGRATION = "/integrations/{integrationName}"
_INSTALLATIONS = f"{_INTEGRATION}/installations"
_INSTALLATION = f"{_INSTALLATIONS}/{{installationId}}"
_SPACES = f"{_INSTALLATION}/spaces"
_SPACE = f"{_SPACES}/{{spaceId}}"
_SITES = f"{_INSTALLATION}/sites"
_SITE = f"{_SITES}/{{siteId}}"
_ORG = "/orgs/{organizationId}"

_SCRIPTS = promises.whole("SiteIntegrationScript", also=(400,))
_GONE = Promise(205, also=(204,))
_PAIR = promises.many("", "integration", "installation")


def _row(
    id_: str,
    call: str,
    reply: Promise,
    summary: str,
    *query: Param,
    tokens: frozenset[str] = ANY,
    command: str = "api",
    **rest: Any,
) -> Operation:
    """A row; the path's parameters come from the path."""
    method, path = call.split(" ", 1)
    in_path = tuple(params.IN_PATH[name] for name in re.findall(r"{(\w+)}", path))
    return Operation(
        id=id_,
        method=cast("Method", method),
        path=path,
        params=in_path + query,
        body=rest.get("body"),
        reply=reply,
        tokens=tokens,
        summary=summary,
        command=command,
        beyond_reference=rest.get("beyond_reference", False),
    )


_ROWS = (
    _row(
        "listIntegrations",
        "GET /integrations",
        promises.many("Integration"),
        "Search all published integrations",
        *params.PAGING,
        *params.SEARCH,
    ),
    _row(
        "getIntegrationByName",
        f"GET {_INTEGRATION}",
        promises.found("Integration"),
        "Read an integration",
        command="plan",
    ),
    _row(
        "publishIntegration",
        f"POST {_INTEGRATION}",
        promises.found("Integration"),
        "Publish an integration, or replace it whole",
        body=bodies.PublishIntegration,
        tokens=USER,
        command="apply",
    ),
    _row(
        "unpublishIntegration",
        f"DELETE {_INTEGRATION}",
        _GONE,
        "Unpublish an integration, from every organization that installed it",
        tokens=USER,
        command="apply",
    ),
    _row(
        "setIntegrationDevelopmentMode",
        f"PUT {_INTEGRATION}/dev",
        Promise(204, also=(404,)),
        "Send an integration's events to a developer's machine",
        body=bodies.DevelopmentMode,
        tokens=USER,
    ),
    _row(
        "disableIntegrationDevelopmentMode",
        f"DELETE {_INTEGRATION}/dev",
        Promise(205),
        "End an integration's development mode",
        tokens=USER,
    ),
    _row(
        "listIntegrationEvents",
        f"GET {_INTEGRATION}/events",
        promises.many("IntegrationEvent"),
        "List what an integration was told",
        *params.PAGING,
        command="events",
    ),
    _row(
        "getIntegrationEvent",
        f"GET {_INTEGRATION}/events/{{eventId}}",
        promises.found("", "event"),
        "Read an event with its trace",
        command="events",
    ),
    _row(
        "renderIntegrationUIWithGet",
        f"GET {_INTEGRATION}/render",
        promises.one("ContentKitRenderOutput"),
        "Render a component of an integration",
        params.REQUEST,
    ),
    _row(
        "renderIntegrationUIWithPost",
        f"POST {_INTEGRATION}/render",
        promises.one("ContentKitRenderOutput"),
        "Render a component of an integration, with an action",
        body=bodies.Render,
    ),
    _row(
        "queueIntegrationTask",
        f"POST {_INTEGRATION}/tasks",
        Promise(204, also=(404,)),
        "Give an integration something to do, now or later",
        body=bodies.Task,
        tokens=INTEGRATION,
    ),
    _row(
        "listIntegrationInstallations",
        f"GET {_INSTALLATIONS}",
        promises.many("IntegrationInstallation"),
        "List an integration's installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        tokens=INTEGRATION,
    ),
    _row(
        "listIntegrationSpaceInstallations",
        f"GET {_INTEGRATION}/spaces",
        promises.many("IntegrationSpaceInstallation"),
        "List an integration's space installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        params.EXTENDED,
        tokens=INTEGRATION,
    ),
    _row(
        "listIntegrationSiteInstallations",
        f"GET {_INTEGRATION}/sites",
        promises.many("IntegrationSiteInstallation"),
        "List an integration's site installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        params.EXTENDED,
        tokens=INTEGRATION,
    ),
    _row(
        "installIntegration",
        f"POST {_INSTALLATIONS}",
        promises.made("IntegrationInstallation"),
        "Install an integration in an organization",
        body=bodies.Organization,
        tokens=USER,
        command="apply",
    ),
    _row(
        "getIntegrationInstallationById",
        f"GET {_INSTALLATION}",
        promises.found("IntegrationInstallation"),
        "Read an installation",
        tokens=USER,
        command="apply",
    ),
    _row(
        "updateIntegrationInstallation",
        f"PATCH {_INSTALLATION}",
        promises.one("IntegrationInstallation"),
        "Configure an installation",
        body=bodies.UpdateInstallation,
        tokens=USER,
        command="apply",
    ),
    _row(
        "uninstallIntegration",
        f"DELETE {_INSTALLATION}",
        _GONE,
        "Uninstall an integration from an organization",
        tokens=USER,
        command="apply",
    ),
    _row(
        "createIntegrationInstallationToken",
        f"POST {_INSTALLATION}/tokens",
        promises.found("APITemporaryToken"),
        "Make a temporary token of an installation",
        tokens=INTEGRATION,
        command="token",
    ),
    _row(
        "listIntegrationInstallationSpaces",
        f"GET {_SPACES}",
        promises.many("IntegrationSpaceInstallation"),
        "List the spaces that an installation is on",
        *params.PAGING,
        params.EXTENDED,
        command="plan",
    ),
    _row(
        "installIntegrationOnSpace",
        f"POST {_SPACES}",
        promises.made("IntegrationSpaceInstallation"),
        "Install an integration on a space",
        params.EXTENDED,
        body=bodies.Space,
        command="apply",
        beyond_reference=True,
        tokens=USER | INTEGRATIONS,
    ),
    _row(
        "getIntegrationSpaceInstallation",
        f"GET {_SPACE}",
        promises.found("IntegrationSpaceInstallation"),
        "Read an installation on a space",
        params.EXTENDED,
        command="apply",
    ),
    _row(
        "updateIntegrationSpaceInstallation",
        f"PATCH {_SPACE}",
        promises.one("IntegrationSpaceInstallation"),
        "Configure an installation on a space",
        params.EXTENDED,
        body=bodies.UpdateBinding,
        command="apply",
    ),
    _row(
        "uninstallIntegrationFromSpace",
        f"DELETE {_SPACE}",
        _GONE,
        "Uninstall an integration from a space",
        command="apply",
    ),
    _row(
        "listIntegrationInstallationSites",
        f"GET {_SITES}",
        promises.many("IntegrationSiteInstallation"),
        "List the sites that an installation is on",
        *params.PAGING,
        params.EXTENDED,
        command="plan",
    ),
    _row(
        "installIntegrationOnSite",
        f"POST {_SITES}",
        promises.made("IntegrationSiteInstallation"),
        "Install an integration on a site",
        params.EXTENDED,
        body=bodies.Site,
        command="apply",
    ),
    _row(
        "getIntegrationSiteInstallation",
        f"GET {_SITE}",
        promises.found("IntegrationSiteInstallation"),
        "Read an installation on a site",
        params.EXTENDED,
        command="apply",
    ),
    _row(
        "updateIntegrationSiteInstallation",
        f"PATCH {_SITE}",
        promises.one("IntegrationSiteInstallation"),
        "Configure an installation on a site",
        params.EXTENDED,
        body=bodies.UpdateBinding,
        command="apply",
    ),
    _row(
        "uninstallIntegrationFromSite",
        f"DELETE {_SITE}",
        _GONE,
        "Uninstall an integration from a site",
        command="apply",
    ),
    _row(
        "listOrganizationIntegrations",
        f"GET {_ORG}/integrations",
        promises.many("Integration"),
        "Search the integrations that an organization can install",
        *params.PAGING,
        *params.SEARCH,
        command="validate",
    ),
    _row(
        "getOrganizationIntegrationStatus",
        f"GET {_ORG}/integrations/{{integrationName}}/installation_status",
        promises.found("", "status"),
        "Read how an integration stands in an organization",
        tokens=USER,
        command="status",
    ),
    _row(
        "listOrganizationIntegrationsStatus",
        f"GET {_ORG}/integrations/installations-status",
        promises.many("InstalledIntegration"),
        "List how an organization's integrations stand",
        *params.PAGING,
        params.LEVEL,
        command="status",
    ),
    _row(
        "listOrganizationInstallations",
        f"GET {_ORG}/installations",
        _PAIR,
        "List an organization's installations with their integrations",
        *params.PAGING,
        params.TEXT,
        command="plan",
    ),
    _row(
        "listSiteIntegrationScripts",
        f"GET {_ORG}/sites/{{siteId}}/integration-scripts",
        _SCRIPTS,
        "List the scripts that a site's published pages load",
        tokens=USER,
    ),
    _row(
        "listSiteIntegrations",
        f"GET {_ORG}/sites/{{siteId}}/integrations",
        promises.many("Integration"),
        "List the integrations that a site has",
        params.TEXT,
        tokens=USER,
    ),
    _row(
        "listSites",
        f"GET {_ORG}/sites",
        promises.many("Site"),
        "List an organization's sites",
        *params.PAGING,
        *params.OF_SITES,
        tokens=USER,
        command="plan",
        beyond_reference=True,
    ),
    _row(
        "listSpacesInOrganizationById",
        f"GET {_ORG}/spaces",
        promises.many("Space"),
        "List an organization's spaces",
        *params.PAGING,
        tokens=USER | {"integration-installation"},
        command="plan",
        beyond_reference=True,
    ),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType({row.id: row for row in _ROWS})


def operation_at(method: str, path: str) -> Operation | None:
    """The operation with this method and path template, if there is one."""
    return next((row for row in _ROWS if (row.method, row.path) == (method, path)), None)
