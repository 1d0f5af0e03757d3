"""Problems for people, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.diagnostics import Severity
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.page import Page
from reconciler.render.problems.folded import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.diagnostics import Problem


def problems_text(problems: Sequence[Problem], *, color: bool = False) -> str:
    """A line for each problem, its place first so that editors can jump there, and the number of problems."""
    page = Page(width=10_000)
    for problem in folded(problems):
        style = "update" if problem.severity is Severity.WARNING else "bad"
        for line in problem_lines(problem):
            page.add((line, style))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    counts = [counted(errors, "error")] if errors else []
    if len(problems) > errors:
        counts.append(counted(len(problems) - errors, "warning"))
    page.add(", ".join(counts) or "No problems.")
    return page.text(color=color)


def problem_lines(problem: Problem) -> list[str]:
    """The problem on one line, then the other places that belong to it."""
    where = f"{problem.place}: " if problem.place else ""
    mark = "warning: " if problem.severity is Severity.WARNING else ""
    return [
        clean(where + mark + str(problem).removeprefix(where)),
        *(f"  see also {clean(str(place))}" for place in problem.also),
    ]
