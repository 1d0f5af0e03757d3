"""Problems as JSON, in the shape of Terraform's diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import Severity
from reconciler.render.json import place_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.diagnostics import Place, Problem, Snippet


FORMAT_VERSION = "1.0"
"""The version of `terraform validate -json` that this follows."""


def diagnostics_document(
    problems: Sequence[Problem], *, snippet: Callable[[Place], Snippet | None]
) -> dict[str, Any]:
    """The problems with the keys of `terraform validate -json`, and under `gbsync` all the rest."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return {
        "format_version": FORMAT_VERSION,
        "valid": not errors,
        "error_count": errors,
        "warning_count": len(problems) - errors,
        "diagnostics": [_diagnostic(problem, snippet) for problem in problems],
    }


def _diagnostic(problem: Problem, snippet: Callable[[Place], Snippet | None]) -> dict[str, Any]:
    place = problem.place
    excerpt = snippet(place) if place else None
    return {
        "severity": problem.severity.value,
        "summary": problem.message,
        "detail": problem.advice,
        "address": str(problem.address),
        **({"range": _range(place, excerpt)} if place else {}),
        **({"snippet": _snippet(place, excerpt)} if place and excerpt else {}),
        "gbsync": problem_document(problem),
    }


def _range(place: Place, snippet: Snippet | None) -> dict[str, Any]:
    length = snippet.end - snippet.start if snippet else 0
    # Editors that read this need `byte`, although only the file that was read can tell it.
    byte = snippet.byte if snippet else 0
    return {
        "filename": place.file,
        "start": {"line": place.line, "column": place.column, "byte": byte},
        "end": {"line": place.line, "column": place.column + length, "byte": byte + length},
    }


def _snippet(place: Place, snippet: Snippet) -> dict[str, Any]:
    return {
        "context": None,
        "code": snippet.code,
        "start_line": place.line,
        "highlight_start_offset": snippet.start,
        "highlight_end_offset": snippet.end,
        "values": [],
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """One problem, with its places."""
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "address": str(problem.address),
        "message": problem.message,
        "advice": problem.advice,
        "place": place_document(problem.place),
        "also": [place_document(place) for place in problem.also],
    }
