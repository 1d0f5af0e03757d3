"""The paths that operations share."""

from __future__ import annotations

INTEGRATION = "/integrations/{integrationName}"
INSTALLATIONS = f"{INTEGRATION}/installations"
INSTALLATION = f"{INSTALLATIONS}/{{installationId}}"
SPACES = f"{INSTALLATION}/spaces"
SPACE = f"{SPACES}/{{spaceId}}"
SITES = f"{INSTALLATION}/sites"
SITE = f"{SITES}/{{siteId}}"
ORGANIZATION = "/orgs/{organizationId}"
A_SITE = f"{ORGANIZATION}/sites/{{siteId}}"
A_SPACE = "/spaces/{spaceId}"
