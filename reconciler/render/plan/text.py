"""A plan for people: by integration, deletions first, each step with its reason and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.columns import columns, fold
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.left_out import LEFT_OUT, left_out_lines, left_out_sentence
from reconciler.render.plan.order import Group, groups, tally
from reconciler.render.plan.origins import comparison, parts, remark
from reconciler.render.plan.sentences import (
    IN_UNREAD_FILES,
    NO_LONGER_MANAGED,
    PENDING,
    UNCOMPARED,
    UNEQUAL,
    UNMANAGED,
    budget,
    circumstances,
    label_text,
    notice_text,
    other_place,
    place_text,
)
from reconciler.render.values import difference, is_nested, is_text, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.plan.step import Against, Change, Notice, Plan, Step


NARROWEST = 40
"""Columns: on a narrower terminal, the terminal wraps the lines."""
MANY = 20
"""With more steps than this, a summary stands at the top, too."""
MOST_CHANGES = 60
"""Fields of one step that are shown."""
ARROW = " → "
INDENT, DEEPER = 6, 10
STYLES = {"+": "create", "~": "update", "-": "delete", "?": "unknown"}


def plan_page(plan: Plan, *, width: int = 80, show_unmanaged: bool = False, expand: bool = False) -> Page:
    """The plan as lines, for plain text or colour."""
    page = Page(max(width, NARROWEST))
    _opening(page, plan)
    if len(plan.steps) > MANY:
        page.gap()
        page.add((plan.summary, "strong"))
        page.gap()
        page.table(tally(plan))
    masks = Masks.of(plan)
    for part in parts(plan):
        if part.title:
            page.heading(f"{part.title}:")
        if part.is_folded and not expand:
            page.say(f"{part.sums} (--expand shows them).", indent=2, hang=4)
            continue
        for group in groups(part.steps):
            _group(page, group, masks, plan.against)
    _left_out(page, plan, expand=expand)
    _beside(page, plan, show_unmanaged=show_unmanaged)
    _closing(page, plan)
    return page


def _opening(page: Page, plan: Plan) -> None:
    for note in plan.notes:
        page.say(clean(note), hang=2)
    for sentence in (*circumstances(plan), *comparison(plan.against)):
        page.say(sentence, hang=2)


def _group(page: Page, group: Group, masks: Masks, against: Against | None) -> None:
    page.heading(clean(group.name))
    for step in group.steps:
        step_lines(page, step)
        _Changes(page, step, masks, against).show()


def step_lines(page: Page, step: Step, *, reason: bool = True) -> None:
    """Adds the head of a step: its action, address, label and place, and below it the reason."""
    style, label = STYLES[step.symbol], label_text(step)
    head = [("  ", ""), (f"{step.symbol} ", style), (clean(step.address), style)]
    fits = columns(step.address) + columns(label) + INDENT <= page.width
    if label and not fits:
        page.add(*head)
        head = [(" " * INDENT, ""), (label, "strong")]
    elif label:
        head.append((f"  {label}", "strong"))
    page.sides(head, place_text(step.place))
    if reason and step.reason.sentence:
        page.say(step.reason.sentence, indent=INDENT, style="faint")


@dataclass(frozen=True, slots=True)
class _Changes:
    """Adds the changed fields of one step to the page."""

    page: Page
    step: Step
    masks: Masks
    against: Against | None

    def show(self) -> None:
        for index, change in enumerate(self.step.changes[:MOST_CHANGES]):
            self._change(change)
            if words := remark(self.against, self.step, index):
                self.page.say(words, indent=DEEPER, style="faint")
        more = len(self.step.changes) - MOST_CHANGES
        if more > 0:
            self.page.add("      ", (f"… {counted(more, 'more field')}", "faint"))

    def _change(self, change: Change) -> None:
        symbol, margin = (change.symbol, STYLES[change.symbol]), (" " * INDENT, "")
        name, place = clean(change.name), other_place(change, self.step)
        before, after = pair(change.before, change.after, self.masks)
        text = _sentence(change, before, after)
        lines = is_text(change.before) or is_text(change.after)
        if not lines and columns(name) + columns(text) + 10 <= self.page.width:
            self.page.sides([margin, symbol, (f" {name}  ", ""), (text, "")], place, below=DEEPER)
            return
        self.page.sides([margin, symbol, (f" {name}", "")], place, below=DEEPER)
        if lines or is_nested(change.before) or is_nested(change.after):
            self._tall(change)
        else:
            self._long(change, before, after)

    def _tall(self, change: Change) -> None:
        for line in difference(change.before, change.after, self.masks):
            style = STYLES.get(line.symbol, "faint")
            for number, text in enumerate(fold(line.text, self.page.width - 12)):
                self.page.add("          ", (" " if number else line.symbol, style), f" {text}")

    def _long(self, change: Change, before: str, after: str) -> None:
        for value, text, symbol in ((change.before, before, "-"), (change.after, after, "+")):
            if value is not ABSENT:
                for number, line in enumerate(fold(text, self.page.width - 12)):
                    self.page.add("          ", (" " if number else symbol, STYLES[symbol]), f" {line}")


def _sentence(change: Change, before: str, after: str) -> str:
    if change.unknown:
        return f"(not readable){ARROW}{after}"
    if change.before is ABSENT:
        return after
    return before if change.after is ABSENT else f"{before}{ARROW}{after}"


def _left_out(page: Page, plan: Plan, *, expand: bool) -> None:
    if plan.left_out:
        page.heading(f"{LEFT_OUT}:")
    for line, is_class in left_out_lines(plan, expand=expand):
        page.say(line, indent=2 if is_class else INDENT, hang=2, style="" if is_class else "faint")


def _beside(page: Page, plan: Plan, *, show_unmanaged: bool) -> None:
    _mentions(page, f"{UNEQUAL}:", plan.uncompared, symbol=f"{UNCOMPARED} ")
    _mentions(page, f"{NO_LONGER_MANAGED}:", plan.forgotten)
    _mentions(page, f"{IN_UNREAD_FILES}:", plan.declared_in_unread_file)
    pending(page, plan.pending)
    if plan.unmanaged and show_unmanaged:
        _mentions(page, f"{UNMANAGED}:", plan.unmanaged)
    elif plan.unmanaged:
        page.gap()
        verb = "is" if len(plan.unmanaged) == 1 else "are"
        page.say(
            f"{counted(len(plan.unmanaged), 'live resource')} {verb} unmanaged (--show-unmanaged lists them)."
        )


def pending(page: Page, notices: Sequence[Notice]) -> None:
    """Adds what waits for a person, each with its link."""
    _mentions(page, f"{PENDING}:", notices)


def _mentions(page: Page, title: str, notices: Sequence[Notice], *, symbol: str = "") -> None:
    if not notices:
        return
    page.heading(title)
    for notice in notices:
        page.say(symbol + notice_text(notice), indent=2, hang=4)


def _closing(page: Page, plan: Plan) -> None:
    page.gap()
    if not (plan.steps or plan.left_out) and plan.declared_count:
        verb = "is" if plan.declared_count == 1 else "are"
        page.say(f"{counted(plan.declared_count, 'declared resource')} {verb} as the files say.")
    if plan.steps:
        page.say(f"To apply it: {budget(plan)}.")
    if plan.left_out:
        page.say(left_out_sentence(plan))
    page.add((plan.summary, "strong"))


def plan_text(
    plan: Plan,
    *,
    width: int = 80,
    color: bool = False,
    show_unmanaged: bool = False,
    expand: bool = False,
) -> str:
    """The plan as text; its last line is the one that tools look for."""
    return plan_page(plan, width=width, show_unmanaged=show_unmanaged, expand=expand).text(color=color)
