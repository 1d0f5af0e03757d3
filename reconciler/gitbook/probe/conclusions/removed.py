"""What deleting showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.gitbook.probe.conclusions.configured import CONFLICT
from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown

if TYPE_CHECKING:
    from reconciler.gitbook.probe.answer import Answer

REMOVED = "removed"
MISSING = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Uninstalling, and unpublishing what is installed."""

    parentless: Answer
    """The DELETE of a binding under an installation that is gone."""
    unpublished: Answer
    """Unpublishing what is installed."""
    is_left: bool
    """Whether its installation is there afterwards."""


def _missing_parent(seen: Removed) -> Finding:
    if seen.parentless.ok:
        return Finding("204", f"answers {seen.parentless.status}")
    if seen.parentless.status == MISSING:
        return Finding("404")
    return unknown(f"answers {seen.parentless.status}")


def _unpublish(seen: Removed) -> Finding:
    if seen.unpublished.status == CONFLICT:
        return Finding("refused", "409")
    if not seen.unpublished.ok:
        return unknown(f"answers {seen.unpublished.status}")
    return Finding("orphans" if seen.is_left else "takes-along")


QUESTIONS = (
    Question("missing_parent", "Deleting a binding of no installation answers", REMOVED, _missing_parent),
    Question("unpublish", "Unpublishing what is installed", REMOVED, _unpublish),
)
