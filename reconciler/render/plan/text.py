"""A plan as lines for people: by integration, deletions first, each change with its reason and its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import Severity, dotted
from reconciler.plan.step import Action
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.order import Group, groups, tally
from reconciler.render.text import clean, columns, counted, duration, fold
from reconciler.render.values import difference, is_nested, is_text, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.diagnostics import Place, Problem
    from reconciler.plan.step import Change, Notice, Plan, Step

NARROWEST = 40
"""A terminal that says it is narrower has to wrap by itself."""
MANY = 20
"""Above this many steps the summary comes first."""
MOST_CHANGES = 60
"""Fields of one step that are shown."""
ARROW = " → "
INDENT, DEEPER = 6, 10
PENDING = "Pending, a person must finish in the app"
UNCOMPARED = "*"
"""The symbol of a field that is neither equal nor different."""
UNEQUAL = f"{UNCOMPARED} Not compared"
STYLES = {"+": "create", "~": "update", "-": "delete", "?": "unknown"}


def plan_page(plan: Plan, *, width: int = 80, show_unmanaged: bool = False) -> Page:
    """The plan as lines, before anybody decides about colour."""
    page = Page(max(width, NARROWEST))
    _opening(page, plan)
    if len(plan.steps) > MANY:
        page.gap()
        page.add((plan.summary, "strong"))
        page.gap()
        page.table(tally(plan))
    masks = Masks.of(plan)
    for group in groups(plan.steps):
        _group(page, group, masks)
    _beside(page, plan, show_unmanaged=show_unmanaged)
    _closing(page, plan)
    return page


def _opening(page: Page, plan: Plan) -> None:
    for note in plan.notes:
        page.say(clean(note), hang=2)
    for sentence in circumstances(plan):
        page.say(sentence, hang=2)


def circumstances(plan: Plan) -> tuple[str, ...]:
    """What a reviewer must know of the plan as a whole."""
    sentences = (
        (plan.partial, "This plan is partial: what --target and --exclude leave out was not looked at."),
        (plan.destroy, "This plan destroys everything that the files declare (--destroy)."),
        (plan.snapshot, "Made from a recorded state, not from what is live now: it cannot be applied."),
    )
    return tuple(sentence for holds, sentence in sentences if holds)


def problem_lines(problem: Problem) -> list[str]:
    """One problem: what it says, and the other places that belong to it."""
    where = f"{problem.place}: " if problem.place else ""
    mark = "warning: " if problem.severity is Severity.WARNING else ""
    return [
        clean(where + mark + str(problem).removeprefix(where)),
        *(f"  see also {clean(str(place))}" for place in problem.also),
    ]


def _group(page: Page, group: Group, masks: Masks) -> None:
    page.heading(clean(group.name))
    for step in group.steps:
        step_lines(page, step)
        _Changes(page, step, masks).show()


def step_lines(page: Page, step: Step, *, reason: bool = True) -> None:
    """What is done to which address, its name, where the file says so, and why."""
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


def label_text(step: Step) -> str:
    """Its name for people; empty where the address says as much."""
    return clean(step.label) if step.label != step.address.key else ""


def place_text(place: Place | None) -> str:
    """`slack.yaml:12`; empty where there is none."""
    return clean(f"{place.file}:{place.line}") if place else ""


def other_place(change: Change, step: Step) -> str:
    """Where a changed value stands, if that is another file than the one that the step names."""
    return declared_in_unread_file(change.place, step.place) if step.action is Action.UPDATE else ""


def declared_in_unread_file(place: Place | None, known: Place | None) -> str:
    """The place, if it is in another file than the known one."""
    return place_text(place) if place and known and place.file != known.file else ""


@dataclass(frozen=True, slots=True)
class _Changes:
    """The fields of one step."""

    page: Page
    step: Step
    masks: Masks

    def show(self) -> None:
        for change in self.step.changes[:MOST_CHANGES]:
            self._change(change)
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


def _beside(page: Page, plan: Plan, *, show_unmanaged: bool) -> None:
    _mentions(page, f"{UNEQUAL}:", plan.uncompared, symbol=f"{UNCOMPARED} ")
    _mentions(page, "No longer managed, still set:", plan.forgotten)
    _mentions(page, "Managed, and not looked at in this run:", plan.declared_in_unread_file)
    pending(page, plan.pending)
    if plan.unmanaged and show_unmanaged:
        _mentions(page, "Unmanaged (live, and no file declares it):", plan.unmanaged)
    elif plan.unmanaged:
        page.gap()
        verb = "is" if len(plan.unmanaged) == 1 else "are"
        page.say(
            f"{counted(len(plan.unmanaged), 'live resource')} {verb} unmanaged (--show-unmanaged lists them)."
        )


def pending(page: Page, notices: Sequence[Notice]) -> None:
    """What waits for a person, each with its link."""
    _mentions(page, f"{PENDING}:", notices)


def _mentions(page: Page, title: str, notices: Sequence[Notice], *, symbol: str = "") -> None:
    if not notices:
        return
    page.heading(title)
    for notice in notices:
        page.say(symbol + notice_text(notice), indent=2, hang=4)


def notice_text(notice: Notice) -> str:
    """The address, its name, the field, why it is mentioned, and the link."""
    name = f"{notice.label!s}" if notice.label != notice.address.key else ""
    where = dotted(notice.path)
    parts = (notice.address, name, where, f"({notice.note})" if notice.note else "", notice.link)
    return "  ".join(clean(part) for part in parts if part)


def _closing(page: Page, plan: Plan) -> None:
    page.gap()
    if not plan.steps and plan.declared_count:
        verb = "is" if plan.declared_count == 1 else "are"
        page.say(f"{counted(plan.declared_count, 'declared resource')} {verb} as the files say.")
    if plan.steps:
        page.say(f"To apply it: {budget(plan)}.")
    page.add((plan.summary, "strong"))


def budget(plan: Plan) -> str:
    """`7 requests, about 2 s at 10 per second`."""
    text = counted(plan.requests, "request")
    if plan.rate and plan.requests:
        text += f", about {duration(plan.requests / plan.rate)} at {plan.rate:,.3g} per second"
    return text
