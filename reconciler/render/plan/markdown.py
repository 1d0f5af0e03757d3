"""A plan for a pull request, within the size of a comment; deletions and counts are never left out."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean, inert
from reconciler.render.markdown import (
    COMMENT_LIMIT,
    ByteBudget,
    cell_code,
    code,
    fenced,
    folding,
    marker,
)
from reconciler.render.masks import Masks
from reconciler.render.plan.classes import (
    MOST_NAMED,
    mentions,
    more,
)
from reconciler.render.plan.diff import ALL, class_lines, step_title
from reconciler.render.plan.graph import mermaid, nodes
from reconciler.render.plan.order import groups, step_classes, tally
from reconciler.render.plan.origins import comparison, parts
from reconciler.render.plan.sentences import (
    IN_UNREAD_FILES,
    NO_LONGER_MANAGED,
    PENDING,
    UNEQUAL,
    budget,
    circumstances,
    label_text,
)
from reconciler.render.problems.folded import folded
from reconciler.render.problems.text import problem_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.diagnostics import Problem
    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Notice, Plan, Step
    from reconciler.render.plan.origins import Part


SMALL_GRAPH = 24
"""Nodes up to which the order is drawn."""
FEW = 5
"""Classes of one action up to which they are shown at once."""
MOST_ROWS = 100
MOST_CHANGES = 60
MOST_MENTIONS = 50
MOST_NOTES = 10
TITLE = {Action.DELETE: "Destroy", Action.UPDATE: "Change", Action.CREATE: "Add"}


ROOMS = ((300, 8_000), (100, 16_000), (30, 32_000))
"""How many values of one class are shown, up to which size of the whole: a short plan shows more of them."""
FEWEST = 10


def plan_markdown(plan: Plan, *, limit: int = COMMENT_LIMIT, name: str = "plan", expand: bool = False) -> str:
    """The plan in at most `limit` bytes; creates are left out first, then updates. `expand` folds nothing."""
    chapters = tuple(_Chapter.of(part) for part in parts(plan))
    comment = _Comment(_head(plan, name), _tail(plan), tuple(_extras(plan)), chapters, Masks.of(plan))
    if expand:
        return comment.text(limit, most=ALL)
    for most, size in ROOMS:
        text = comment.text(limit, most)
        if len(text.encode("utf-8", "backslashreplace")) <= size:
            return text
    return comment.text(limit, most=FEWEST)


@dataclass(frozen=True, slots=True)
class _Chapter:
    """The classes of steps that are shown under one title."""

    title: str
    classes: tuple[StepClass, ...]
    is_folded: bool

    @classmethod
    def of(cls, part: Part) -> _Chapter:
        title = f"\n#### {html.escape(part.title)}\n\n" if part.title else ""
        return cls(title, step_classes(part.steps), part.is_folded)


@dataclass(frozen=True, slots=True)
class _Comment:
    """The parts of a comment, whose steps are shown as far as they fit."""

    head: str
    tail: str
    extras: tuple[str, ...]
    chapters: tuple[_Chapter, ...]
    masks: Masks

    def text(self, limit: int, most: int) -> str:
        """The comment in at most `limit` bytes, with at most so many values of one class."""
        room = ByteBudget(limit)
        room.take(self.head + self.tail + "\n" * 8)
        chapters = [
            (chapter.title, [_Section(action, chapter, self.masks, most) for action in TITLE])
            for chapter in self.chapters
        ]
        sections = [section for title, members in chapters for section in members]
        room.take("".join(title for title, _ in chapters))
        for section in sections:
            room.take(section.frame)
        # What is going to be deleted must be named even if nothing else fits.
        for section in sections:
            if section.action is Action.DELETE:
                section.reserve(room)
        for section in sections:
            if not section.fill(room):
                break
        extra = [part for part in self.extras if room.take(part)]
        body = "".join(title + "".join(item.text() for item in members) for title, members in chapters)
        return inert(self.head + body + "".join(extra) + self.tail)


def _head(plan: Plan, name: str) -> str:
    lines = [marker(f"{name} {plan.organization}"), f"### {plan.summary}", ""]
    lines += [f"> {sentence}" for sentence in _warned(plan)]
    lines += ["", *_table(plan), ""] if plan.steps else [""]
    return "\n".join(lines) + "\n"


def _warned(plan: Plan) -> Iterable[str]:
    yield from (f"{sentence}\n>" for sentence in circumstances(plan))
    yield from (f"{code(sentence)}\n>" for sentence in comparison(plan.against))
    yield from (f"{code(note)}\n>" for note in plan.notes[:MOST_NOTES])
    if len(plan.notes) > MOST_NOTES:
        yield f"{more(len(plan.notes) - MOST_NOTES)}\n>"


def _table(plan: Plan) -> list[str]:
    head, *rows = tally(plan)
    lines = [f"| {' | '.join(head)} |", "|---|--:|--:|--:|"]
    lines += [f"| {cell_code(row[0])} | {' | '.join(row[1:])} |" for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        rest = groups(plan.steps)[MOST_ROWS:]
        sums = [f"{sum(group.counts()[index] for group in rest):,}" for index in range(3)]
        lines.append(f"| {len(rest):,} more | {' | '.join(sums)} |")
    return lines


class _Section:
    """The steps of one action, as many of them as fit."""

    def __init__(self, action: Action, chapter: _Chapter, masks: Masks, most: int) -> None:
        self.is_folded = chapter.is_folded
        self.action = action
        self.classes = [item for item in chapter.classes if item.action is action]
        self.steps = [step for item in self.classes for step in item.steps]
        self.masks = masks
        self.most = most
        self.left_out = len(self.steps)
        self.blocks: list[str] = []
        self.names: list[str] = []

    @property
    def frame(self) -> str:
        """The section without its steps."""
        return folding(
            f"<b>{TITLE[self.action]} {len(self.steps):,}</b>", f"\n{self._rest(len(self.steps))}\n"
        )

    def reserve(self, room: ByteBudget) -> None:
        """Takes the room that the names of all steps need."""
        self.names = _names(self.steps, labelled=True)
        if not room.take(fenced(self.names)):
            self.names = _names(self.steps, labelled=False)
            room.take(fenced(self.names))

    def fill(self, room: ByteBudget) -> bool:
        """Takes room for the steps; returns whether all of them fit, in full or by name."""
        if self.names:
            room.give(fenced(self.names))
        blocks = [fenced(class_lines(item, self.masks, self.most)) for item in self.classes]
        if self.names and not ByteBudget(room.left).take("".join(blocks)):
            return room.take(fenced(self.names))
        self.names = []
        for block in blocks:
            if not room.take(block):
                break
            self.blocks.append(block)
        self.left_out = sum(len(item.steps) for item in self.classes[len(self.blocks) :])
        return not self.left_out

    def _rest(self, number: int) -> str:
        word = {Action.CREATE: "addition", Action.UPDATE: "change", Action.DELETE: "deletion"}[self.action]
        return (
            f"*{counted(number, f'more {word}')} left out here to keep this short. The saved plan has all.*\n"
        )

    def text(self) -> str:
        """The section; empty if no step has its action."""
        if not self.steps:
            return ""
        body = fenced(self.names) if self.names else "".join(self.blocks)
        missing = 0 if self.names else self.left_out
        rest = self._rest(missing) if missing else ""
        title = f"<b>{TITLE[self.action]} {len(self.steps):,}</b>"
        is_open = self.action is Action.DELETE or (len(self.classes) <= FEW and not self.is_folded)
        return folding(title, body + rest, is_open=is_open)


def _names(steps: Sequence[Step], *, labelled: bool) -> list[str]:
    """A line for each step; if there are many, one for each parent with the names or only the keys."""
    if len(steps) <= MOST_ROWS and labelled:
        return [step_title(step) for step in steps]
    below: dict[str, list[str]] = {}
    for step in steps:
        key = clean(step.address.key)
        label = label_text(step) if labelled else ""
        below.setdefault(step.address.removesuffix(step.address.key), []).append(
            f"{label} ({key})" if label else key
        )
    separator = ", " if labelled else " "
    return [f"{steps[0].symbol} {clean(head)}: {separator.join(keys)}" for head, keys in below.items()]


def _extras(plan: Plan) -> Iterable[str]:
    """Parts that are shown if there is room, the most important first."""
    if plan.problems:
        yield _warnings(plan.problems)
    beside = (
        (UNEQUAL, plan.uncompared),
        (NO_LONGER_MANAGED, plan.forgotten),
        (IN_UNREAD_FILES, plan.declared_in_unread_file),
    )
    for title, notices in beside:
        if notices:
            yield _mentions(title, notices)
    small = 1 < len(nodes(plan, folded=True)) <= SMALL_GRAPH and any(step.needs for step in plan.steps)
    if small:
        yield folding("Order", fenced(mermaid(plan, folded=True).splitlines(), "mermaid"))


def _tail(plan: Plan) -> str:
    parts = [_mentions(PENDING, plan.pending, is_open=True)] if plan.pending else []
    counts = [
        (plan.unmanaged, "live resource that no file declares", "live resources that no file declares"),
        (plan.forgotten, "value no longer managed but still set", "values no longer managed but still set"),
        (
            plan.declared_in_unread_file,
            "resource managed by a file that was not read",
            "resources managed by files that were not read",
        ),
        (plan.problems, "warning", "warnings"),
    ]
    clauses = [counted(len(items), one, many) for items, one, many in counts if items]
    if plan.steps:
        clauses.insert(0, f"To apply it: {budget(plan)}")
    return "".join(parts) + (f"{'; '.join(clauses)}.\n" if clauses else "")


def _warnings(problems: Sequence[Problem]) -> str:
    told = folded(problems)
    lines = [line for problem in told[:MOST_MENTIONS] for line in problem_lines(problem)]
    if len(told) > MOST_MENTIONS:
        lines.append(f"{len(told) - MOST_MENTIONS:,} more")
    return folding(f"Warnings: {len(problems):,}", fenced(lines, ""), is_open=True)


def _mentions(title: str, notices: Sequence[Notice], *, is_open: bool = False) -> str:
    folded = mentions(notices)
    lines = [
        f"- {notice_code(item.first) if len(item.notices) == 1 else code(item.text(MOST_NAMED))}\n"
        for item in folded[:MOST_MENTIONS]
    ]
    if len(folded) > MOST_MENTIONS:
        lines.append(f"- {sum(len(item.notices) for item in folded[MOST_MENTIONS:]):,} more\n")
    return folding(f"{html.escape(title)}: {len(notices):,}", "".join(lines), is_open=is_open)


def notice_code(notice: Notice) -> str:
    """The notice on one line, each part as inline code."""
    parts = (label_text(notice), notice.address, dotted(notice.path), notice.note, notice.link)
    return " ".join(code(part) for part in parts if part)
