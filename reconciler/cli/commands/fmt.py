"""`gbsync fmt`: write the files as the documentation does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.helptext import Sections
from reconciler.cli.hook_files import is_gbsync_file
from reconciler.config.rules import reading
from reconciler.config.yaml.files import LARGEST, STDIN, STDIN_NAME, parts_of
from reconciler.config.yaml.findings import Findings
from reconciler.diagnostics import Place
from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import is_folder, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.diagnostics import Problem

UNFORMATTED = 2


@click.command(
    "fmt",
    cls=Sections,
    examples={
        "gbsync fmt": "Format the files of this folder.",
        "gbsync fmt --check gbsync.yaml": "Say whether a file would change, for CI.",
    },
)
@click.argument("paths", nargs=-1)
@click.option(
    "--check", is_flag=True, help="Change nothing; name the files that would change, and exit with 2."
)
@click.option(
    "--hook",
    is_flag=True,
    help="PATHS are changed files, from pre-commit: skip those that gbsync does not read.",
)
def command(*, paths: Sequence[str], check: bool, hook: bool) -> int:
    """Format files: keys in the order of the documentation, two spaces; comments and meaning stay.

    PATHS are files or folders, the current folder unless given; `-` formats stdin onto stdout.
    """
    findings = Findings()
    problems: list[Problem] = []
    changed = 0
    wanted = [path for path in paths if is_gbsync_file(Path(path))] if hook else paths or (".",)
    for path in _files(wanted, findings):
        try:
            changed += _format(path, check=check)
        except ConfigError as error:
            problems += error.problems
    if problems or findings.problems:
        raise ConfigError((*findings.problems, *problems))
    return UNFORMATTED if check and changed else 0


def _files(paths: Sequence[str], findings: Findings) -> Iterator[str]:
    for path in paths:
        if path == STDIN or not is_folder(path):
            yield path
        else:
            yield from map(str, parts_of(Path(path), findings))


def _format(path: str, *, check: bool) -> bool:
    """Whether the file was not as it should be."""
    from reconciler.config.format.fmt import formatted  # noqa: PLC0415 - ruamel only where it formats

    text = _text(path)
    formatted_text = formatted(text, table=KINDS, name=STDIN_NAME if path == STDIN else path)
    if path == STDIN and not check:
        click.echo(formatted_text.encode(), nl=False)  # UTF-8 as it came in, whatever the encoding of stdout
    elif formatted_text != text:
        click.echo(path)
        if not check:
            _write(path, formatted_text)
    return formatted_text != text


def _text(path: str) -> str:
    place = Place(STDIN_NAME if path == STDIN else path)
    try:
        data = sys.stdin.buffer.read() if path == STDIN else read_bytes(path, largest=LARGEST)
        return data.decode()
    except OSError as error:
        message = f"cannot be read: {(error.strerror or 'unreadable').lower()}"
        problem = reading.NO_SUCH_FILE.problem(message, "check the path", place=place)
    except UnicodeDecodeError as error:
        message = f"byte 0x{error.object[error.start]:02x} at offset {error.start} is not UTF-8"
        problem = reading.NOT_UTF8.problem(message, "save the file as UTF-8", place=place)
    raise ConfigError((problem,))


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_bytes(text.encode())
    except OSError as error:
        msg = f"{path}: cannot be written: {(error.strerror or 'read-only').lower()}"
        raise UsageError(msg) from None
