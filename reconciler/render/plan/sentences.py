"""Sentences that every form of a plan shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.step import Action
from reconciler.render.amounts import counted, duration
from reconciler.render.clean import clean

if TYPE_CHECKING:
    from reconciler.diagnostics import Place
    from reconciler.plan.drift import Item
    from reconciler.plan.step import Change, Notice, Plan, Step


PENDING = "Pending (a person must finish these in the app)"
NO_LONGER_MANAGED = "No longer managed, but still set"
IN_UNREAD_FILES = "Managed by files that were not read in this run"
UNMANAGED = "Unmanaged (live, but no file declares it)"
UNCOMPARED = "*"
"""The symbol of a field that could not be compared."""
UNEQUAL = f"{UNCOMPARED} Not compared"


VERBS = {Action.CREATE: "add", Action.UPDATE: "change", Action.DELETE: "destroy"}
LEFT_OUT = "what --target or --exclude leaves out was not checked."


def circumstances(plan: Plan) -> tuple[str, ...]:
    """Sentences that a reviewer must see before the steps."""
    sentences = (
        (plan.partial, f"This plan is partial: {LEFT_OUT}"),
        (plan.destroy, "This plan destroys everything that the files declare (--destroy)."),
        (plan.snapshot, "Made from a snapshot, not from the live state: this plan cannot be applied."),
    )
    return tuple(sentence for holds, sentence in sentences if holds)


def label_text(labelled: Step | Notice | Item) -> str:
    """Its label; empty if the address already shows it."""
    return clean(labelled.label) if labelled.label != labelled.address.key else ""


def place_text(place: Place | None) -> str:
    """`slack.yaml:12 (tag:public)`; empty if there is no place."""
    if place is None:
        return ""
    return clean(f"{place.file}:{place.line}" + (f" ({place.selector})" if place.selector else ""))


def other_place(change: Change, step: Step) -> str:
    """The place of a changed value, if it is in another file than the step itself."""
    return place_in_other_file(change.place, step.place) if step.action is Action.UPDATE else ""


def place_in_other_file(place: Place | None, known: Place | None) -> str:
    """The place, if it is in another file than the place that is already shown."""
    return place_text(place) if place and known and place.file != known.file else ""


def notice_text(notice: Notice) -> str:
    """The label, address and field of a notice, its note and its link."""
    where = dotted(notice.path)
    parts = (
        label_text(notice),
        notice.address,
        where,
        f"({notice.note})" if notice.note else "",
        notice.link,
    )
    return "  ".join(clean(part) for part in parts if part)


def budget(plan: Plan) -> str:
    """`7 requests, about 2 s at 10 per second`."""
    text = counted(plan.requests, "request")
    if plan.rate and plan.requests:
        text += f", about {duration(plan.requests / plan.rate)} at {plan.rate:,.3g} per second"
    return text
