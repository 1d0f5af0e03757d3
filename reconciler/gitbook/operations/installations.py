"""Operations on installations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations import bodies, paths, responses, subjects, tokens
from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations.row import row

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

ROWS: tuple[Operation, ...] = (
    row(
        "listIntegrationInstallations",
        f"GET {paths.INSTALLATIONS}",
        subjects.AN_INSTALLATION,
        responses.many("IntegrationInstallation"),
        "List an integration's installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        tokens=tokens.INTEGRATION,
    ),
    row(
        "listIntegrationSpaceInstallations",
        f"GET {paths.INTEGRATION}/spaces",
        subjects.AN_INTEGRATION,
        responses.many("IntegrationSpaceInstallation"),
        "List an integration's space installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        params.EXTENDED,
        tokens=tokens.INTEGRATION,
    ),
    row(
        "listIntegrationSiteInstallations",
        f"GET {paths.INTEGRATION}/sites",
        subjects.AN_INTEGRATION,
        responses.many("IntegrationSiteInstallation"),
        "List an integration's site installations in all organizations",
        *params.PAGING,
        params.EXTERNAL,
        params.EXTENDED,
        tokens=tokens.INTEGRATION,
    ),
    row(
        "installIntegration",
        f"POST {paths.INSTALLATIONS}",
        subjects.AN_INSTALLATION,
        responses.created("IntegrationInstallation"),
        "Install an integration in an organization",
        body=bodies.Organization,
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "getIntegrationInstallationById",
        f"GET {paths.INSTALLATION}",
        subjects.AN_INSTALLATION,
        responses.one_or_none("IntegrationInstallation"),
        "Read an installation",
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "updateIntegrationInstallation",
        f"PATCH {paths.INSTALLATION}",
        subjects.AN_INSTALLATION,
        responses.one("IntegrationInstallation"),
        "Configure an installation",
        body=bodies.UpdateInstallation,
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "uninstallIntegration",
        f"DELETE {paths.INSTALLATION}",
        subjects.AN_INSTALLATION,
        responses.DELETED,
        "Uninstall an integration from an organization",
        tokens=tokens.USER,
        command="apply",
    ),
    row(
        "createIntegrationInstallationToken",
        f"POST {paths.INSTALLATION}/tokens",
        subjects.AN_INSTALLATION,
        responses.one_or_none("APITemporaryToken"),
        "Make a temporary token of an installation",
        tokens=tokens.INTEGRATION,
        command="token",
    ),
)
