"""In every output, values have YAML's words, and a line says an address once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.events import Phase, StepEvent
from reconciler.diagnostics import Place
from reconciler.plan.drift import Drift, Item, Move, What, Who
from reconciler.plan.matrix import Cell, Matrix, Row, Standing
from reconciler.plan.step import Action, Change, Plan, Step
from reconciler.render.drift.json import drift_document
from reconciler.render.drift.markdown import drift_markdown
from reconciler.render.drift.text import drift_text
from reconciler.render.effective import effective_document, effective_text
from reconciler.render.events import event_text
from reconciler.render.json import json_text
from reconciler.render.matrix.csv import matrix_csv
from reconciler.render.matrix.json import matrix_document
from reconciler.render.matrix.markdown import matrix_markdown
from reconciler.render.matrix.text import matrix_text
from reconciler.render.plan.graph import dot, mermaid
from reconciler.render.plan.html import plan_html
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.text import plan_text
from reconciler.render.problems.annotations import annotations_text
from reconciler.render.problems.text import problems_text
from reconciler.render.report.markdown import report_markdown
from reconciler.render.report.stream import event_line, plan_lines
from reconciler.render.report.text import report_text
from reconciler.render.yaml import value_text
from reconciler.resources.resource import Address, Declaration, Resource
from reconciler.resources.values import ABSENT
from tests.render.situations import PLANS, PROBLEMS, REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SITE = Address("installation/slack/site/site_1")
NESTED = {"on": True, "off": False, "none": None, "list": [True, False, None, {"deep": True}]}
VALUES = (True, False, None, NESTED, [True, None], [[False]])
PYTHON = re.compile(r"\b(True|False|None)\b")
NOW = "2026-01-01T00:00:00Z"
ADDRESS = re.compile(r"\b(?:integration|installation)/[\w./-]*\w")


def plan(value: Any) -> Plan:
    sides = (
        (value, ABSENT),
        (ABSENT, value),
        (value, 1),
        ("one\ntwo", value),
        (value, {"on": 1, "more": value}),
    )
    changes = tuple(Change(("configuration", f"key{n}"), *pair) for n, pair in enumerate(sides))
    return Plan("org", "https://api.gitbook.com", (Step(Action.UPDATE, SITE, changes, label="docs"),))


def drift(value: Any) -> Drift:
    moves = (Move(("key",), value, 1, Who.LIVE), Move(("other",), "x" * 90, value, Who.FILE))
    return Drift("org", "https://api.gitbook.com", (Item(SITE, What.CHANGED, Who.BOTH, moves, "docs"),))


def matrix(value: Any) -> Matrix:
    cells = {"slack": Cell(Standing.DRIFT, value, 1), "github": Cell(Standing.MISSING, ABSENT, value)}
    return Matrix("org", ("slack", "github"), (Row("site", "site_1", "docs", cells=cells),), "on")


def resource(value: Any) -> Resource:
    return Resource(SITE, {"configuration": {"key": value}}, declaration=Declaration(Place("gbsync.yaml", 3)))


def event(value: Any) -> dict[str, Any]:
    """An event as the API might send it: a developer can log any value as a message."""
    payload = {"type": "site_view", "value": value}
    return {
        "event": {"status": "success", "id": "e1", "createdAt": "2026-01-01", "payload": payload},
        "trace": {"logs": [{"level": "log", "message": value}]},
    }


FORMS: dict[str, Callable[[Any], str]] = {
    "plan": lambda value: plan_text(plan(value)),
    "narrow plan": lambda value: plan_text(plan(value), width=40),
    "plan as markdown": lambda value: plan_markdown(plan(value)),
    "plan as json": lambda value: json_text(plan_document(plan(value))),
    "plan as html": lambda value: plan_html(plan(value), matrix(value)),
    "plan as mermaid": lambda value: mermaid(plan(value)),
    "plan as dot": lambda value: dot(plan(value)),
    "drift": lambda value: drift_text(drift(value)),
    "drift as markdown": lambda value: drift_markdown(drift(value)),
    "drift as json": lambda value: json_text(drift_document(drift(value))),
    "matrix": lambda value: matrix_text(matrix(value), width=200),
    "matrix as a list": lambda value: matrix_text(matrix(value), width=20),
    "matrix as markdown": lambda value: matrix_markdown(matrix(value)),
    "matrix as csv": lambda value: matrix_csv(matrix(value)),
    "matrix as json": lambda value: json_text(matrix_document(matrix(value))),
    "effective": lambda value: effective_text([resource(value)]),
    "effective as json": lambda value: json_text(effective_document([resource(value)])),
    "event": lambda value: event_text(event(value)),
    "a file": value_text,
}


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("form", FORMS)
def test_a_value_has_the_words_of_yaml(form: str, value: Any) -> None:
    assert not PYTHON.findall(FORMS[form](value))


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"plan as mermaid", "plan as dot"}))
def test_every_form_shows_a_true_that_differs(form: str) -> None:
    assert "true" in FORMS[form]({"on": True})


def stream() -> Iterator[dict[str, Any]]:
    """Every line of every run."""
    for make in PLANS.values():
        yield from plan_lines(make(), at=NOW)
    for make_report in REPORTS.values():
        for result in make_report().results:
            event = StepEvent(Phase.END, result.step.address, result.step.action, result=result)
            yield event_line(event, at=NOW)


LINES: dict[str, Callable[[], str]] = {
    "plans": lambda: "\n".join(plan_text(make()) for make in PLANS.values()),
    "reports": lambda: "\n".join(report_text(make()) for make in REPORTS.values()),
    "problems": lambda: problems_text(PROBLEMS["problems, several"]()),
    "plans as markdown": lambda: "\n".join(plan_markdown(make()) for make in PLANS.values()),
    "reports as markdown": lambda: "\n".join(report_markdown(make()) for make in REPORTS.values()),
    "stream": lambda: "\n".join(line["@message"] for line in stream()),
    "annotations": lambda: annotations_text(PROBLEMS["problems, several"]()),
    "drift": lambda: drift_text(drift(5)),
    "drift as markdown": lambda: drift_markdown(drift(5)),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_says_an_address_once(name: str) -> None:
    addresses = [ADDRESS.findall(line) for line in LINES[name]().splitlines()]

    assert any(addresses)
    assert not [line for line in addresses if len(line) != len(set(line))]
