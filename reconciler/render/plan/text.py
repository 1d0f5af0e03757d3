"""A plan for people: by integration, deletions first, each step with its reason and place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.plan.classes import Form
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.columns import columns, fold, pad
from reconciler.render.masks import Masks
from reconciler.render.page import Page
from reconciler.render.plan.classes import (
    EXPAND,
    MOST_NAMED,
    Value,
    change_text,
    mentions,
    more,
    most_named,
    names_of,
    places_text,
    some,
    subject,
    values_of,
    varying_text,
    widest,
)
from reconciler.render.plan.left_out import left_out_lines, left_out_sentence
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

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Against, Change, Notice, Plan, Step
    from reconciler.render.plan.origins import Part


MOST_MENTIONS = 10
"""Mentions of one list, and notes, that are shown."""
MOST_ROWS = 20
"""Integrations of the summary that are shown."""
WIDEST_NAME = 30
NARROWEST = 40
"""Columns: on a narrower terminal, the terminal wraps the lines."""
MANY = 20
"""With more steps than this, a summary stands at the top, too."""
MOST_CHANGES = 60
"""Fields of one step that are shown."""
INDENT, DEEPER = 6, 10
STYLES = {"+": "create", "~": "update", "-": "delete", "?": "unknown"}


def plan_page(plan: Plan, *, width: int = 80, show_unmanaged: bool = False, expand: bool = False) -> Page:
    """The plan as lines, for plain text or colour. `expand` shows each step and each list whole."""
    page = Page(max(width, NARROWEST))
    _opening(page, plan, expand=expand)
    if len(plan.steps) > MANY:
        page.gap()
        page.add((plan.summary, "strong"))
        page.gap()
        _tally(page, plan, expand=expand)
    masks = Masks.of(plan)
    for part in parts(plan):
        _part(page, part, masks, plan.against, expand=expand)
    left_out_lines(page, plan, expand=expand)
    _beside(page, plan, show_unmanaged=show_unmanaged, expand=expand)
    _closing(page, plan)
    return page


def _opening(page: Page, plan: Plan, *, expand: bool) -> None:
    _capped(page, [clean(note) for note in plan.notes], expand=expand)
    for sentence in (*circumstances(plan), *comparison(plan.against)):
        page.say(sentence, hang=2)


def _capped(page: Page, sentences: Sequence[str], *, expand: bool, indent: int = 0) -> None:
    """Adds a list of sentences, each on a line of its own: the first ones, and how many more there are."""
    most = len(sentences) if expand or len(sentences) == MOST_MENTIONS + 1 else MOST_MENTIONS
    for sentence in sentences[:most]:
        page.say(sentence, indent=indent, hang=2)
    if len(sentences) > most:
        page.say(more(len(sentences) - most), indent=indent, style="faint")


def _tally(page: Page, plan: Plan, *, expand: bool) -> None:
    head, *rows = tally(plan)
    page.table([head, *(rows if expand else rows[:MOST_ROWS])])
    if len(rows) > MOST_ROWS and not expand:
        page.add("  ", (more(len(rows) - MOST_ROWS), "faint"))


def _part(page: Page, part: Part, masks: Masks, against: Against | None, *, expand: bool) -> None:
    """Adds the steps of one origin; those that were there before as one line for each class."""
    is_brief = part.is_folded and not expand
    if part.title:
        page.heading(f"{part.title}{f' ({EXPAND} shows values)' if is_brief else ''}:")
    for group in groups(part.steps):
        if is_brief:
            _briefly(page, group)
        else:
            _group(page, group, masks, against, expand=expand)


def _briefly(page: Page, group: Group) -> None:
    for item in group.classes:
        if len(item.steps) == 1:
            step_lines(page, item.first, reason=False)
            continue
        style = STYLES[item.first.symbol]
        head = [("  ", ""), (f"{item.first.symbol} ", style), (subject(item), style)]
        page.sides(head, places_text(item.places))


def _group(
    page: Page, group: Group, masks: Masks, against: Against | None = None, *, expand: bool = False
) -> None:
    page.heading(clean(group.name))
    for item in group.classes:
        if expand or item.form is Form.ALONE:
            for step in item.steps:
                step_lines(page, step, unlike=item.unlike)
                _Changes(page, step, masks, expand=expand, against=against).show()
        else:
            class_lines(page, item)
            _Changes(page, replace(item.first, changes=item.common, place=None), masks).show()
            _members(page, item, masks)


def class_lines(page: Page, item: StepClass, *, reason: bool = True) -> None:
    """Adds the head of a class: its action, how many of what kind it has, the places, and the reason."""
    style = STYLES[item.first.symbol]
    head = [("  ", ""), (f"{item.first.symbol} ", style), (subject(item, of_root=False), style)]
    page.sides(head, places_text(item.places))
    if reason and item.reason.sentence:
        page.say(item.reason.sentence, indent=INDENT, style="faint")


def _members(page: Page, item: StepClass, masks: Masks) -> None:
    """Adds the names of a class, or a line for the name and the values of each."""
    values, most = values_of(item, masks), most_named(item)
    if not values:
        page.say(some(names_of(item.steps), most), indent=INDENT)
        return
    # Of what is deleted the names count more than the values that it had.
    deletes = item.action is Action.DELETE
    symbol = next(change.symbol for change in item.first.changes if change.path in item.varying)
    page.add(
        " " * INDENT, (symbol, STYLES[symbol]), f" {varying_text(item)}, a value each{'' if deletes else ':'}"
    )
    if deletes:
        page.say(some(names_of(item.steps), most), indent=INDENT)
        return
    width = widest((value.name for value in values[:most]), WIDEST_NAME)
    shown = values if len(values) <= most + 1 else values[:most]
    for value in shown:
        _value(page, value, width)
    if len(values) > len(shown):
        page.add(" " * DEEPER, (more(len(values) - len(shown)), "faint"))


def _value(page: Page, value: Value, width: int) -> None:
    head = [(" " * DEEPER, ""), (pad(value.name, width), "strong")]
    if DEEPER + columns(value.name) + columns(value.text) + 2 <= page.width:
        page.sides([*head, (f"  {value.text}", "")], value.place, below=DEEPER + 2)
        return
    page.sides(head, value.place, below=DEEPER + 2)
    for line in fold(value.text, page.width - DEEPER - 2):
        page.add(" " * (DEEPER + 2), line)


def step_lines(page: Page, step: Step, *, reason: bool = True, unlike: int = 0) -> None:
    """Adds the head of a step: its action, name, address and place, and below it the reason."""
    style, label = STYLES[step.symbol], label_text(step)
    other = f", unlike {counted(unlike, 'other')}" if unlike else ""
    address = (f"{clean(step.address)}{other}", style)
    head = [("  ", ""), (f"{step.symbol} ", style), address]
    fits = columns(address[0]) + columns(label) + INDENT <= page.width
    if label and fits:
        head = [*head[:2], (label, "strong"), ("  ", ""), address]
    elif label:
        page.add(*head[:2], (label, "strong"))
        head = [(" " * INDENT, ""), address]
    page.sides(head, place_text(step.place))
    if reason and step.reason.sentence:
        page.say(step.reason.sentence, indent=INDENT, style="faint")


@dataclass(frozen=True, slots=True)
class _Changes:
    """Adds the changed fields of one step to the page."""

    page: Page
    step: Step
    masks: Masks
    expand: bool = False
    against: Against | None = None

    def show(self) -> None:
        changes = self.step.changes if self.expand else self.step.changes[:MOST_CHANGES]
        for index, change in enumerate(changes):
            self._change(change)
            if words := remark(self.against, self.step, index):
                self.page.say(words, indent=DEEPER, style="faint")
        rest = len(self.step.changes) - len(changes)
        if rest:
            self.page.add("      ", (f"… {counted(rest, 'more field')} ({EXPAND})", "faint"))

    def _change(self, change: Change) -> None:
        symbol, margin = (change.symbol, STYLES[change.symbol]), (" " * INDENT, "")
        name, place = clean(change.name), other_place(change, self.step)
        before, after = pair(change.before, change.after, self.masks)
        text = change_text(change, self.masks)
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


def _beside(page: Page, plan: Plan, *, show_unmanaged: bool, expand: bool) -> None:
    beside = (
        (UNEQUAL, plan.uncompared, f"{UNCOMPARED} "),
        (NO_LONGER_MANAGED, plan.forgotten, ""),
        (IN_UNREAD_FILES, plan.declared_in_unread_file, ""),
        (PENDING, plan.pending, ""),
        (UNMANAGED, plan.unmanaged if show_unmanaged else (), ""),
    )
    for title, notices, symbol in beside:
        mention(page, title, notices, symbol=symbol, expand=expand)
    if plan.unmanaged and not show_unmanaged:
        page.gap()
        verb = "is" if len(plan.unmanaged) == 1 else "are"
        page.say(
            f"{counted(len(plan.unmanaged), 'live resource')} {verb} unmanaged (--show-unmanaged lists them)."
        )


def mention(
    page: Page, title: str, notices: Sequence[Notice], *, symbol: str = "", expand: bool = False
) -> None:
    """Adds a list of notices with its title; what they say of many resources of a kind is one line."""
    if not notices:
        return
    page.heading(f"{title}: {len(notices):,}" if len(notices) > MOST_MENTIONS else f"{title}:")
    lines = [
        notice_text(item.first) if len(item.notices) == 1 else item.text(MOST_NAMED)
        for item in mentions(notices, expand=expand)
    ]
    _capped(page, [symbol + line for line in lines], expand=expand, indent=2)


def _closing(page: Page, plan: Plan) -> None:
    page.gap()
    if not (plan.steps or plan.left_out) and plan.declared_count:
        verb = "is" if plan.declared_count == 1 else "are"
        page.say(f"{counted(plan.declared_count, 'declared resource')} {verb} as the files say.")
    if plan.steps:
        page.say(f"To apply it: {budget(plan)}.")
    if plan.left_out:
        page.say(left_out_sentence(plan))
    page.gap()
    page.add((plan.summary, "strong"))


def plan_text(
    plan: Plan, *, width: int = 80, color: bool = False, show_unmanaged: bool = False, expand: bool = False
) -> str:
    """The plan as text; its last line is the one that tools look for."""
    return plan_page(plan, width=width, show_unmanaged=show_unmanaged, expand=expand).text(color=color)
