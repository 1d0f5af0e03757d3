"""The cards of the page: one for each class of steps, with what it changes and the steps that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.plan.classes import Form
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.plan.aligned import Row, rows
from reconciler.render.plan.classes import names_of, places_text, some, subject, varying_text
from reconciler.render.plan.sentences import VERBS, label_text, place_text
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.plan.classes import StepClass
    from reconciler.plan.step import Change, Step
    from reconciler.render.masks import Masks

TALL = 24
"""Rows of a table from which on it scrolls by itself."""
PREVIEWED = 12
"""Names of a class that are shown while the list of all is closed."""
_CHANGE_WORDS = {"+": "set", "-": "removed", "~": "changed", "?": "not readable"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a step, side by side."""

    name: str
    symbol: str
    word: str
    place: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One step of a class: what tells it from the others, and the values that only it has."""

    anchor: str
    name: str
    address: str
    fields: tuple[Field, ...] = ()
    is_named: bool = False
    """Whether each field needs its name, as there are several."""


@dataclass(frozen=True, slots=True)
class Card:
    """The steps of one class; of a step that stands alone the only one."""

    anchor: str
    """Of a step that stands alone its address."""
    action: str
    word: str
    symbol: str
    label: str
    address: str
    """Empty where there are members."""
    unlike: str
    reason: str
    place: str
    sides: str
    """`both`, or the only side that exists: `before` or `after`."""
    fields: tuple[Field, ...]
    """What all of it changes alike."""
    is_tall: bool
    members: tuple[Member, ...] = ()
    varying: str = ""
    """The names of the fields that have a value each."""
    preview: str = ""
    """The first names, while the list of all is closed; empty where each has values of its own."""


def card(item: StepClass, number: int, masks: Masks) -> Card:
    """The card of a class."""
    first, alone = item.first, item.form is Form.ALONE
    fields = tuple(_field(change, masks, first if alone else None) for change in item.common)
    return Card(
        anchor=clean(first.address) if alone else f"class-{number}",
        action=item.action.value,
        word=VERBS[item.action] if first.symbol != "?" else "publish again to be sure",
        symbol=first.symbol,
        label=label_text(first) if alone else subject(item, of_root=False).split(",", 1)[0],
        address=clean(first.address) if alone else "",
        unlike=f"unlike {counted(item.unlike, 'other')}" if item.unlike else "",
        reason=item.reason.sentence,
        place=place_text(first.place) if alone else places_text(item.places),
        sides={Action.CREATE: "after", Action.DELETE: "before"}.get(item.action, "both"),
        fields=fields,
        is_tall=sum(len(field.rows) for field in fields) > TALL,
        members=() if alone else tuple(_members(item, masks)),
        varying=varying_text(item),
        preview=""
        if alone or item.varying
        else some(names_of(item.steps), PREVIEWED).replace(" (--expand)", ""),
    )


def _members(item: StepClass, masks: Masks) -> Iterable[Member]:
    varying = set(item.varying)
    # Where one line asks for all of them, the card has it already.
    one_line = len(item.places) == 1
    for name, step in zip(names_of(item.steps), item.steps, strict=True):
        own = (change for change in step.changes if change.path in varying)
        address = clean(step.address)
        fields = tuple(_field(change, masks, None if one_line else step) for change in own)
        yield Member(address, name, address, fields, is_named=len(varying) > 1)


def _field(change: Change, masks: Masks, step: Step | None) -> Field:
    """A changed field; with a step the place of it is shown where it is not that of the step."""
    sides = rows(change.before, change.after, masks)
    place = place_text(change.place)
    return Field(
        name=clean(change.name),
        symbol=change.symbol,
        word=_CHANGE_WORDS[change.symbol],
        place=place if step and place != place_text(step.place) else "",
        rows=sides or rows(ABSENT, "", masks),
    )
