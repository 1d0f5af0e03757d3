from __future__ import annotations

import json

import pytest

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome, Result
from reconciler.diagnostics import Problem
from reconciler.plan.step import Action
from reconciler.render.report.stream import event_line, plan_lines, problem_line, report_line, version_line
from tests.render.situations import NOTES, PLANS, REPORTS, SLACK, update

AT = "2026-01-02T03:04:05+00:00"
COMMON = {"@level", "@message", "@module", "@timestamp", "type"}
RESOURCE = {
    "addr": "installation/slack/space/7fQm2WvA91bXcR0tYk3L",
    "module": "",
    "resource": "installation/slack/space/7fQm2WvA91bXcR0tYk3L",
    "implied_provider": "gitbook",
    "resource_type": "installation_space",
    "resource_name": "7fQm2WvA91bXcR0tYk3L",
    "resource_key": None,
}


def test_the_first_line_says_who_speaks() -> None:
    line = version_line(at=AT)

    assert line["type"] == "version"
    assert line.keys() > COMMON


def test_a_plan_is_its_steps_and_its_counts() -> None:
    lines = list(plan_lines(PLANS["one of each"](), at=AT))

    assert [line["type"] for line in lines] == ["planned_change"] * 3 + ["change_summary"]
    assert lines[2]["change"]["reason"] == "delete_because_declared_absent"
    assert lines[3]["changes"] == {"add": 1, "change": 1, "remove": 1, "import": 0, "operation": "plan"}
    assert lines[3]["@message"] == "Plan: 1 to add, 1 to change, 1 to destroy."


def test_a_warning_is_a_diagnostic_with_its_range() -> None:
    line = next(plan_lines(PLANS["with warnings"](), at=AT))

    assert (line["type"], line["@level"]) == ("diagnostic", "warn")
    assert line["diagnostic"]["range"]["filename"] == "gbsync.yaml"
    assert line["diagnostic"]["range"]["start"] == {"line": 24, "column": 3, "byte": 0}


def test_an_error_without_a_place_has_no_range() -> None:
    line = problem_line(Problem("GB001", "wrong"), at=AT)

    assert line["@level"] == "error"
    assert "range" not in line["diagnostic"]


@pytest.mark.parametrize(
    ("action", "said"),
    [(Action.CREATE, "Creating..."), (Action.UPDATE, "Modifying..."), (Action.DELETE, "Destroying...")],
)
def test_a_step_starts(action: Action, said: str) -> None:
    line = event_line(StepEvent(Phase.START, NOTES, action), at=AT)

    assert line["type"] == "apply_start"
    assert line["@message"] == f"{NOTES}: {said}"
    assert line["hook"] == {"resource": RESOURCE, "action": action.value}


def test_a_write_is_progress() -> None:
    line = event_line(StepEvent(Phase.SEND, NOTES, Action.CREATE, "create", 3), at=AT, elapsed=0.25)

    assert line["type"] == "apply_progress"
    assert line["hook"]["elapsed_seconds"] == 0.25
    assert line["gbsync"] == {"phase": "send", "call": "create", "number": 3}


@pytest.mark.parametrize(
    ("outcome", "kind", "level"),
    [
        (Outcome.DONE, "apply_complete", "info"),
        (Outcome.ALREADY, "apply_complete", "info"),
        (Outcome.FAILED, "apply_errored", "error"),
        (Outcome.UNKNOWN, "apply_errored", "error"),
        (Outcome.SKIPPED, "apply_skipped", "warn"),
    ],
)
def test_a_step_ends(outcome: Outcome, kind: str, level: str) -> None:
    result = Result(update(), outcome, "the API said no\n::error::x", because=NOTES)
    line = event_line(StepEvent(Phase.END, SLACK, Action.UPDATE, result=result), at=AT)

    assert (line["type"], line["@level"]) == (kind, level)
    assert line["gbsync"]["outcome"] == outcome.value
    assert line["gbsync"]["because"] == NOTES
    assert "\n" not in line["@message"]
    assert json.loads(json.dumps(line)) == line


def test_the_last_line_has_the_counts_of_what_was_done() -> None:
    line = report_line(REPORTS["report, many done"](), at=AT)

    assert line["changes"] == {"add": 14, "change": 9, "remove": 4, "import": 0, "operation": "apply"}
    assert line["@message"].startswith("Apply complete!")
