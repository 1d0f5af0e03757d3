"""Reports for a job summary: every outcome, within the limit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.render.report.markdown import report_markdown
from tests.render.situations import (
    REPORTS,
    crowd,
    delete,
    report,
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
