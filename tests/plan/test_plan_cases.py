"""Each file of plan_cases/ is a sentence: files, what is live, the lock, and the plan that follows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.diagnostics import Severity
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.plan.guards import Allowances, refusals
from tests.planning import plan_text, read_case, world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.diagnostics import Problem
    from reconciler.plan.step import Notice, Plan

CASES = sorted((Path(__file__).parent / "plan_cases").glob("*.yaml"))
SAID = ("plan", "problems", "refused")
MENTIONS = ("unmanaged", "forgotten", "declared_in_unread_file", "pending", "uncompared")
KNOWN = {
    *(
        "files",
        "live",
        "lock",
        "with",
        "allow",
        "notes",
        "warnings",
        "after",
        "remembers",
        "requests",
        "outcomes",
    ),
    *SAID,
    *MENTIONS,
}


def read(path: Path) -> dict[str, Any]:
    case = read_case(path)

    assert case.keys() <= KNOWN
    assert case.keys() & set(SAID), "a case says what it expects"
    return case


def trimmed(text: str | None) -> list[str]:
    return [line.rstrip() for line in (text or "").rstrip().splitlines()]


def said(problems: Iterable[Problem], severity: Severity) -> list[str]:
    return [
        f"{problem.rule} {problem.address}: {problem.message}; {problem.advice}"
        for problem in problems
        if problem.severity is severity
    ]


def mentioned(notices: Iterable[Notice]) -> list[str]:
    return [
        ".".join((str(item.address), *item.path)) + (f" {item.note}" if item.note else "") for item in notices
    ]


def as_expected(case: dict[str, Any], plan: Plan) -> None:
    assert trimmed(plan_text(plan)) == trimmed(case.get("plan"))
    assert said(plan.problems, Severity.WARNING) == case.get("warnings", [])
    for name in MENTIONS:
        if name in case:
            assert mentioned(getattr(plan, name)) == case[name], name
    if "notes" in case:
        assert list(plan.notes) == case["notes"]


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
async def test_case(path: Path, tmp_path: Path) -> None:
    case = read(path)
    made = world(tmp_path, case)
    if "problems" in case:
        with pytest.raises(ConfigError) as raised:
            await made.plan()
        assert said(raised.value.problems, Severity.ERROR) == case["problems"]
        assert made.sandbox.commits == ()
        return
    planned = await made.plan()
    as_expected(case, planned.plan)

    allowed = Allowances(**case.get("allow", {}))
    refused = refusals(planned.plan, table=KINDS, allowed=allowed)

    assert list(refused) == case.get("refused", [])
    if refused:
        return

    report = await made.apply(planned)
    again = await made.plan(afterwards=True)

    assert [(result.step.address, result.message) for result in report.results if result.message] == []
    assert report.complete
    assert plan_text(again.plan) == ""
    assert report.requests == case.get("requests", planned.plan.requests)
    if "outcomes" in case:
        assert {str(result.step.address): result.outcome for result in report.results} == case["outcomes"]
    for address, attributes in case.get("after", {}).items():
        assert {name: made.live(address).get(name) for name in attributes} == attributes
    if "remembers" in case:
        remembered = {
            address: sorted(entry.fields) for address, entry in made.lock_store.base.entries.items()
        }
        assert remembered == case["remembers"]


def test_there_are_enough_cases_and_each_is_a_sentence() -> None:
    names = [path.stem for path in CASES]

    assert len(names) >= 80
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){3,}", name) for name in names)
