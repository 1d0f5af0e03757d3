"""Steps and classes as the lines of a diff, which a pull request colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.classes import Form
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.columns import pad, wrap
from reconciler.render.plan.classes import (
    EXPAND,
    more,
    names_of,
    places_text,
    some,
    subject,
    values_of,
    varying_text,
    widest,
)
from reconciler.render.plan.sentences import label_text, other_place, place_text
from reconciler.render.values import difference, is_nested, is_text, pair
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Change, Step
    from reconciler.render.masks import Masks

MOST_CHANGES = 60
MOST_NAMES = 40
ALL = 10**9
"""As many as there are: every step stands by itself then."""
WIDTH = 92
"""Columns of a line of names."""
WIDEST_NAME = 40


def class_lines(item: StepClass, masks: Masks, most: int) -> list[str]:
    """The class as lines of a diff: what all of it does, then the names, or the values of each."""
    if item.form is Form.ALONE or most == ALL:
        steps = (step_lines(step, masks, unlike=item.unlike, whole=most == ALL) for step in item.steps)
        return [line for lines in steps for line in lines]
    title = "  ".join(
        part
        for part in (
            f"{item.first.symbol} {subject(item)}",
            places_text(item.places),
            item.reason.sentence,
        )
        if part
    )
    lines = [f"@@ {title} @@" if item.action is Action.UPDATE else title]
    for change in item.common[:MOST_CHANGES]:
        lines += _change_lines(change, masks, "")
    if item.action is Action.DELETE:
        return [*lines, *_deleted(item, masks)]
    if item.form is Form.EACH:
        return [*lines, *_values(item, masks, most)]
    names = some(names_of(item.steps), MOST_NAMES)
    return [*lines, *(f"  {line}" for line in wrap(names, WIDTH))]


def _deleted(item: StepClass, masks: Masks) -> list[str]:
    """Every member of a class that is deleted, with its address."""
    head = [f"  {varying_text(item)}, a value each:"] if item.varying else []
    texts = [value.text for value in values_of(item, masks)] or [""] * len(item.steps)
    members = zip(names_of(item.steps), item.steps, texts, strict=True)
    lines = ("  ".join((f"- {name}", clean(step.address), text)).rstrip() for name, step, text in members)
    return [*head, *lines]


def _values(item: StepClass, masks: Masks, most: int) -> list[str]:
    values = values_of(item, masks)
    symbol = "+" if item.action is Action.CREATE else "!"
    lines = [f"  {varying_text(item)}, a value each:"]
    shown = values if len(values) <= most + 1 else values[:most]
    width = widest((value.name for value in shown), WIDEST_NAME)
    lines += [f"{symbol} {pad(value.name, width)}  {value.text}  {value.place}".rstrip() for value in shown]
    return [*lines, *([f"  {more(len(values) - len(shown))}"] if len(values) > len(shown) else [])]


def step_title(step: Step, *, unlike: int = 0) -> str:
    """The step on one line: action, name, address, place and reason."""
    label, other = label_text(step), f", unlike {counted(unlike, 'other')}" if unlike else ""
    parts = (
        f"{step.symbol} {label or clean(step.address)}{'' if label else other}",
        f"{clean(step.address)}{other}" if label else "",
        place_text(step.place),
        step.reason.sentence,
    )
    return "  ".join(part for part in parts if part)


def step_lines(step: Step, masks: Masks, *, unlike: int = 0, whole: bool = False) -> list[str]:
    """The step as lines of a diff."""
    title = step_title(step, unlike=unlike)
    head = f"@@ {title} @@" if step.action is Action.UPDATE else title
    changes = step.changes if whole else step.changes[:MOST_CHANGES]
    lines = [head]
    for change in changes:
        lines += _change_lines(change, masks, other_place(change, step))
    rest = len(step.changes) - len(changes)
    return [*lines, *([f"  … {counted(rest, 'more field')} ({EXPAND})"] if rest else [])]


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
