"""A plan in the forms that files and other programs take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reconciler.step import Plan

FORMS: Final = ("json", "markdown", "html")


def written(plan: Plan, form: str) -> str:
    """The plan in one of `FORMS`."""
    match form:
        case "markdown":
            from reconciler.render.markdown import plan_markdown  # noqa: PLC0415 - only where it is written

            return plan_markdown(plan)
        case "html":
            from reconciler.render.html import plan_html  # noqa: PLC0415 - only where it is written

            return plan_html(plan)
        case _:
            from reconciler.render.json import json_text, plan_document  # noqa: PLC0415 - only where it is written

            return json_text(plan_document(plan))
