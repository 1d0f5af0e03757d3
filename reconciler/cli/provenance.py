"""Where a plan comes from, for a page that is read later: the commit of its files, and when it was made."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.render.plan.html.view import Provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.pipeline import Planned

SECONDS = 5.0
"""How long git may take. A page without a commit is better than no page."""
DIGITS = 12


def provenance(planned: Planned, files: Sequence[str]) -> Provenance:
    """What is known of a plan that is made now of these files."""
    folder = next((Path(file).parent for file in files if not file.startswith(("-", "<"))), None)
    commit = _commit(folder) if folder else ""
    return Provenance(_title(planned), commit, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")


def _title(planned: Planned) -> str:
    """The title of the organization; known only where it owns an integration, as no operation asks for it."""
    for resource in planned.live.state.values():
        owner = resource.attributes.get("organization")
        if isinstance(owner, dict) and owner.get("id") == planned.plan.organization:
            return str(resource.facts.extra.get("owner_title", ""))
    return ""


def _commit(folder: Path) -> str:
    """The commit that is checked out in the folder; empty where there is none, or no git."""
    command = ["git", "-C", str(folder), "rev-parse", f"--short={DIGITS}", "HEAD"]
    try:
        # Asks nobody for a password and reads nothing of the folder but its history.
        done = subprocess.run(  # noqa: S603 - our own words and a path that the user named
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
