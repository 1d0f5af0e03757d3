"""Operations on installations on one space or site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations import bodies, paths, responses, subjects, tokens
from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations.row import row

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

ROWS: tuple[Operation, ...] = (
    row(
        "listIntegrationInstallationSpaces",
        f"GET {paths.SPACES}",
        subjects.AN_INSTALLATION,
        responses.many("IntegrationSpaceInstallation"),
        "List the spaces that an installation is on",
        *params.PAGING,
        params.EXTENDED,
        command="plan",
    ),
    row(
        "installIntegrationOnSpace",
        f"POST {paths.SPACES}",
        subjects.A_NEW_SPACE,
        responses.created("IntegrationSpaceInstallation"),
        "Install an integration on a space",
        params.EXTENDED,
        body=bodies.Space,
        command="apply",
        beyond_reference=True,
        tokens=tokens.USER | tokens.INTEGRATIONS,
    ),
    row(
        "getIntegrationSpaceInstallation",
        f"GET {paths.SPACE}",
        subjects.A_SPACE,
        responses.one_or_none("IntegrationSpaceInstallation"),
        "Read an installation on a space",
        params.EXTENDED,
        command="apply",
    ),
    row(
        "updateIntegrationSpaceInstallation",
        f"PATCH {paths.SPACE}",
        subjects.A_SPACE,
        responses.one("IntegrationSpaceInstallation"),
        "Configure an installation on a space",
        params.EXTENDED,
        body=bodies.UpdateBinding,
        command="apply",
    ),
    row(
        "uninstallIntegrationFromSpace",
        f"DELETE {paths.SPACE}",
        subjects.A_SPACE,
        responses.DELETED,
        "Uninstall an integration from a space",
        command="apply",
    ),
    row(
        "listIntegrationInstallationSites",
        f"GET {paths.SITES}",
        subjects.AN_INSTALLATION,
        responses.many("IntegrationSiteInstallation"),
        "List the sites that an installation is on",
        *params.PAGING,
        params.EXTENDED,
        command="plan",
    ),
    row(
        "installIntegrationOnSite",
        f"POST {paths.SITES}",
        subjects.A_SITE,
        responses.created("IntegrationSiteInstallation"),
        "Install an integration on a site",
        params.EXTENDED,
        body=bodies.Site,
        command="apply",
    ),
    row(
        "getIntegrationSiteInstallation",
        f"GET {paths.SITE}",
        subjects.A_SITE,
        responses.one_or_none("IntegrationSiteInstallation"),
        "Read an installation on a site",
        params.EXTENDED,
        command="apply",
    ),
    row(
        "updateIntegrationSiteInstallation",
        f"PATCH {paths.SITE}",
        subjects.A_SITE,
        responses.one("IntegrationSiteInstallation"),
        "Configure an installation on a site",
        params.EXTENDED,
        body=bodies.UpdateBinding,
        command="apply",
    ),
    row(
        "uninstallIntegrationFromSite",
        f"DELETE {paths.SITE}",
        subjects.A_SITE,
        responses.DELETED,
        "Uninstall an integration from a site",
        command="apply",
    ),
)
