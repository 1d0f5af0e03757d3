"""Where a plan comes from, for a page that is read later: the commit of its files, and when it was made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.applied_commit import commit_of
from reconciler.render.plan.html.view import Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.pipeline import Planned

DIGITS = 12
"""Characters of the commit's id that people are shown."""


def provenance(planned: Planned, files: Sequence[str]) -> Provenance:
    """What is known of a plan that is made now of these files."""
    folder = next((Path(file).parent for file in files if not file.startswith(("-", "<"))), None)
    commit = commit_of(folder)[:DIGITS] if folder else ""
    return Provenance(_title(planned), commit, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")


def _title(planned: Planned) -> str:
    """The title of the organization; known only where it owns an integration, as no operation asks for it."""
    for resource in planned.live.state.values():
        owner = resource.attributes.get("organization")
        if isinstance(owner, dict) and owner.get("id") == planned.plan.organization:
            return str(resource.facts.extra.get("owner_title", ""))
    return ""
