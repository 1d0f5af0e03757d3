"""Saved plans as files: recognises them and reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.errors import UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.inputs import is_there, read_bytes

if TYPE_CHECKING:
    from reconciler.plan.step import Plan


def saved_document(paths: tuple[str, ...]) -> dict[str, Any] | None:
    """The document if the only path is a saved plan. Raises `UsageError` for other JSON."""
    path = Path(paths[0])
    if len(paths) != 1 or not _begins_like_json(path):
        return None
    try:
        document = json.loads(read_bytes(path))
    except (OSError, ValueError, RecursionError) as error:
        msg = (
            f"{path}: is not a saved plan that can be read ({error}); write it again with `gbsync plan --out`"
        )
        raise UsageError(msg) from None
    if not isinstance(document, dict) or "gbsync" not in document:
        msg = f"{path}: is JSON, but not a saved plan; name a YAML file, a folder, or what `plan --out` wrote"
        raise UsageError(msg)
    return document


def _begins_like_json(path: Path) -> bool:
    """Whether the file begins with `{`; if it cannot be opened, its reader reports that."""
    try:
        if not path.is_file():  # reading would take the first byte out of a pipe
            return False
        with path.open("rb") as file:
            return file.read(1) == b"{"
    except OSError:
        return False


def refuse_plans(paths: tuple[str, ...]) -> None:
    """Raises `UsageError` for a saved plan among files that are to be read as configuration."""
    for path in filter(_is_plan, paths):
        advice = f"`gbsync show {path}` shows it, and `gbsync apply {path}` carries it out"
        msg = f"{path}: is a saved plan, not a file to plan from; {advice}"
        raise UsageError(msg)


def _is_plan(path: str) -> bool:
    try:
        document = saved_document((path,))
    except UsageError:
        return False
    return document is not None and "resource_changes" in document


def load_saved_plan(path: str) -> Plan:
    """A saved plan, to show it. Raises `UsageError` if the file is not one."""
    from reconciler.plan.saved.document import load  # noqa: PLC0415 - only for a saved plan

    document = saved_document((path,))
    if document is None:
        exists = is_there(path)
        msg = (
            f"{path}: is not a saved plan; `gbsync plan --out FILE` writes one"
            if exists
            else f"{path}: does not exist; check the path"
        )
        raise UsageError(msg)
    return load(document, name=path, table=KINDS).plan
