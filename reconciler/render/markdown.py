"""Plans and reports for pull requests and job summaries: within their size, deletions and counts always."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.apply.report import Outcome
from reconciler.diagnostics import dotted
from reconciler.plan.step import Action
from reconciler.render.masks import Masks
from reconciler.render.plan.graph import mermaid, nodes
from reconciler.render.plan.order import groups, tally
from reconciler.render.plan.text import (
    PENDING,
    UNEQUAL,
    budget,
    label_text,
    other_place,
    place_text,
    problem_lines,
)
from reconciler.render.report.text import TITLES, WORDS
from reconciler.render.text import clean, counted, inert
from reconciler.render.values import difference, is_nested, is_text, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reconciler.apply.report import Report, Result
    from reconciler.diagnostics import Problem
    from reconciler.plan.step import Change, Notice, Plan, Step

COMMENT_LIMIT = 65_536
"""What a comment on GitHub may hold, counted in bytes to be sure."""
SUMMARY_LIMIT = 1_048_576
"""What a job summary on GitHub may hold."""
SMALL_GRAPH = 24
"""Nodes that a picture of the order may have."""
MOST_ROWS = 100
MOST_CHANGES = 60
MOST_MENTIONS = 50
TITLE = {Action.DELETE: "Destroy", Action.UPDATE: "Change", Action.CREATE: "Add"}
PIPE = "\\|"
_TICKS = re.compile("`+")


def code(text: str) -> str:
    """The text as inline code: no Markdown, no mention, no link in it."""
    text = clean(text) or " "
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def fenced(lines: Iterable[str], language: str = "diff") -> str:
    """The lines as a block of code that none of them can end."""
    text = "\n".join(lines)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def marker(name: str) -> str:
    """The hidden line by which the next run finds its comment."""
    return f"<!-- gbsync {re.sub(r'[^a-zA-Z0-9_.]+', '-', name).strip('-')} -->"


def _folding(title: str, body: str, *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>\n\n{body}\n</details>\n\n"


@dataclass(slots=True)
class Budget:
    """The room that is left, in bytes."""

    left: int

    def take(self, text: str) -> bool:
        """Whether the text fits; if so its room is gone."""
        size = len(text.encode("utf-8", "backslashreplace"))
        if size > self.left:
            return False
        self.left -= size
        return True

    def give(self, text: str) -> None:
        """Takes back the room of a text."""
        self.left += len(text.encode("utf-8", "backslashreplace"))


def plan_markdown(plan: Plan, *, limit: int = COMMENT_LIMIT, name: str = "plan") -> str:
    """The plan as Markdown of at most `limit` bytes; creates are left out first, then updates."""
    masks = Masks.of(plan)
    head, tail = _head(plan, name), _tail(plan)
    room = Budget(limit)
    room.take(head + tail + "\n" * 8)
    sections = {action: _Section(action, plan, masks) for action in TITLE}
    for section in sections.values():
        room.take(section.frame)
    sections[Action.DELETE].reserve(room)
    for section in sections.values():
        if not section.fill(room):
            break
    extra = (part for part in _extras(plan) if room.take(part))
    body = "".join(section.text() for section in sections.values())
    return inert(head + body + "".join(extra) + tail)


def _head(plan: Plan, name: str) -> str:
    lines = [marker(f"{name} {plan.organization}"), f"### {plan.summary}", ""]
    lines += [f"> {sentence}" for sentence in _warned(plan)]
    lines += ["", *_table(plan), ""] if plan.steps else [""]
    return "\n".join(lines) + "\n"


def _warned(plan: Plan) -> Iterable[str]:
    if plan.partial:
        yield "This plan is partial: `--target` or `--exclude` narrowed it.\n>"
    if plan.destroy:
        yield "This plan destroys everything that the files declare.\n>"
    if plan.snapshot:
        yield "Made from a recorded state: it cannot be applied.\n>"
    yield from (f"{code(note)}\n>" for note in plan.notes)


def _table(plan: Plan) -> list[str]:
    head, *rows = tally(plan)
    lines = [f"| {' | '.join(head)} |", "|---|--:|--:|--:|"]
    lines += [f"| {code(row[0]).replace('|', PIPE)} | {' | '.join(row[1:])} |" for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        rest = groups(plan.steps)[MOST_ROWS:]
        sums = [f"{sum(group.counts()[index] for group in rest):,}" for index in range(3)]
        lines.append(f"| {len(rest):,} more | {' | '.join(sums)} |")
    return lines


class _Section:
    """The steps of one action, as many of them as fit."""

    def __init__(self, action: Action, plan: Plan, masks: Masks) -> None:
        steps = [step for group in groups(plan.steps) for step in group.steps if step.action is action]
        self.action = action
        self.steps = steps
        self.masks = masks
        self.shown: list[str] = []
        self.named: list[str] = []

    @property
    def frame(self) -> str:
        """What stands around the steps."""
        return _folding(
            f"<b>{TITLE[self.action]} {len(self.steps):,}</b>", f"\n{self._rest(len(self.steps))}\n"
        )

    def reserve(self, room: Budget) -> None:
        """Names every step, whatever else fits."""
        self.named = _named(self.steps)
        room.take(fenced(self.named))

    def fill(self, room: Budget) -> bool:
        """Whether there was room for every step, in full or at least by name."""
        if self.named:
            room.give(fenced(self.named))
        blocks = [fenced(step_lines(step, self.masks)) for step in self.steps]
        if self.named and not Budget(room.left).take("".join(blocks)):
            return room.take(fenced(self.named))
        self.named = []
        for block in blocks:
            if not room.take(block):
                break
            self.shown.append(block)
        return len(self.shown) == len(self.steps)

    def _rest(self, number: int) -> str:
        word = {Action.CREATE: "addition", Action.UPDATE: "change", Action.DELETE: "deletion"}[self.action]
        return f"*{counted(number, f'more {word}')} left out here: too long. The saved plan has all.*\n"

    def text(self) -> str:
        """The section; empty where there is nothing of its action."""
        if not self.steps:
            return ""
        body = fenced(self.named) if self.named else "".join(self.shown)
        missing = 0 if self.named else len(self.steps) - len(self.shown)
        rest = self._rest(missing) if missing else ""
        title = f"<b>{TITLE[self.action]} {len(self.steps):,}</b>"
        return _folding(title, body + rest, is_open=self.action is Action.DELETE or len(self.steps) <= 5)  # noqa: PLR2004


def _named(steps: Sequence[Step]) -> list[str]:
    """Every address on a line, or where there are many, keys after what they stand under."""
    if len(steps) <= MOST_ROWS:
        return [_title(step) for step in steps]
    below: dict[str, list[str]] = {}
    for step in steps:
        below.setdefault(step.address.removesuffix(step.address.key), []).append(clean(step.address.key))
    return [f"{steps[0].symbol} {clean(head)}: {' '.join(keys)}" for head, keys in below.items()]


def _title(step: Step) -> str:
    parts = (
        f"{step.symbol} {clean(step.address)}",
        label_text(step),
        place_text(step.place),
        step.reason.sentence,
    )
    return "  ".join(part for part in parts if part)


def step_lines(step: Step, masks: Masks) -> list[str]:
    """The step as the lines of a diff."""
    head = f"@@ {_title(step)} @@" if step.action is Action.UPDATE else _title(step)
    lines = [head]
    for change in step.changes[:MOST_CHANGES]:
        lines += _change_lines(change, masks, other_place(change, step))
    if len(step.changes) > MOST_CHANGES:
        lines.append(f"  … {counted(len(step.changes) - MOST_CHANGES, 'more field')}")
    return lines


def _change_lines(change: Change, masks: Masks, place: str) -> list[str]:
    name, place = clean(change.name), f"  {place}" if place else ""
    sides = (change.before, change.after)
    before, after = pair(*sides, masks)
    if any(map(is_text, sides)) or (any(map(is_nested, sides)) and len(before + after) > 100):  # noqa: PLR2004
        marked = difference(*sides, masks)
        return [f"  {name}:{place}", *(f"{line.symbol}   {line.text}" for line in marked)]
    lines = [f"- {name}: {before}"] if change.before is not ABSENT else []
    if change.after is not ABSENT:
        lines.append(f"{'!' if change.unknown else '+'} {name}: {after}")
    return [*lines[:-1], *(line + place for line in lines[-1:])]


def _extras(plan: Plan) -> Iterable[str]:
    """What is shown where room is left, most wanted first."""
    if plan.problems:
        yield _warnings(plan.problems)
    for title, notices in ((UNEQUAL, plan.uncompared), ("No longer managed, still set", plan.forgotten)):
        if notices:
            yield _mentions(title, notices)
    small = 1 < len(nodes(plan, folded=True)) <= SMALL_GRAPH and any(step.needs for step in plan.steps)
    if small:
        yield _folding("Order", fenced(mermaid(plan, folded=True).splitlines(), "mermaid"))


def _tail(plan: Plan) -> str:
    parts = [_mentions(PENDING, plan.pending, is_open=True)] if plan.pending else []
    counts = [
        (plan.unmanaged, "live resource no file declares", "live resources no file declares"),
        (plan.forgotten, "value no longer managed and still set", "values no longer managed and still set"),
        (plan.declared_in_unread_file, "managed resource not looked at", "managed resources not looked at"),
        (plan.problems, "warning", "warnings"),
    ]
    said = [counted(len(items), one, many) for items, one, many in counts if items]
    if plan.steps:
        said.insert(0, f"To apply it: {budget(plan)}")
    return "".join(parts) + (f"{'; '.join(said)}.\n" if said else "")


def _warnings(problems: Sequence[Problem]) -> str:
    lines = [line for problem in problems[:MOST_MENTIONS] for line in problem_lines(problem)]
    if len(problems) > MOST_MENTIONS:
        lines.append(f"{len(problems) - MOST_MENTIONS:,} more")
    return _folding(f"Warnings: {len(problems):,}", fenced(lines, ""), is_open=True)


def _mentions(title: str, notices: Sequence[Notice], *, is_open: bool = False) -> str:
    lines = [f"- {_notice(notice)}\n" for notice in notices[:MOST_MENTIONS]]
    if len(notices) > MOST_MENTIONS:
        lines.append(f"- {len(notices) - MOST_MENTIONS:,} more\n")
    return _folding(f"{html.escape(title)}: {len(notices):,}", "".join(lines), is_open=is_open)


def _notice(notice: Notice) -> str:
    name = notice.label if notice.label != notice.address.key else ""
    parts = (notice.address, name, dotted(notice.path), notice.note, notice.link)
    return " ".join(code(part) for part in parts if part)


def report_markdown(report: Report, *, limit: int = SUMMARY_LIMIT, name: str = "apply") -> str:
    """The report as Markdown of at most `limit` bytes; what went well is left out first."""
    head = f"{marker(f'{name} {report.plan.organization}')}\n### {report.summary}\n\n{_outcomes(report)}\n"
    tail = f"{counted(report.requests, 'request')} in {report.seconds:,.1f} s.\n"
    if report.unrecorded:
        head += f"> Not all of it is recorded: {code(report.unrecorded)}\n\n"
    room = Budget(limit)
    room.take(head + tail)
    parts = [head]
    for outcome in (*WORDS, Outcome.ALREADY, Outcome.DONE):
        results = [result for result in report.results if result.outcome is outcome]
        if results:
            parts.append(_results(outcome, results, room))
    waiting = [f"- {code(item.step.address)} {code(item.link)}\n" for item in report.pending]
    waiting += [f"- {_notice(notice)}\n" for notice in report.waiting]
    if waiting:
        parts.append(_kept(f"{html.escape(PENDING)}: {len(waiting):,}", waiting, room, lambda text: text))
    return inert("".join(parts) + tail)


def _outcomes(report: Report) -> str:
    counts = [(outcome.value, report.count(outcome)) for outcome in Outcome if report.count(outcome)]
    return "| outcome | steps |\n|---|--:|\n" + "".join(
        f"| {name} | {number:,} |\n" for name, number in counts
    )


def _results(outcome: Outcome, results: Sequence[Result], room: Budget) -> str:
    lines = []
    for result in results:
        said = f"\n    {clean(result.message)}" if result.message else ""
        lines.append(f"{_title(result.step)}{said}\n")
    title = f"<b>{html.escape(TITLES[outcome].rstrip(':'))}: {len(results):,}</b>"
    return _kept(title, lines, room, lambda text: fenced(text.splitlines()), is_open=outcome in WORDS)


def _kept(
    title: str, lines: Sequence[str], room: Budget, wrap: Callable[[str], str], *, is_open: bool = True
) -> str:
    """A folding section of as many lines as fit."""
    room.take(_folding(title, wrap("")) + "*10,000,000 more left out here.*\n" + " " * 40)
    kept = []
    for line in lines:
        if not room.take(line):
            break
        kept.append(line)
    missing = len(lines) - len(kept)
    rest = f"*{missing:,} more left out here.*\n" if missing else ""
    body = wrap("".join(kept)) if kept else ""
    return _folding(title, body + rest, is_open=is_open)
