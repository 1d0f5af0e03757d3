"""Who is asking, and what it may see. Nothing of this is in the reference of integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations import paths, responses, subjects, tokens
from reconciler.gitbook.operations.row import row

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

ROWS: tuple[Operation, ...] = (
    row(
        "getAuthenticatedUser",
        "GET /user",
        "",
        responses.one_or_none("User"),
        "Read whose token it is",
        tokens=tokens.USER,
        beyond_reference=True,
    ),
    row(
        "listOrganizationsForAuthenticatedUser",
        "GET /orgs",
        "",
        responses.many("Organization"),
        "List the organizations that the token's user belongs to",
        *params.PAGING,
        tokens=tokens.USER,
        beyond_reference=True,
    ),
    row(
        "getOrganizationById",
        f"GET {paths.ORGANIZATION}",
        subjects.AN_ORGANIZATION,
        responses.one_or_none("Organization"),
        "Read an organization",
        tokens=tokens.BEYOND_ANY,
        beyond_reference=True,
    ),
    row(
        "getSiteById",
        f"GET {paths.A_SITE}",
        subjects.AN_ORGANIZATIONS_SITE,
        responses.one_or_none("Site"),
        "Read a site",
        tokens=tokens.BEYOND_ANY,
        beyond_reference=True,
    ),
    row(
        "getSpaceById",
        f"GET {paths.A_SPACE}",
        subjects.AN_ORGANIZATIONS_SPACE,
        responses.one("Space"),
        "Read a space",
        params.SHARE_KEY,
        tokens=tokens.USER | tokens.INTEGRATIONS,
        beyond_reference=True,
    ),
    row(
        "listSpaceIntegrations",
        f"GET {paths.A_SPACE}/integrations",
        subjects.AN_ORGANIZATIONS_SPACE,
        responses.many("Integration"),
        "List the integrations that a space has",
        params.TEXT,
        tokens=tokens.USER,
        beyond_reference=True,
    ),
    row(
        "listSpaceIntegrationsBlocks",
        f"GET {paths.A_SPACE}/integration-blocks",
        subjects.AN_ORGANIZATIONS_SPACE,
        responses.all_at_once("", "name", "blocks", also=(404,)),
        "List the blocks that integrations add to a space",
        tokens=tokens.BEYOND_ANY,
        beyond_reference=True,
    ),
)
