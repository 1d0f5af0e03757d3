"""A report for people: what went wrong first, what was done last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome
from reconciler.plan.step import Notice
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.classes import MOST_DELETED, MOST_NAMED, more, some
from reconciler.render.plan.left_out import left_out_sentence
from reconciler.render.plan.order import groups
from reconciler.render.plan.sentences import PENDING
from reconciler.render.plan.text import NARROWEST, STYLES, mention, plan_page, step_lines
from reconciler.render.report.folded import entries

if TYPE_CHECKING:
    from reconciler.apply.report import Report, Result
    from reconciler.render.report.folded import Entry


MOST_ENTRIES = 30
"""Entries of one outcome that are shown, each of one step or of several that say the same."""
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


def report_page(report: Report, *, width: int = 80, expand: bool = False) -> Page:
    """The report as lines, for plain text or colour. `expand` shows each step and each list whole."""
    page = Page(max(width, NARROWEST))
    masks = Masks.of(report.plan)
    for outcome in (*WENT_WRONG, *WENT_WELL):
        _part(page, tuple(item for item in report.results if item.outcome is outcome), masks, expand=expand)
    _pending(page, report, expand=expand)
    _verified(page, report, expand=expand)
    _closing(page, report)
    return page


def _part(page: Page, results: tuple[Result, ...], masks: Masks, *, expand: bool) -> None:
    if not results:
        return
    outcome = results[0].outcome
    page.heading(TITLES[outcome])
    if outcome in WENT_WELL and len(results) > MANY and not expand:
        for group in groups(result.step for result in results):
            page.add(f"  {clean(group.name)}: {counted(len(group.steps), 'step')}")
        return
    told = entries(results, masks, expand=expand)
    for entry in told if expand else told[:MOST_ENTRIES]:
        _entry(page, entry)
    rest = 0 if expand else sum(len(entry.results) for entry in told[MOST_ENTRIES:])
    if rest:
        page.add("  ", (more(rest), "faint"))


def _entry(page: Page, entry: Entry) -> None:
    result = entry.first
    reason = result.outcome is not Outcome.DONE
    if len(entry.results) == 1:
        step_lines(page, result.step, reason=reason)
    else:
        page.add("  ", (entry.subject, STYLES[result.step.symbol]))
        if reason and result.step.reason.sentence:
            page.say(result.step.reason.sentence, indent=6, style="faint")
    if result.message:
        page.say(clean(result.message), indent=6, style="bad" if result.outcome is Outcome.FAILED else "")
    for line in entry.conflicts:
        page.say(line, indent=6, hang=2)
    if len(entry.results) > 1:
        most = MOST_DELETED if result.outcome in (Outcome.FAILED, Outcome.UNKNOWN) else MOST_NAMED
        page.say(some(entry.names, most), indent=6)


def _pending(page: Page, report: Report, *, expand: bool) -> None:
    notices = [
        *(Notice(item.step.address, item.step.label, link=item.link) for item in report.pending),
        *report.waiting,
    ]
    mention(page, PENDING, notices, expand=expand)


def _verified(page: Page, report: Report, *, expand: bool) -> None:
    if report.remaining is None:
        return
    page.gap()
    if not report.remaining.steps:
        page.add(("Verified: a new plan is empty.", "good"))
        return
    page.add(("Verification failed: a new plan is not empty.", "bad"))
    page.gap()
    page.lines += plan_page(report.remaining, width=page.width, expand=expand).lines


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
    page.gap()
    page.add((report.summary, "strong"))


def report_text(report: Report, *, width: int = 80, color: bool = False, expand: bool = False) -> str:
    """The report as text; its last line is the one that tools look for."""
    return report_page(report, width=width, expand=expand).text(color=color)
