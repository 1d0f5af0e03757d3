"""The values that the page shows: every text is clean, every secret is masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.plan.aligned import Row, rows
from reconciler.render.plan.graph import nodes
from reconciler.render.plan.html.drawing import Drawing, drawing
from reconciler.render.plan.order import groups
from reconciler.render.plan.origins import comparison, parts
from reconciler.render.plan.sentences import (
    IN_UNREAD_FILES,
    NO_LONGER_MANAGED,
    PENDING,
    UNEQUAL,
    UNMANAGED,
    VERBS,
    budget,
    circumstances,
    label_text,
    place_text,
)
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.step import Change, Notice, Plan, Step
    from reconciler.render.plan.order import Group

FEW = 12
"""Steps up to which all are open when the page is loaded."""
MANY = 200
SCHEMES = ("https://",)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a step, side by side."""

    name: str
    symbol: str
    word: str
    place: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One step."""

    anchor: str
    action: str
    word: str
    symbol: str
    address: str
    label: str
    reason: str
    place: str
    sides: str
    """`both`, or the only side that exists: `before` or `after`."""
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The steps of one integration."""

    name: str
    counts: tuple[tuple[str, str, int], ...]
    cards: tuple[Card, ...]
    origin: str = ""
    """The heading of its part, where the plan was compared with another version."""


@dataclass(frozen=True, slots=True)
class Item:
    """One notice beside the steps."""

    address: str
    label: str
    field: str
    note: str
    link: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A list of notices."""

    title: str
    items: tuple[Item, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page."""

    organization: str
    summary: str
    counts: tuple[tuple[str, str, str, int], ...]
    """Action, word, symbol, number."""
    budget: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    shelves: tuple[Shelf, ...]
    parts: tuple[Part, ...]
    drawing: Drawing | None
    total: int
    is_open: bool
    is_many: bool
    """There are so many steps that the browser should lay out only the visible ones."""


def page_of(plan: Plan) -> Page:
    """The values of the page for this plan."""
    masks = Masks.of(plan)
    symbols = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
    return Page(
        organization=clean(plan.organization),
        summary=plan.summary,
        counts=tuple((action.value, VERBS[action], symbols[action], plan.count(action)) for action in Action),
        budget=budget(plan) if plan.steps else counted(plan.declared_count, "declared resource"),
        notes=(*map(clean, plan.notes), *circumstances(plan), *comparison(plan.against)),
        warnings=tuple(clean(str(problem)) for problem in plan.problems),
        shelves=tuple(
            _shelf(group, masks, part.title) for part in parts(plan) for group in groups(part.steps)
        ),
        parts=tuple(_parts(plan)),
        drawing=drawing(nodes(plan, folded=True)),
        total=len(plan.steps),
        is_open=len(plan.steps) <= FEW,
        is_many=len(plan.steps) > MANY,
    )


def _shelf(group: Group, masks: Masks, origin: str) -> Shelf:
    counts = zip(("create", "update", "delete"), "+~-", group.counts(), strict=True)
    nonzero = tuple((action, symbol, number) for action, symbol, number in counts if number)
    return Shelf(clean(group.name), nonzero, tuple(_card(step, masks) for step in group.steps), origin)


def _card(step: Step, masks: Masks) -> Card:
    return Card(
        anchor=clean(step.address),
        action=step.action.value,
        word=VERBS[step.action] if step.symbol != "?" else "publish again to be sure",
        symbol=step.symbol,
        address=clean(step.address),
        label=label_text(step),
        reason=step.reason.sentence,
        place=place_text(step.place),
        sides={Action.CREATE: "after", Action.DELETE: "before"}.get(step.action, "both"),
        fields=tuple(_field(change, masks) for change in step.changes),
    )


_CHANGE_WORDS = {"+": "set", "-": "removed", "~": "changed", "?": "not readable"}


def _field(change: Change, masks: Masks) -> Field:
    sides = rows(change.before, change.after, masks)
    return Field(
        name=clean(change.name),
        symbol=change.symbol,
        word=_CHANGE_WORDS[change.symbol],
        place=place_text(change.place),
        rows=sides or rows(ABSENT, "", masks),
    )


def _parts(plan: Plan) -> Iterator[Part]:
    for title, notices, is_open in (
        (PENDING, plan.pending, True),
        (UNEQUAL, plan.uncompared, True),
        (NO_LONGER_MANAGED, plan.forgotten, True),
        (IN_UNREAD_FILES, plan.declared_in_unread_file, False),
        (UNMANAGED, plan.unmanaged, False),
    ):
        if notices:
            yield Part(title, tuple(map(_item, notices)), is_open)


def _item(notice: Notice) -> Item:
    link = clean(notice.link)
    return Item(
        address=clean(notice.address),
        label=label_text(notice),
        field=clean(dotted(notice.path)),
        note=clean(notice.note),
        link=link,
        is_link=link.startswith(SCHEMES),
    )
