"""The values that the page shows: every text is clean, every secret is masked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from reconciler.diagnostics import dotted
from reconciler.plan.step import Action
from reconciler.render.amounts import counted
from reconciler.render.clean import clean
from reconciler.render.masks import Masks
from reconciler.render.plan.classes import mentions
from reconciler.render.plan.graph import nodes
from reconciler.render.plan.html.cards import Card, card
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
)
from reconciler.render.problems.folded import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.plan.step import Plan
    from reconciler.render.plan.classes import Mention

FEW = 12
"""Cards up to which all lists are open when the page is loaded."""
MANY = 200
SCHEMES = ("https://",)
MOST_NAMED = 100
"""Names of resources of which the same is said."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a plan comes from, as far as it is known: a page is read long after it was made."""

    title: str = ""
    """The organization's title."""
    commit: str = ""
    """Of the files."""
    time: str = ""
    """When it was made."""


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

    text: str
    """What several resources have in common, with their names; of one resource empty."""
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
    count: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page."""

    organization: str
    endpoint: str
    provenance: Provenance
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
    """There are so many cards that the browser should lay out only the visible ones."""


def page_of(plan: Plan, provenance: Provenance | None = None) -> Page:
    """The values of the page for this plan."""
    masks = Masks.of(plan)
    symbols = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-"}
    shelves = tuple(_shelves(plan, masks))
    cards = sum(len(shelf.cards) for shelf in shelves)
    provenance = provenance or Provenance()
    return Page(
        organization=clean(plan.organization),
        endpoint=clean(plan.endpoint),
        provenance=Provenance(clean(provenance.title), clean(provenance.commit), clean(provenance.time)),
        summary=plan.summary,
        counts=tuple((action.value, VERBS[action], symbols[action], plan.count(action)) for action in Action),
        budget=budget(plan) if plan.steps else counted(plan.declared_count, "declared resource"),
        notes=(*map(clean, plan.notes), *circumstances(plan), *comparison(plan.against)),
        warnings=tuple(clean(str(problem)) for problem in folded(plan.problems)),
        shelves=shelves,
        parts=tuple(_parts(plan)),
        drawing=drawing(nodes(plan, folded=True)),
        total=len(plan.steps),
        is_open=cards <= FEW,
        is_many=cards > MANY,
    )


def _shelves(plan: Plan, masks: Masks) -> Iterator[Shelf]:
    numbers = count(1)
    for part in parts(plan):
        for group in groups(part.steps):
            counts = zip(("create", "update", "delete"), "+~-", group.counts(), strict=True)
            cards = tuple(card(item, next(numbers), masks) for item in group.classes)
            nonzero = tuple(item for item in counts if item[2])
            yield Shelf(clean(group.name), nonzero, cards, part.title)


def _parts(plan: Plan) -> Iterator[Part]:
    for title, notices, is_open in (
        (PENDING, plan.pending, True),
        (UNEQUAL, plan.uncompared, True),
        (NO_LONGER_MANAGED, plan.forgotten, True),
        (IN_UNREAD_FILES, plan.declared_in_unread_file, False),
        (UNMANAGED, plan.unmanaged, False),
    ):
        if notices:
            yield Part(title, tuple(map(_item, mentions(notices))), len(notices), is_open)


def _item(item: Mention) -> Item:
    notice = item.first
    link = clean(notice.link)
    return Item(
        text=item.text(MOST_NAMED, flag="") if len(item.notices) > 1 else "",
        address=clean(notice.address),
        label=label_text(notice),
        field=clean(dotted(notice.path)),
        note=clean(notice.note),
        link=link,
        is_link=link.startswith(SCHEMES),
    )
