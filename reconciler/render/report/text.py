"""A report for people: what went wrong first, what was done last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome
from reconciler.plan.step import Notice
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.left_out import left_out_sentence
from reconciler.render.plan.order import groups
from reconciler.render.plan.sentences import PENDING, notice_text
from reconciler.render.plan.text import NARROWEST, plan_page, step_lines
from reconciler.render.values import pair

if TYPE_CHECKING:
    from reconciler.apply.report import Report, Result


MANY = 20
"""If more steps than this went well, they are only counted, by integration."""
TITLES = {
    Outcome.FAILED: "Failed:",
    Outcome.UNKNOWN: "Unknown (the change may or may not have been made; plan again to see):",
    Outcome.SKIPPED: "Skipped:",
    Outcome.ALREADY: "Already as planned (nothing was sent):",
    Outcome.DONE: "Done:",
}
WENT_WELL = (Outcome.ALREADY, Outcome.DONE)
WENT_WRONG = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED)


def report_page(report: Report, *, width: int = 80) -> Page:
    """The report as lines, for plain text or colour."""
    page = Page(max(width, NARROWEST))
    masks = Masks.of(report.plan)
    for outcome in (*WENT_WRONG, *WENT_WELL):
        _part(page, tuple(item for item in report.results if item.outcome is outcome), masks)
    _pending(page, report)
    _verified(page, report)
    _closing(page, report)
    return page


def _part(page: Page, results: tuple[Result, ...], masks: Masks) -> None:
    if not results:
        return
    outcome = results[0].outcome
    page.heading(TITLES[outcome])
    if outcome in WENT_WELL and len(results) > MANY:
        for group in groups(result.step for result in results):
            page.add(f"  {clean(group.name)}: {counted(len(group.steps), 'step')}")
        return
    for result in results:
        _result(page, result, masks)


def _result(page: Page, result: Result, masks: Masks) -> None:
    step_lines(page, result.step, reason=result.outcome is not Outcome.DONE)
    if result.message:
        page.say(clean(result.message), indent=6, style="bad" if result.outcome is Outcome.FAILED else "")
    for conflict in result.conflicts:
        was, planned = pair(conflict.before, conflict.planned, masks)
        intent = f", to become {planned}" if planned != was else ""
        now = pair(conflict.planned, conflict.now, masks)[1]
        page.say(f"{clean(conflict.name)}: was {was}{intent}, is {now}", indent=6, hang=2)


def _pending(page: Page, report: Report) -> None:
    notices = [
        *(Notice(item.step.address, item.step.label, link=item.link) for item in report.pending),
        *report.waiting,
    ]
    if notices:
        page.heading(f"{PENDING}:")
    for notice in notices:
        page.say(notice_text(notice), indent=2, hang=4)


def _verified(page: Page, report: Report) -> None:
    if report.remaining is None:
        return
    page.gap()
    if not report.remaining.steps:
        page.add(("Verified: a new plan is empty.", "good"))
        return
    page.add(("Verification failed: a new plan is not empty.", "bad"))
    page.gap()
    page.lines += plan_page(report.remaining, width=page.width).lines


def _other(report: Report) -> bool:
    """Whether the number of requests differs from the plan: some were repeated, or some were not needed."""
    return report.complete and bool(report.results) and report.requests != report.plan.requests


def _closing(page: Page, report: Report) -> None:
    page.gap()
    counts = [f"{report.count(outcome):,} {outcome}" for outcome in WENT_WRONG if report.count(outcome)]
    if report.interrupted:
        page.say("Interrupted: no further step was started.")
    if report.unrecorded:
        page.say(
            f"The lock or the events file is incomplete: {clean(report.unrecorded)}", hang=2, style="bad"
        )
    if counts:
        page.add((f"{', '.join(counts)}.", "bad"))
    if report.plan.left_out:
        page.say(f"{left_out_sentence(report.plan)} The plan above says why.")
    took = f"It took {counted(report.requests, 'request')} and {report.seconds:,.1f} s"
    page.say(f"{took}; {report.plan.requests:,} were planned." if _other(report) else f"{took}.")
    page.add((report.summary, "strong"))


def report_text(report: Report, *, width: int = 80, color: bool = False) -> str:
    """The report as text; its last line is the one that tools look for."""
    return report_page(report, width=width).text(color=color)
