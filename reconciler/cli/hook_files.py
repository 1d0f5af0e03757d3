"""Changed files, as a hook of git names them → what they belong to: the folders and overlays to check."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.config.yaml.files import MAIN_PART, PARTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BASE = "base.yaml"
"""The file that lies under every other one of its folder, as the examples have it."""
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
    """The paths of each run that reads one of the files, or something that stands below its folder."""
    folders = dict.fromkeys(folder for name in changed for folder in _nearest(Path(name)))
    return tuple(paths for folder in folders for paths in _runs(folder))


def _nearest(path: Path) -> Iterator[Path]:
    """The first folder at or above the file that has files of ours; none where there is none."""
    above = (folder for folder in path.parents if any(map(is_gbsync_file, folder.glob("*"))))
    yield from list(above)[:1]


def _runs(folder: Path) -> Iterator[tuple[str, ...]]:
    """A folder of parts is one run; each other file is laid over it, else over the base, else alone."""
    found = sorted(filter(is_gbsync_file, folder.glob("*")))
    parts = [path for path in found if _is_part(path)]
    under = str(folder) if parts else str(folder / BASE) if folder / BASE in found else ""
    overlays = [str(path) for path in found if path not in parts and str(path) != under]
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
