"""Which files are read, and which files they may name."""

from __future__ import annotations

import errno
import os
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config.rules import reading, values
from reconciler.config.sources.disk import DISK
from reconciler.config.yaml import overlays as overlay
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.nodes import Map
from reconciler.config.yaml.parser import read, shown
from reconciler.diagnostics import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.config.options import Options
    from reconciler.config.sources.disk import FileSource
    from reconciler.diagnostics import Problem

STDIN = "-"
STDIN_NAME = "<stdin>"
VERSION = "version"
MAIN_PART = "gbsync.yaml"
PARTS = "*.gbsync.yaml"
LARGEST = 64 * 1024 * 1024
"""The most bytes that a file may have."""
GIT = ".git"


class Unfit(Exception):
    """A named file cannot be used: the rule it breaks, what is wrong, and what to do."""


def read_all(paths: Sequence[str], *, options: Options, findings: Findings) -> Map:
    """Reads all paths into one mapping: files, `-` or folders. Later ones override earlier ones."""
    layers = [_read_path(path, options, findings) for path in paths]
    # Up to here, `findings.read` holds only the inputs; later also manifests and variable files.
    findings.silent += [name for name, root in findings.read if not root.keys() - {VERSION}]
    return overlay.overlaid(layers)


def first_folder(paths: Sequence[str], source: FileSource = DISK) -> Path:
    """The folder of the first path, which is also the folder of the lock."""
    first = Path(paths[0]) if paths and paths[0] != STDIN else Path()
    return first if source.is_folder(first) else first.parent


def project_folder(folder: Path) -> Path:
    """The git repository around the folder, else the folder itself. Named files must be inside."""
    here = DISK.resolved(folder)
    return next((place for place in (here, *here.parents) if DISK.is_there(place / GIT)), here)


def _read_path(path: str, options: Options, findings: Findings) -> Map:
    if path == STDIN:
        return _parsed(_stdin(options), STDIN_NAME, Path(), findings)
    if not path:
        findings.add(reading.NO_SUCH_FILE, "an empty path names no file", "leave it out, or name a file")
        findings.partial = True
        return Map()
    if not findings.source.is_folder(path):
        return read_file(Path(path), findings)
    parts = parts_of(Path(path), findings)
    return overlay.joined([read_file(part, findings) for part in parts], findings)


def parts_of(folder: Path, findings: Findings) -> tuple[Path, ...]:
    """The parts in a folder, `gbsync.yaml` first. Reports wrong suffixes, and a folder without parts."""
    names = tuple(findings.source.names(folder))
    others = sorted(folder / name for name in names if name != MAIN_PART and fnmatch(name, PARTS))
    main = folder / MAIN_PART
    parts = (main, *others) if MAIN_PART in names else tuple(others)
    almost = sorted(filter(_is_almost_part, (folder / name for name in names if fnmatch(name, "*.yml"))))
    for name in almost:
        advice = f"rename it to {name.stem}.yaml"
        findings.add(
            reading.OTHER_SUFFIX,
            "this file is not read: its name must end in .yaml",
            advice,
            at=Place(str(name)),
        )
    if not parts and not almost:
        message = f"{folder} has no {MAIN_PART} and no {PARTS}"
        advice = "run `gbsync init`, or name the files"
        findings.add(reading.NOTHING_TO_READ, message, advice, at=Place(str(main)))
    findings.partial = findings.partial or bool(almost) or not parts
    return parts


def _is_almost_part(path: Path) -> bool:
    return path.stem == Path(MAIN_PART).stem or path.stem.endswith(".gbsync")


def read_file(path: Path, findings: Findings) -> Map:
    """One file as a mapping; empty, and reported, if it cannot be read."""
    try:
        data = findings.source.read(path, largest=LARGEST)
    except OSError as error:
        rule = reading.TOO_LARGE if error.errno == errno.EFBIG else reading.NO_SUCH_FILE
        reason = (error.strerror or "unreadable").lower()
        findings.add(rule, f"cannot be read: {reason}", "check the path", at=Place(str(path)))
        findings.partial = True
        return Map()
    return _parsed(data, str(path), path.parent, findings)


def inputs_of(paths: Sequence[str]) -> tuple[str, ...]:
    """The files that the paths name; of a folder its parts."""
    findings = Findings()
    return tuple(
        str(part)
        for path in paths
        for part in (parts_of(Path(path), findings) if DISK.is_folder(path) else (path,))
    )


def read_document(path: str) -> tuple[Map, tuple[Problem, ...]]:
    """A YAML file that is no part of the configuration, and what is wrong with it."""
    findings = Findings()
    document = read_file(Path(path), findings)
    return document, findings.problems


def _parsed(data: bytes, name: str, folder: Path, findings: Findings) -> Map:
    number = findings.enter(name, folder)
    if len(data) > LARGEST:
        message = f"the file has more than {LARGEST // 1024 // 1024} MiB"
        findings.add(reading.TOO_LARGE, message, "check the path", at=Place(name))
        findings.partial = True
        return Map()
    root = read(data, file=number, findings=findings)
    return Map() if root is None else root


def _stdin(options: Options) -> bytes:
    if options.stdin is None:
        return b""
    buffer = getattr(options.stdin, "buffer", None)
    return options.stdin.read().encode() if buffer is None else bytes(buffer.read(LARGEST + 1))


def named_file(path: str, *, folder: Path, project: Path, source: FileSource = DISK) -> tuple[str, bytes]:
    """The path to show and the content of a file that is named in a file in `folder`. Raises `Unfit`."""
    if not path.strip():
        raise Unfit(values.BAD_FILE, "the path is empty", "write the path of a file")
    if "\0" in path:
        raise Unfit(values.FILE_UNREADABLE, "the path has a NUL in it", "remove it")
    place = folder / path
    real = source.resolved(place)
    if not real.is_relative_to(project):
        raise Unfit(
            values.OUTSIDE_PROJECT,
            f"{shown(path)} is outside the project folder",
            "move it into the project, or copy it there before gbsync runs",
        )
    if GIT in real.relative_to(project).parts:
        advice = "name a file of the project; git keeps credentials there"
        raise Unfit(values.OUTSIDE_PROJECT, f"{shown(path)} is in {GIT}", advice)
    try:
        return os.path.normpath(place), source.read(real, largest=LARGEST)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        reason = "is a folder" if isinstance(error, IsADirectoryError) else "does not exist"
        advice = "the path is relative to this file"
        raise Unfit(values.FILE_UNREADABLE, f"{shown(path)} {reason}", advice) from error
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        message, advice = f"{shown(path)} cannot be read: {reason}", "check the path and its permissions"
        raise Unfit(values.FILE_UNREADABLE, message, advice) from error
