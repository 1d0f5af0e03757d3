"""Output: only the result goes to stdout; problems, progress and prompts go to stderr."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import encoding, standard_streams
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.apply.report import Report
    from reconciler.diagnostics import Problem
    from reconciler.plan.drift import Drift
    from reconciler.plan.step import Plan

WIDTH = 80


def width() -> int:
    """The width of the terminal; 80 if there is none."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def colored(wish: bool | None = None) -> bool:  # noqa: FBT001 - an option's three states
    """Whether to use colour: by the option, else by FORCE_COLOR and NO_COLOR, else on a terminal."""
    if wish is not None:
        return wish
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def emit(text: str, form: str = "text", *, nl: bool = True, color: bool | None = None) -> None:
    """Writes the result to stdout, in characters that its encoding has."""
    click.echo(encoding.fit_document(text, form, standard_streams.charset(sys.stdout)), nl=nl, color=color)


def needs_ascii() -> bool:
    """Whether stdout has an encoding that readers of a document do not expect."""
    return not encoding.is_unicode(standard_streams.charset(sys.stdout))


def unread() -> bool:
    """Whether stdout was closed, or a part of the output was lost."""
    return standard_streams.failure(sys.stdout) is not None


def show_problems(problems: Sequence[Problem]) -> None:
    """Every problem on stderr; in a GitHub job, as annotations too."""
    from reconciler.render.problems.text import problems_text  # noqa: PLC0415 - only when there are some

    click.echo(problems_text(problems), err=True)
    _annotate(problems)


def tell_problems(problems: Sequence[Problem], *, color: bool | None = None) -> None:
    """Every problem on stdout, if they are the result; in a GitHub job, as annotations too."""
    from reconciler.render.problems.text import problems_text  # noqa: PLC0415 - only when files were checked

    paint = colored(color)
    click.echo(problems_text(problems, color=paint), color=paint)
    _annotate(problems)


def show_error(text: str) -> None:
    """The error that ends a command, on stderr; in a GitHub job, as an annotation too."""
    from reconciler.render.clean import clean, inert  # noqa: PLC0415 - only when something is wrong
    from reconciler.render.problems.annotations import error_annotation  # noqa: PLC0415 - only when something is wrong

    lines = text.splitlines() or [""]
    for line in lines:
        click.echo(inert(f"Error: {clean(line)}"), err=True)
    if _on_github():
        click.echo(error_annotation(lines), err=True)


def _annotate(problems: Sequence[Problem]) -> None:
    if problems and _on_github():
        from reconciler.render.problems.annotations import annotations_text  # noqa: PLC0415 - only on GitHub

        click.echo(annotations_text(problems), err=True)


def _on_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def show_plan(
    plan: Plan, *, color: bool | None = None, show_unmanaged: bool = False, expand: bool = False
) -> None:
    """The plan on stdout, its warnings on stderr."""
    from reconciler.render.plan.text import plan_text  # noqa: PLC0415 - only where it is shown

    show_warnings(plan)
    paint = colored(color)
    text = plan_text(plan, width=width(), color=paint, show_unmanaged=show_unmanaged, expand=expand)
    click.echo(text, color=paint)


def show_warnings(plan: Plan) -> None:
    """The warnings of a plan, on stderr."""
    if plan.problems:
        show_problems(plan.problems)


def show_report(report: Report, *, color: bool | None = None, expand: bool = False) -> None:
    """The report on stdout."""
    from reconciler.render.report.text import report_text  # noqa: PLC0415 - only where it is shown

    paint = colored(color)
    click.echo(report_text(report, width=width(), color=paint, expand=expand), color=paint)


def write(path: str, text: str, form: str = "text") -> None:
    """Writes a result to a file, or to stdout for `-`. Raises `UsageError` if it cannot be written."""
    if path == "-":
        emit(text, form, nl=not text.endswith("\n"))
        return
    whole = text if text.endswith("\n") else f"{text}\n"
    try:
        # A file is always UTF-8. Paths that are not UTF-8 are escaped.
        Path(path).write_text(whole, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror or error}; name another file"
        raise UsageError(msg) from None


def summarize(result: Plan | Report | Drift) -> None:
    """Appends it to GitHub's job summary, if there is one; an error does not stop the command."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    try:
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(f"{_summary(result)}\n")
    except OSError as error:
        click.echo(f"{file}: the job summary cannot be written: {error.strerror or error}", err=True)


def _summary(result: Plan | Report | Drift) -> str:
    from reconciler.apply.report import Report  # noqa: PLC0415 - only there
    from reconciler.plan.step import Plan  # noqa: PLC0415 - only there
    from reconciler.render.drift.markdown import drift_markdown  # noqa: PLC0415 - only where it is shown
    from reconciler.render.markdown import SUMMARY_LIMIT  # noqa: PLC0415 - only where it is shown
    from reconciler.render.plan.markdown import plan_markdown  # noqa: PLC0415 - only where it is shown
    from reconciler.render.report.markdown import report_markdown  # noqa: PLC0415 - only where it is shown

    if isinstance(result, Plan):
        return plan_markdown(result, limit=SUMMARY_LIMIT)
    if isinstance(result, Report):
        return report_markdown(result)
    return drift_markdown(result, limit=SUMMARY_LIMIT)
