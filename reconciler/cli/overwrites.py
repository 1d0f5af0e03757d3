"""Refuses an output that is an input, the lock or another output, before anything is read."""

from __future__ import annotations

import os
import stat
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.config.yaml.files import MAIN_PART, PARTS, STDIN
from reconciler.errors import UsageError
from reconciler.inputs import is_folder, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Named = tuple[str, str]
    """What a file is to the command, and its path."""

    Identity = tuple[int, int, str]
    """Device and inode of a file; if it does not exist yet, those of its folder, and its name."""

LOCK: Final = "the lock"
STATE: Final = "the sandbox's state"
SUMMARY: Final = "GITHUB_STEP_SUMMARY"
FOLDS_CASE: Final = ("darwin", "win32")
"""Systems on which `A` and `a` are one file."""


def check(
    outputs: Mapping[str, str | None], *, paths: Iterable[str], read: Iterable[str], stores: Iterable[Named]
) -> None:
    """Raises `UsageError` for an output that a command reads or keeps, or writes twice.

    `read` is what it reads beside PATHS, and `stores` are its lock or the sandbox's state.
    """
    secrets = secrets_in(os.environ.get("GBSYNC_SECRETS_DIR"))
    refuse_overwriting(outputs, inputs=(*inputs_of(paths, read), *secrets), stores=stores)
    refuse_parts(outputs, paths)


def refuse_overwriting(
    outputs: Mapping[str, str | None], *, inputs: Iterable[Named], stores: Iterable[Named] = ()
) -> None:
    """Raises `UsageError` for an output that is an input, another output, or a store: the lock, a state.

    Files are compared, not paths: `a`, `./a`, a link to it and a second name of it are one.
    """
    read = {file: what for what, path in inputs if (file := identity(path))}
    taken: dict[Identity, str] = {file: what for what, path in stores if (file := identity(path))}
    for label, path in _written(outputs):
        output = _stdout() if path == STDIN else identity(path)
        if output is None:
            continue
        where = "stdout" if path == STDIN else f"{label} {path}"
        if output in read:
            msg = f"{where}: is {read[output]}, which it would overwrite; name another file"
            raise UsageError(msg)
        if output in taken:
            msg = f"{where}: is {taken[output]} too; name another file"
            raise UsageError(msg)
        taken[output] = f"the file of {label}"


def refuse_parts(outputs: Mapping[str, str | None], folders: Iterable[str]) -> None:
    """Raises `UsageError` for an output that the next run would read as a part of a folder."""
    parents = {identity(folder): folder for folder in folders if is_folder(folder)}
    for label, path in outputs.items():
        if not path or path == STDIN:
            continue
        name, parent = os.path.basename(path), identity(os.path.dirname(path) or ".")  # noqa: PTH119, PTH120 - texts
        if parent in parents and (name == MAIN_PART or fnmatch(name, PARTS)):
            folder = parents[parent]
            msg = f"{label} {path}: would be read as a part of {folder} from then on; name another file"
            raise UsageError(msg)


def identity(path: str) -> Identity | None:
    """Which file this is; `None` for a device or a pipe, which nothing overwrites."""
    real = resolved(path)
    try:
        file = real.stat()
    except (OSError, ValueError):
        return _to_come(real)
    if not (stat.S_ISREG(file.st_mode) or stat.S_ISDIR(file.st_mode)):
        return None
    return file.st_dev, file.st_ino, ""


def _to_come(real: Path) -> Identity | None:
    """The identity of a file that does not exist yet; `None` if it cannot exist."""
    try:
        folder = real.parent.stat()
    except (OSError, ValueError):
        return None
    name = real.name.casefold() if sys.platform in FOLDS_CASE else real.name
    return folder.st_dev, folder.st_ino, name


def _written(outputs: Mapping[str, str | None]) -> Iterator[Named]:
    """Every file that is written, including stdout and GitHub's job summary."""
    yield "stdout", STDIN
    yield from ((label, path) for label, path in outputs.items() if path and path != STDIN)
    if summary := os.environ.get(SUMMARY):
        yield SUMMARY, summary


def _stdout() -> Identity | None:
    """The file to which stdout was redirected, if it is a file."""
    try:
        file = os.fstat(1)
    except OSError:
        return None
    return (file.st_dev, file.st_ino, "") if stat.S_ISREG(file.st_mode) else None


def inputs_of(paths: Iterable[str], more: Iterable[str]) -> Iterator[Named]:
    """The files that paths name, and others beside them; of a folder its parts."""
    for path in paths:
        if path == STDIN or not is_folder(path):
            yield "an input", "/dev/stdin" if path == STDIN else path
            continue
        folder = Path(path)
        yield from (("an input", str(part)) for part in (folder / MAIN_PART, *folder.glob(PARTS)))
    yield from (("an input", path) for path in more)


def secrets_in(folder: str | None) -> Iterator[Named]:
    """The files of a folder of secrets."""
    if folder and is_folder(folder):
        yield from (("a secret", entry.path) for entry in os.scandir(folder))
