"""What binding to a site and a space showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.gitbook.probe.conclusions.configured import CONFLICT, lag
from reconciler.gitbook.probe.conclusions.finding import Finding, Question, unknown

if TYPE_CHECKING:
    from reconciler.gitbook.probe.answer import Answer, Lag

BOUND, SELECTED = "bound", "selected"
ROUTE_MISSING = (404, 405)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Binding to the site and to the space."""

    reply: Answer
    """The answer to the POST of the site."""
    list_lag: Lag | None
    """From binding the site until a list shows it."""
    again: Answer
    as_read: Answer
    """How the binding reads, without `extended`."""
    delete_lag: Lag | None
    """From the DELETE until no list shows it."""
    space: Answer
    """POST of the space."""
    space_patch: Answer | None
    """PATCH of the space's binding, where the POST was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """`site_selection: all`, then `selected` again."""

    is_bound: bool
    """Whether the named site had a binding under `all`."""
    is_kept: bool
    """Whether it has it still under `selected`."""


def _second_binding(seen: Bound) -> Finding:
    if seen.again.status == CONFLICT:
        return Finding("conflict", "409")
    return (
        Finding("same", f"answers {seen.again.status}")
        if seen.again.ok
        else unknown(f"answers {seen.again.status}")
    )


def _space_binding(seen: Bound) -> Finding:
    if seen.space.ok:
        return Finding("post")
    if seen.space.status not in ROUTE_MISSING:
        return unknown(f"the POST answers {seen.space.status}")
    if seen.space_patch is None or not seen.space_patch.ok:
        return unknown(f"the POST answers {seen.space.status}, and a PATCH does not bind either")
    return Finding(f"patch-{seen.space.status}")


def _targets(seen: Bound) -> Finding:
    site = seen.as_read.object.get("site")
    if isinstance(site, str | Mapping):
        return Finding("id" if isinstance(site, str) else "object")
    return unknown("a binding does not show its site")


def _everywhere(seen: Selected) -> Finding:
    return Finding("bound" if seen.is_bound else "unbound")


def _unselect(seen: Selected) -> Finding:
    if not seen.is_bound:
        return unknown("`all` makes no bindings")
    return Finding("kept" if seen.is_kept else "dropped")


QUESTIONS = (
    Question("second_binding", "Binding again gives", BOUND, _second_binding),
    Question("space_binding", "A space is bound by", BOUND, _space_binding),
    Question("targets", "A binding's site or space comes as", BOUND, _targets),
    Question("list_lag", "Requests until a list shows a new object", BOUND, lambda seen: lag(seen.list_lag)),
    Question(
        "delete_lag",
        "Requests until a deleted object leaves a list",
        BOUND,
        lambda seen: lag(seen.delete_lag),
    ),
    Question("everywhere", "Under `all`, each site is", SELECTED, _everywhere),
    Question("unselect", "Bindings of `all`, once it is `selected` again, are", SELECTED, _unselect),
)
