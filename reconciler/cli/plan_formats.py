"""A plan in the formats for files and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.plan.matrix import Matrix
    from reconciler.plan.step import Plan
    from reconciler.render.plan.html.view import Provenance

FORMS: Final = ("json", "markdown", "html")

ROOM: Final = 512
"""Bytes that a pipeline may add to the comment: a marker, a heading."""


def formatted_plan(
    plan: Plan,
    form: str,
    page: Callable[[], tuple[Matrix | None, Provenance]] | None = None,
    *,
    expand: bool = False,
) -> str:
    """The plan in one of `FORMS`; an HTML page also has the matrix and where the plan comes from."""
    match form:
        case "markdown":
            from reconciler.render.markdown import COMMENT_LIMIT  # noqa: PLC0415 - only where it is shown
            from reconciler.render.plan.markdown import plan_markdown  # noqa: PLC0415 - only where it is shown

            return plan_markdown(plan, limit=COMMENT_LIMIT - ROOM, expand=expand)
        case "html":
            from reconciler.render.plan.html import plan_html  # noqa: PLC0415 - only where it is formatted

            return plan_html(plan, *(page() if page else ()))
        case "json":
            from reconciler.render.json import json_text  # noqa: PLC0415 - only where it is shown
            from reconciler.render.plan.json import plan_document  # noqa: PLC0415 - only where it is shown

            return json_text(plan_document(plan))
    msg = f"{form}: is no form of a plan"
    raise ValueError(msg)
