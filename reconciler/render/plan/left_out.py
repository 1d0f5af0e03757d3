"""What a run was not allowed to do: by reason and class, the names of a few, and how many more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.plan.classes import classes
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.plan.approval import words
from reconciler.render.plan.sentences import label_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import LeftOut, Plan, Step

LEFT_OUT: Final = "Left out: shown here, and not done by this run"
FEW: Final = 8
"""Names of one class that are listed."""
MOST: Final = 20
"""Classes that are listed."""


def left_out_lines(plan: Plan, *, expand: bool = False) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each is a class; the others are names of its steps, or say why."""
    masks = masks_of(plan)
    by_reason: dict[str, list[LeftOut]] = {}
    for item in plan.left_out:
        by_reason.setdefault(item.why, []).append(item)
    shown = 0
    for why, items in by_reason.items():
        for folded in classes(item.step for item in items):
            shown += 1
            if shown > MOST and not expand:
                continue
            yield f"{folded.first.symbol} {words(folded, masks)}", True
            yield f"{clean(why)}; {_names(folded, expand=expand)}", False
    if shown > MOST and not expand:
        yield f"{counted(shown - MOST, 'more class', 'more classes')} (--expand lists them)", False


def masks_of(plan: Plan) -> Masks:
    """The masks of the plan's secrets, those of what is left out among them."""
    masks = Masks.of(plan)
    for item in plan.left_out:
        for change in item.step.changes:
            masks.meet(change.before, change.after)
    return masks


def left_out_sentence(plan: Plan) -> str:
    """How much was left out: `3 steps were left out.`; empty if nothing was."""
    count = len(plan.left_out)
    return f"{counted(count, 'step')} {'was' if count == 1 else 'were'} left out." if count else ""


def _names(item: StepClass, *, expand: bool) -> str:
    names = [_name(step) for step in (item.steps if expand else item.steps[:FEW])]
    more = len(item.steps) - len(names)
    return f"{', '.join(names)}{f' and {more:,} more (--expand lists them)' if more else ''}"


def _name(step: Step) -> str:
    label = label_text(step)
    return f"{label} ({clean(step.address)})" if label else clean(step.address)
