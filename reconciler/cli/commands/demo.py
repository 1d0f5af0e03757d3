"""`gbsync demo`: the whole story on the sandbox, in a temporary folder."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli import INTERRUPTED, run
from reconciler.cli.helptext import Sections
from reconciler.errors import Incomplete, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.sandbox import Store

WORLD = "acme.json"
FILE = "gbsync.yaml"


@click.command(
    "demo",
    cls=Sections,
    examples={
        "gbsync demo": "Watch it run.",
        "gbsync demo --keep demo": "Keep its files in a folder, to continue with them.",
    },
)
@click.option(
    "--keep", metavar="FOLDER", type=click.Path(file_okay=False), help="Work in this folder and keep it."
)
def command(keep: str | None) -> None:
    """Plan, apply, drift made by hand, plan, apply, empty plan: on the sandbox, without a token."""
    with _folder(keep) as folder:
        _tell()
        if keep:
            click.echo(f"\nAll files are in {folder}.")


def _tell() -> None:
    sandbox = f"--sandbox={WORLD}"
    Path(FILE).write_text(
        files("reconciler.cli").joinpath("starter.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    _scene(f"An organization on the sandbox, configured by hand so far. {FILE} says how it should be:")
    click.echo(Path(FILE).read_text(encoding="utf-8"))
    _scene("What differs?")
    _run("plan", FILE, sandbox, "--detailed-exitcode", expect=2)
    _scene("Apply it.")
    _run("apply", FILE, sandbox, "--auto-approve")
    _scene("A colleague changes two things by hand in the app: a tracking id, and Slack's default channel.")
    _drift()
    _scene("The next plan shows these two changes only.")
    _run("plan", FILE, sandbox, "--detailed-exitcode", expect=2)
    _run("apply", FILE, sandbox, "--auto-approve")
    _scene("Now there are no changes.")
    _run("plan", FILE, sandbox, "--detailed-exitcode")


def _drift() -> None:
    from reconciler.sandbox import Store  # noqa: PLC0415 - the sandbox only when it is shown

    store = Store.load(WORLD)
    _change(store, "googleanalytics", "site_p4Xo1", "tracking_id", "G-BYHAND")
    _change(store, "slack", "", "default_channel", "C0HAND")
    store.save(WORLD)


def _change(store: Store, name: str, target: str, key: str, value: str) -> None:
    """Sets one key of an installation, or of its binding on the target if there is one."""
    from reconciler.sandbox.records import LEVELS  # noqa: PLC0415 - the sandbox only when it is shown

    installation = store.installations_of(integration=name)[0]
    bindings = {
        where: item for level in LEVELS for where, item in store.bindings(installation.id, level).items()
    }
    changed = bindings[target] if target else installation
    changed.configuration[key] = value


def _scene(text: str) -> None:
    click.echo(f"\n# {text}\n")


def _run(*args: str, expect: int = 0) -> None:
    click.echo(f"$ gbsync {shlex.join(args)}")
    code = run(list(args))
    if code == INTERRUPTED:
        raise click.exceptions.Exit(code)
    if code != expect:
        msg = f"the demo expected exit code {expect} and got {code}; please report this"
        raise Incomplete(msg)


def _make(folder: Path) -> None:
    """The folder, without files of the names that the demo writes. Raises `UsageError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder}: cannot be created ({error.strerror or error}); name another folder"
        raise UsageError(msg) from None
    for name in (FILE, WORLD):
        if (folder / name).exists():
            msg = f"{folder / name}: already exists; name another folder"
            raise UsageError(msg)


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    """The folder to work in, which is the current folder meanwhile."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="gbsync-demo-") as temporary:
        folder = Path(keep or temporary).resolve()
        _make(folder)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(before)
