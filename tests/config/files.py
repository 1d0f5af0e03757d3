"""Files in a folder, and what reading them gives."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from reconciler.config import Config, Options, load
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconciler.diagnostics import Problem

ORGANIZATION = "7fQm2WvA91bXcR0tYk3L"
HEAD = f"version: 1\norganization: {ORGANIZATION}\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes the files and returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def read(folder: Path, *paths: str, stdin: str | None = None, **options: Any) -> Config:
    """What the paths in the folder declare; the folder itself unless paths are named."""
    named = [path if path == "-" else str(folder / path) for path in paths or (".",)]
    source = None if stdin is None else io.TextIOWrapper(io.BytesIO(stdin.encode()))
    return load(named, table=KINDS, options=Options(stdin=source, **options))


def declared(folder: Path, text: str, **options: Any) -> Config:
    """What one file declares, given without its two first lines."""
    write(folder, {"gbsync.yaml": HEAD + text})
    return read(folder, **options)


def problems(folder: Path, *paths: str, **options: Any) -> tuple[Problem, ...]:
    """Every problem with the paths, warnings too."""
    try:
        return read(folder, *paths, **options).problems
    except ConfigError as error:
        return error.problems


def faults(folder: Path, text: str, **options: Any) -> list[str]:
    """What is wrong with one file, given without its two first lines; each problem less the folder."""
    write(folder, {"gbsync.yaml": HEAD + text})
    return [told(problem, folder) for problem in problems(folder, **options)]


def told(problem: Problem, folder: Path) -> str:
    """A problem as people see it, with paths from the folder on."""
    return str(problem).replace(f"{folder}/", "")


def attributes(config: Config, address: str) -> Mapping[str, Any]:
    """What is declared of one address."""
    return {str(key): resource for key, resource in config.resources.items()}[address].attributes
