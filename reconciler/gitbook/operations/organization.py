"""Operations on an organization: what it can install, what it has installed, its sites and spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations import paths, responses, subjects, tokens
from reconciler.gitbook.operations.row import row

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

ROWS: tuple[Operation, ...] = (
    row(
        "listOrganizationIntegrations",
        f"GET {paths.ORGANIZATION}/integrations",
        subjects.AN_ORGANIZATION,
        responses.many("Integration"),
        "Search the integrations that an organization can install",
        *params.PAGING,
        *params.SEARCH,
        command="validate",
    ),
    row(
        "getOrganizationIntegrationStatus",
        f"GET {paths.ORGANIZATION}/integrations/{{integrationName}}/installation_status",
        subjects.AN_INSTALLATION,
        responses.one_or_none("", "status"),
        "Read how an integration stands in an organization",
        tokens=tokens.USER,
        command="status",
    ),
    row(
        "listOrganizationIntegrationsStatus",
        f"GET {paths.ORGANIZATION}/integrations/installations-status",
        subjects.AN_ORGANIZATION,
        responses.many("InstalledIntegration"),
        "List how an organization's integrations stand",
        *params.PAGING,
        params.LEVEL,
        command="status",
    ),
    row(
        "listOrganizationInstallations",
        f"GET {paths.ORGANIZATION}/installations",
        subjects.AN_ORGANIZATION,
        responses.many("", "integration", "installation"),
        "List an organization's installations with their integrations",
        *params.PAGING,
        params.TEXT,
        command="plan",
    ),
    row(
        "listSiteIntegrationScripts",
        f"GET {paths.ORGANIZATION}/sites/{{siteId}}/integration-scripts",
        subjects.AN_ORGANIZATION,
        responses.all_at_once("SiteIntegrationScript", also=(400,)),
        "List the scripts that a site's published pages load",
        tokens=tokens.USER,
    ),
    row(
        "listSiteIntegrations",
        f"GET {paths.ORGANIZATION}/sites/{{siteId}}/integrations",
        subjects.AN_ORGANIZATION,
        responses.many("Integration"),
        "List the integrations that a site has",
        params.TEXT,
        tokens=tokens.USER,
    ),
    row(
        "listSites",
        f"GET {paths.ORGANIZATION}/sites",
        subjects.AN_ORGANIZATION,
        responses.many("Site"),
        "List an organization's sites",
        *params.PAGING,
        *params.OF_SITES,
        tokens=tokens.USER,
        command="plan",
        beyond_reference=True,
    ),
    row(
        "listSpacesInOrganizationById",
        f"GET {paths.ORGANIZATION}/spaces",
        subjects.AN_ORGANIZATION,
        responses.many("Space"),
        "List an organization's spaces",
        *params.PAGING,
        tokens=tokens.USER | {"integration-installation"},
        command="plan",
        beyond_reference=True,
    ),
)
