"""A report for a job summary, within the limit of its size; what went wrong comes first."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome
from reconciler.render.amounts import counted
from reconciler.render.clean import clean, inert
from reconciler.render.columns import wrap
from reconciler.render.markdown import SUMMARY_LIMIT, ByteBudget, code, fenced, folding, marker
from reconciler.render.masks import Masks
from reconciler.render.plan.classes import MOST_DELETED, MOST_NAMED, some
from reconciler.render.plan.diff import WIDTH, step_title
from reconciler.render.plan.left_out import LEFT_OUT, left_out_texts
from reconciler.render.plan.markdown import notice_code
from reconciler.render.plan.sentences import PENDING, label_text
from reconciler.render.report.folded import entries
from reconciler.render.report.text import TITLES, WENT_WRONG

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.apply.report import Report, Result


def report_markdown(report: Report, *, limit: int = SUMMARY_LIMIT, name: str = "apply") -> str:
    """The report in at most `limit` bytes; what went well is left out first."""
    head = f"{marker(f'{name} {report.plan.organization}')}\n### {report.summary}\n\n{_outcomes(report)}\n"
    tail = f"{counted(report.requests, 'request')} in {report.seconds:,.1f} s.\n"
    if report.unrecorded:
        head += f"> The lock or the events file is incomplete: {code(report.unrecorded)}\n\n"
    room = ByteBudget(limit)
    room.take(head + tail)
    parts, masks = [head], Masks.of(report.plan)
    for outcome in (*WENT_WRONG, Outcome.ALREADY, Outcome.DONE):
        results = [result for result in report.results if result.outcome is outcome]
        if results:
            parts.append(_results(outcome, results, room, masks))
    if left_out := left_out_texts(report.plan):
        title = f"<b>{html.escape(LEFT_OUT)}: {len(report.plan.left_out):,}</b>"
        parts.append(_fitting_section(title, list(left_out), room, lambda text: fenced(text.splitlines())))
    waiting = [f"- {_named(item)} {code(item.link)}\n" for item in report.pending]
    waiting += [f"- {notice_code(notice)}\n" for notice in report.waiting]
    if waiting:
        parts.append(
            _fitting_section(f"{html.escape(PENDING)}: {len(waiting):,}", waiting, room, lambda text: text)
        )
    return inert("".join(parts) + tail)


def _outcomes(report: Report) -> str:
    counts = [(outcome.value, report.count(outcome)) for outcome in Outcome if report.count(outcome)]
    return "| outcome | steps |\n|---|--:|\n" + "".join(
        f"| {name} | {number:,} |\n" for name, number in counts
    )


def _named(result: Result) -> str:
    label = label_text(result.step)
    return f"{code(label)} {code(result.step.address)}" if label else code(result.step.address)


def _results(outcome: Outcome, results: Sequence[Result], room: ByteBudget, masks: Masks) -> str:
    lines = []
    for entry in entries(results, masks):
        title = step_title(entry.first.step) if len(entry.results) == 1 else entry.subject
        message = [clean(entry.first.message)] if entry.first.message else []
        most = MOST_DELETED if outcome in WENT_WRONG else MOST_NAMED
        names = wrap(some(entry.names, most), WIDTH) if len(entry.results) > 1 else []
        lines.append("\n    ".join([title, *message, *entry.conflicts, *names]) + "\n")
    title = f"<b>{html.escape(TITLES[outcome].rstrip(':'))}: {len(results):,}</b>"
    return _fitting_section(
        title, lines, room, lambda text: fenced(text.splitlines()), is_open=outcome in WENT_WRONG
    )


def _fitting_section(
    title: str, lines: Sequence[str], room: ByteBudget, wrap: Callable[[str], str], *, is_open: bool = True
) -> str:
    """A folding section of as many lines as fit."""
    room.take(folding(title, wrap("")) + "*10,000,000 more left out here.*\n" + " " * 40)
    fitting = []
    for line in lines:
        if not room.take(line):
            break
        fitting.append(line)
    missing = len(lines) - len(fitting)
    rest = f"*{missing:,} more left out here.*\n" if missing else ""
    body = wrap("".join(fitting)) if fitting else ""
    return folding(title, body + rest, is_open=is_open)
