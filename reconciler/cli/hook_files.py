"""The changed files that a git hook names → the folders and overlays to check."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config.yaml.files import MAIN_PART, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BASE = "base.yaml"
"""The file on which the other files of its folder are overlays, as in `examples/ci`."""
_MODELINE = "yaml-language-server:"
_SCHEMA = "gbsync.schema.json"
_SUFFIXES = (".yaml", ".yml")
_HEAD = 4096


def is_gbsync_file(path: Path) -> bool:
    """Whether gbsync reads the file: it has the name of a part, or its first line names the schema."""
    if _is_part(path):
        return path.is_file()
    return path.suffix in _SUFFIXES and path.is_file() and _names_schema(path)


def runs_of(changed: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The paths of each run of `validate` that reads one of the files or is in a folder above it."""
    folders = dict.fromkeys(folder for name in changed for folder in _nearest(Path(name)))
    return tuple(paths for folder in folders for paths in _runs(folder))


def _nearest(path: Path) -> Iterator[Path]:
    """The nearest folder at or above the file that has files of gbsync; nothing if there is none."""
    above = (folder for folder in path.parents if any(map(is_gbsync_file, folder.glob("*"))))
    yield from list(above)[:1]


def _runs(folder: Path) -> Iterator[tuple[str, ...]]:
    """A folder of parts is one run. Each other file is an overlay on them, or on the base, or alone."""
    files = sorted(filter(is_gbsync_file, folder.glob("*")))
    parts = [path for path in files if _is_part(path)]
    under = str(folder) if parts else str(folder / BASE) if folder / BASE in files else ""
    overlays = [str(path) for path in files if path not in parts and str(path) != under]
    if parts or (under and not overlays):
        yield (under,)
    for path in overlays:
        yield (under, path) if under else (path,)


def _is_part(path: Path) -> bool:
    return path.name == MAIN_PART or path.match(PARTS)


def _names_schema(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    comments = takewhile(lambda line: line.startswith("#") or not line.strip(), head.splitlines())
    return any(_MODELINE in line and _SCHEMA in line for line in comments)
