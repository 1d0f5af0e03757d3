"""Plans, reports and problems for people at a terminal: 80 columns, colour only on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.diagnostics import Severity
from reconciler.render.page import Page
from reconciler.render.plan.text import plan_page, problem_lines
from reconciler.render.report.text import report_page
from reconciler.render.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.apply.report import Report
    from reconciler.diagnostics import Problem
    from reconciler.plan.step import Plan


def plan_text(plan: Plan, *, width: int = 80, color: bool = False, show_unmanaged: bool = False) -> str:
    """The plan as text; its last line is the one that tools look for."""
    return plan_page(plan, width=width, show_unmanaged=show_unmanaged).text(color=color)


def report_text(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as text; its last line is the one that tools look for."""
    return report_page(report, width=width).text(color=color)


def problems_text(problems: Sequence[Problem], *, color: bool = False) -> str:
    """Every problem on a line of its own, its place first as editors want it, and how many there are."""
    page = Page(width=10_000)
    for problem in problems:
        style = "update" if problem.severity is Severity.WARNING else "bad"
        for line in problem_lines(problem):
            page.add((line, style))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    counts = [counted(errors, "error")] if errors else []
    if len(problems) > errors:
        counts.append(counted(len(problems) - errors, "warning"))
    page.add(", ".join(counts) or "No problems.")
    return page.text(color=color)
