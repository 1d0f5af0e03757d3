"""What a run was not allowed to do: by reason and class, the names of a few, and how many more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.plan.classes import classes
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.plan.approval import words
from reconciler.render.plan.classes import EXPAND, MOST_NAMED, names_of, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Plan, Step
    from reconciler.render.page import Page

LEFT_OUT: Final = "Left out: shown here, and not done by this run"
MOST: Final = 20
"""Classes that are listed."""
_INDENT, _DEEPER = 2, 6


def left_out_lines(page: Page, plan: Plan, *, expand: bool = False) -> None:
    """Adds what is left out: a line for each class, and below it why, and the names."""
    if not plan.left_out:
        return
    page.heading(f"{LEFT_OUT}:")
    masks, folded = _masks_of(plan), tuple(_classes(plan))
    listed = folded if expand else folded[:MOST]
    for item, why in listed:
        names = some(names_of(item.steps), len(item.steps) if expand else MOST_NAMED)
        page.say(f"{item.first.symbol} {words(item, masks)}", indent=_INDENT, hang=2)
        page.say(f"{clean(why)}: {names}", indent=_DEEPER, hang=2, style="faint")
    if len(folded) > len(listed):
        rest = counted(len(folded) - len(listed), "more class", "more classes")
        page.say(f"{rest} ({EXPAND})", indent=_INDENT, style="faint")


def left_out_texts(plan: Plan) -> tuple[str, ...]:
    """A line for each class that is left out: what it would do, why it is not done, and names."""
    masks = _masks_of(plan)
    named = ((item, why, some(names_of(item.steps), MOST_NAMED)) for item, why in _classes(plan))
    return tuple(
        f"{item.first.symbol} {words(item, masks)}\n    {clean(why)}: {names}\n" for item, why, names in named
    )


def left_out_sentence(plan: Plan) -> str:
    """How much was left out: `3 steps were left out.`; empty if nothing was."""
    count = len(plan.left_out)
    return f"{counted(count, 'step')} {'was' if count == 1 else 'were'} left out." if count else ""


def _classes(plan: Plan) -> Iterator[tuple[StepClass, str]]:
    """The classes of what is left out, those of one reason together."""
    by_reason: dict[str, list[Step]] = {}
    for item in plan.left_out:
        by_reason.setdefault(item.why, []).append(item.step)
    for why, steps in by_reason.items():
        yield from ((item, why) for item in classes(steps))


def _masks_of(plan: Plan) -> Masks:
    """The masks of the plan's secrets, those of what is left out among them."""
    masks = Masks.of(plan)
    for item in plan.left_out:
        for change in item.step.changes:
            masks.meet(change.before, change.after)
    return masks
