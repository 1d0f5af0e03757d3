"""`gbsync init`: a first file, to be edited, or made from the live organization."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import click

from reconciler.cli import organization as live
from reconciler.cli import output
from reconciler.cli.complete import FILE
from reconciler.cli.helptext import Sections
from reconciler.cli.options import connection_options
from reconciler.cli.session import Session
from reconciler.config.yaml.files import MAIN_PART
from reconciler.errors import UsageError
from reconciler.inputs import is_folder


@click.command(
    "init",
    cls=Sections,
    examples={
        "gbsync init": "Write an example to edit, gbsync.yaml.",
        "gbsync init --from-live live.yaml": "Write the live organization.",
    },
)
@click.argument("path", required=False, type=FILE)
@connection_options
@click.option("--from-live", is_flag=True, help="Write the live organization, as export does.")
@click.option(
    "--secret-references",
    "references",
    is_flag=True,
    help="With --from-live: write secrets as references to fill in, not as comments.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def command(session: Session, *, path: str | None, from_live: bool, references: bool, force: bool) -> None:
    """Write a first gbsync.yaml, here or where PATH says: a file, a folder, or `-` for stdout.

    Without --from-live it writes an example for the sandbox: gbsync plan --sandbox.
    """
    if references and not from_live:
        msg = "--secret-references: the example has no secrets to refer to; say --from-live too"
        raise UsageError(msg)
    file = _file(path or ".")
    if os.path.lexists(file) and not force:
        msg = f"{file}: already exists; name another file, or replace it with --force"
        raise UsageError(msg)
    session = Session(replace(session.settings, paths=(str(file),)))
    output.write(str(file), _live(session, references=references) if from_live else _starter())
    if str(file) != "-":
        click.echo(f"Wrote {file}. Next: {_next(file, session, from_live=from_live)}", err=True)


def _next(file: Path, session: Session, *, from_live: bool) -> str:
    """The command that plans the new file, on the same sandbox."""
    state = session.settings.sandbox
    sandbox = "--sandbox" if state == "" or (state is None and not from_live) else ""
    if state:
        sandbox = f"--sandbox={shlex.quote(state)}"
    where = "" if file.parent == Path() and file.name == MAIN_PART else shlex.quote(str(file))
    return " ".join(filter(None, ("gbsync plan", where, sandbox)))


def _file(path: str) -> Path:
    file = Path(path)
    return file / MAIN_PART if is_folder(file) else file


def _live(session: Session, *, references: bool) -> str:
    from reconciler.cli.commands.export import Form, exported  # noqa: PLC0415 - only with --from-live

    return exported(session, live.organization_of(session, None), form=Form(references=references))


def _starter() -> str:
    return files("reconciler.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
