"""A plan as one HTML page that loads nothing and runs only the script that its policy names."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from reconciler import __version__
from reconciler.render.matrix.grid import grid
from reconciler.render.plan.html.view import page_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from reconciler.plan.matrix import Matrix
    from reconciler.plan.step import Plan
    from reconciler.render.plan.html.view import Provenance

POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data:; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def plan_html(plan: Plan, matrix: Matrix | None = None, provenance: Provenance | None = None) -> str:
    """The plan as an HTML document, with the matrix and where the plan comes from if they are given."""
    environment = _environment()
    style, script = _source(environment, "page.css"), _source(environment, "page.js")
    policy = POLICY.format(script=_allowed(script), style=_allowed(style))
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja2, needed only here

    return environment.get_template("page.html.j2").render(
        page=page_of(plan, provenance),
        grid=grid(matrix) if matrix and matrix.columns else None,
        policy=policy,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        version=__version__,
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only for this page

    loader = PackageLoader("reconciler.render.plan", "html")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _source(environment: Environment, name: str) -> str:
    """The text of a file in this folder."""
    loader: Any = environment.loader
    text: str = loader.get_source(environment, name)[0]
    return text.strip()


def _allowed(text: str) -> str:
    """The source expression that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
