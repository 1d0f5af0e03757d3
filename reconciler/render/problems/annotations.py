"""Problems as annotations of GitHub Actions. gbsync writes no other workflow commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.render.clean import clean
from reconciler.render.problems.folded import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.diagnostics import Problem


def annotations_text(problems: Sequence[Problem]) -> str:
    """A line `::error file=…,line=…,col=…,title=…::message` for each problem."""
    return "\n".join(_annotation(problem) for problem in folded(problems))


def error_annotation(lines: Sequence[str]) -> str:
    """An error without a place, as one annotation that may have several lines."""
    return f"::error title=gbsync::{'%0A'.join(map(_data, lines))}"


def _annotation(problem: Problem) -> str:
    place = problem.place
    fields = {"file": place.file, "line": place.line, "col": place.column} if place else {}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    title = _property(f"{problem.rule} {problem.address}".strip())
    advice = f"; {problem.advice}" if problem.advice else ""
    head = f"{properties},title={title}" if properties else f"title={title}"
    return f"::{problem.severity.value} {head}::{_data(problem.message + advice)}"


def _data(text: str) -> str:
    """The text, escaped so that the runner reads it as one message."""
    return clean(text).replace("%", "%25")


def _property(text: str) -> str:
    """The text, escaped so that it ends neither its property nor the command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
