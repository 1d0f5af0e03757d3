"""Reports for a job summary: every outcome, within the limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.apply.report import Report
from reconciler.plan.step import LeftOut
from reconciler.render.report.markdown import report_markdown
from tests.render.situations import (
    REPORTS,
    crowd,
    delete,
    plan,
    report,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("make", REPORTS.values(), ids=REPORTS)
def test_a_report_says_every_outcome(make: Callable[[], object]) -> None:
    made = make()
    text = report_markdown(made)  # type: ignore[arg-type]

    assert made.summary in text  # type: ignore[attr-defined]


def test_a_report_within_its_limit_keeps_what_failed() -> None:
    from reconciler.apply.report import Outcome, Result  # noqa: PLC0415 - for this test alone

    steps = crowd(900, 0, 0).steps
    done = (Result(step, Outcome.DONE, f"note {number}") for number, step in enumerate(steps))
    failed = Result(delete(), Outcome.FAILED, "the API said no")
    text = report_markdown(report(*done, failed), limit=10_000)

    assert len(text.encode()) <= 10_000
    assert "the API said no" in text
    assert re.search(r"\*\d+ more left out here", text)


def test_what_was_left_out_is_named_with_the_reason() -> None:
    made = Report(plan(update(), left_out=(LeftOut(delete(), "nobody has approved it"),)), ())

    text = report_markdown(made)

    assert "Left out: shown here, and not done by this run: 1" in text
    assert "- destroy 1 installation_site of googleanalytics: the file says absent: true" in text
    assert "nobody has approved it: handbook" in text
