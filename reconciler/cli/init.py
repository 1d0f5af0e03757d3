"""`gbsync init`: a first file, to be edited, or made from the live organization."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from reconciler.cli import live, output
from reconciler.cli.session import Session, session_options
from reconciler.config.paths import MAIN_PART
from reconciler.errors import UsageError


@click.command("init")
@session_options
@click.option("--from-live", is_flag=True, help="Write what the organization has now, as export does.")
@click.option(
    "--secret-references",
    "references",
    is_flag=True,
    help="Write secrets as references to fill in, not as comments.",
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
def command(session: Session, *, from_live: bool, references: bool, force: bool) -> None:
    """Write a first gbsync.yaml, here or where PATHS says.

    Without --from-live it is an example that plans on the sandbox: gbsync plan --sandbox.
    """
    path = _path(session)
    if path.exists() and not force:
        msg = f"{path}: is there already; name another file, or replace it with --force"
        raise UsageError(msg)
    output.write(str(path), _live(session, references=references) if from_live else _starter())
    where = "" if path.parent == Path() else f" {path}"
    click.echo(f"Wrote {path}. Next: gbsync plan{where}{'' if from_live else ' --sandbox'}", err=True)


def _path(session: Session) -> Path:
    if len(session.settings.paths) > 1:
        msg = "init writes one file; name one"
        raise UsageError(msg)
    path = Path(session.settings.paths[0])
    return path / MAIN_PART if path.is_dir() else path


def _live(session: Session, *, references: bool) -> str:
    from reconciler.cli.export import exported  # noqa: PLC0415 - only with --from-live

    return exported(session, live.organization_of(session, None), references=references)


def _starter() -> str:
    return files("reconciler.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
