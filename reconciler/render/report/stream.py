"""What happens during an apply, as JSON lines in the shape of Terraform's machine-readable output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler import __version__
from reconciler.apply.events import Phase
from reconciler.apply.report import Outcome
from reconciler.diagnostics import Severity
from reconciler.plan.step import Action
from reconciler.render.clean import clean
from reconciler.render.problems.json import problem_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.apply.events import StepEvent
    from reconciler.apply.report import Report
    from reconciler.diagnostics import Place, Problem
    from reconciler.plan.step import Plan
    from reconciler.resources.resource import Address

UI = "1.2"
"""The version of Terraform's stream that this follows."""
PROVIDER = "gitbook"
VERBS = {Action.CREATE: "add", Action.UPDATE: "change", Action.DELETE: "remove"}
STARTED = {Action.CREATE: "Creating...", Action.UPDATE: "Modifying...", Action.DELETE: "Destroying..."}
ENDED = {
    Outcome.DONE: ("info", "apply_complete"),
    Outcome.ALREADY: ("info", "apply_complete"),
    Outcome.FAILED: ("error", "apply_errored"),
    Outcome.UNKNOWN: ("error", "apply_errored"),
    Outcome.SKIPPED: ("warn", "apply_skipped"),
}


def _line(kind: str, message: str, at: str, *, level: str = "info", **rest: Any) -> dict[str, Any]:
    return {
        "@level": level,
        "@message": clean(message),
        "@module": "gbsync.ui",
        "@timestamp": at,
        "type": kind,
        **rest,
    }


def version_line(*, at: str) -> dict[str, Any]:
    """The first line: the version of gbsync and of the stream."""
    return _line("version", f"gbsync {__version__}", at, gbsync=__version__, ui=UI)


def plan_lines(plan: Plan, *, at: str) -> Iterator[dict[str, Any]]:
    """The lines of a plan: its warnings, each step, and the counts."""
    for problem in plan.problems:
        yield problem_line(problem, at=at)
    for step in plan.steps:
        change: dict[str, Any] = {"resource": _resource(step.address), "action": step.action.value}
        if step.reason:
            change["reason"] = step.reason.value
        yield _line("planned_change", f"{step.address}: Plan to {step.action}", at, change=change)
    yield _summary("plan", plan.summary, {word: plan.count(action) for action, word in VERBS.items()}, at)


def event_line(event: StepEvent, *, at: str, elapsed: float = 0.0) -> dict[str, Any]:
    """The line of one event. `elapsed` is the number of seconds since the step started."""
    hook: dict[str, Any] = {"resource": _resource(event.address), "action": event.action.value}
    if event.phase is Phase.START:
        return _line("apply_start", f"{event.address}: {STARTED[event.action]}", at, hook=hook)
    hook["elapsed_seconds"] = round(elapsed, 3)
    if event.result is None:
        details = {"phase": event.phase.value, "call": event.call, "number": event.number}
        message = f"{event.address}: {event.call} {event.phase}"
        return _line("apply_progress", message, at, hook=hook, gbsync=details)
    result = event.result
    level, kind = ENDED[result.outcome]
    details = {"outcome": result.outcome.value, "message": result.message}
    details |= {"status": result.status, "link": result.link, "because": result.because or ""}
    suffix = f": {result.message}" if result.message else ""
    return _line(
        kind, f"{event.address}: {result.outcome.value}{suffix}", at, level=level, hook=hook, gbsync=details
    )


def report_line(report: Report, *, at: str) -> dict[str, Any]:
    """The last line: how many resources were added, changed and removed."""
    counts = {word: report.count(Outcome.DONE, action) for action, word in VERBS.items()}
    return _summary("apply", report.summary, counts, at)


def problem_line(problem: Problem, *, at: str) -> dict[str, Any]:
    """A problem as a diagnostic."""
    diagnostic: dict[str, Any] = {
        "severity": problem.severity.value,
        "summary": problem.message,
        "detail": problem.advice,
        "address": str(problem.address),
    }
    if problem.place:
        diagnostic["range"] = _range(problem.place)
    level = "warn" if problem.severity is Severity.WARNING else "error"
    document = problem_document(problem)
    return _line("diagnostic", str(problem), at, level=level, diagnostic=diagnostic, gbsync=document)


def _range(place: Place) -> dict[str, Any]:
    # Terraform always has `byte`. The file is not at hand here, so it cannot be known.
    spot = {"line": place.line, "column": place.column, "byte": 0}
    return {"filename": place.file, "start": spot, "end": spot}


def _resource(address: Address) -> dict[str, Any]:
    return {
        "addr": str(address),
        "module": "",
        "resource": str(address),
        "implied_provider": PROVIDER,
        "resource_type": address.kind,
        "resource_name": address.key,
        "resource_key": None,
    }


def _summary(operation: str, message: str, counts: dict[str, int], at: str) -> dict[str, Any]:
    changes = {**counts, "import": 0, "operation": operation}
    return _line("change_summary", message, at, changes=changes)
