"""THE TABLE: one spec and one row per kind; order, file sections, schema, docs and tests come from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from reconciler.gitbook.kinds import checks, exported, lints, manifest
from reconciler.gitbook.kinds.calls import BindingCalls, InstallationCalls, IntegrationCalls
from reconciler.gitbook.kinds.public_keys import PUBLIC_KEYS
from reconciler.gitbook.kinds.specs import BindingSpec, InstallationSpec, IntegrationSpec
from reconciler.resources.kind import Kind, Table, table

_NAME = r"^[a-zA-Z0-9-_.]+$"
_NAME_MAX = 100
_SITE_ID = r"site_[A-Za-z0-9]+"
_SPACE_ID = r"(?=.*[A-Z0-9])[A-Za-z0-9_-]{18,28}"

_ON_SPACES = BindingCalls(
    "space", "space", frozenset({"site", "organization"}), "listSpacesInOrganizationById"
)
_ON_SITES = BindingCalls("site", "siteId", frozenset({"space", "organization"}), "listSites")

KINDS: Final[Table] = table(
    Kind(
        "integration",
        IntegrationSpec,
        IntegrationCalls(),
        section="integrations",
        writes="whole",
        key_pattern=_NAME,
        key_max=_NAME_MAX,
        prunable=False,
        owned_by_many=True,
        reads_before_create=True,
        requires=frozenset({"title", "script", "scopes"}),
        expand="manifest",
        expand_settings=frozenset({"env"}),
        expand_document=manifest.expand,
        gone=lints.GONE,
        lint=lints.lint_integration,
        complete=checks.complete_integration,
        check=checks.check_integration,
        exported=exported.integration,
    ),
    Kind(
        "installation",
        InstallationSpec,
        InstallationCalls(),
        section="installations",
        after="integration",
        key_pattern=_NAME,
        key_max=_NAME_MAX,
        reads_before_create=True,
        own_ids=True,
        schema=checks.schema_of,
        check=checks.check_installation,
        public_keys=PUBLIC_KEYS,
        owner_advice=lints.owner_advice,
        exported=exported.installation,
    ),
    Kind(
        "installation_space",
        BindingSpec,
        _ON_SPACES,
        section="spaces",
        parent="installation",
        stands_under=_ON_SPACES.works_under,
        catalogue=True,
        id_pattern=_SPACE_ID,
        schema=checks.schema_of,
        check=checks.check_binding,
        public_keys=PUBLIC_KEYS,
        exported=exported.binding,
    ),
    Kind(
        "installation_site",
        BindingSpec,
        _ON_SITES,
        section="sites",
        parent="installation",
        stands_under=_ON_SITES.works_under,
        catalogue=True,
        id_pattern=_SITE_ID,
        schema=checks.schema_of,
        check=checks.check_binding,
        public_keys=PUBLIC_KEYS,
        exported=exported.binding,
    ),
)


def with_titles(kinds: Table) -> Table:
    """The table with lists that show spaces and sites whole, for whoever needs their titles."""
    return table(
        *(
            replace(kind, calls=replace(kind.calls, titles=True))
            if isinstance(kind.calls, BindingCalls)
            else kind
            for kind in kinds.values()
        )
    )
