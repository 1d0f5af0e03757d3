"""Problems as JUnit's XML: a suite for each file, a failure for each error; warnings pass with a remark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.diagnostics import Severity
from reconciler.render.junit import Case, junit_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.diagnostics import Problem

NOWHERE = "gbsync"
"""The suite of problems that stand in no file."""


def problems_junit(problems: Sequence[Problem], files: Iterable[str] = ()) -> str:
    """The problems by file. A file without problems has one case, which passed."""
    by_file: dict[str, list[Case]] = {file: [] for file in files}
    for problem in problems:
        file = problem.place.file if problem.place else NOWHERE
        by_file.setdefault(file, []).append(_case(problem, file))
    suites = [(file, cases or [Case("no problems", file)]) for file, cases in by_file.items()]
    return junit_text("gbsync validate", suites or [(NOWHERE, [Case("no problems", NOWHERE)])])


def _case(problem: Problem, file: str) -> Case:
    place, text = problem.place, str(problem)
    is_error = problem.severity is Severity.ERROR
    return Case(
        name=" ".join(part for part in (problem.rule, problem.address, str(place or "")) if part),
        group=file,
        failure=text if is_error else "",
        kind=problem.rule,
        remark="" if is_error else text,
        file=place.file if place else "",
        line=place.line if place else 0,
    )
