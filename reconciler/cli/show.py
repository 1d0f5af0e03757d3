"""`gbsync show`: a saved plan again, in any form."""

from __future__ import annotations

import click

from reconciler.cli import output
from reconciler.cli.saved import shown_plan
from reconciler.cli.writing import FORMS, written


@click.command("show")
@click.argument("plan", metavar="PLAN")
@click.option("--format", "form", type=click.Choice(["text", *FORMS]), default="text", show_default=True,
              help="How it is shown.")  # fmt: skip
@click.option("--show-unmanaged", is_flag=True, help="List what is live and not declared.")
@click.option("--color/--no-color", default=None, help="Colour  [default: on a terminal]")
def command(*, plan: str, form: str, show_unmanaged: bool, color: bool | None) -> None:
    """Show a saved plan, as `gbsync plan --out FILE` wrote it. Needs no network and no token."""
    made = shown_plan(plan)
    if form == "text":
        output.show_plan(made, color=color, show_unmanaged=show_unmanaged)
    else:
        click.echo(written(made, form))
