"""The commit of the files that are applied: it is compared with those that were applied before."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from reconciler.errors import Refused
from reconciler.inputs import is_folder
from reconciler.lock.commits import newer_commit

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 10.0
NOT_IGNORED = 1
"""How `git check-ignore` ends for a file that it does not ignore, in a repository."""


def commit_of(folder: Path) -> str:
    """The commit that is checked out in the folder's repository; empty if there is none."""
    code, text = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return text.strip() if code == 0 else ""


def is_ours(path: Path) -> bool:
    """Whether a file is, or would be, a part of the repository that its folder is in."""
    return _git(path.parent, "check-ignore", "--quiet", "--", path.name)[0] == NOT_IGNORED


def refuse_older(commits: tuple[str, ...], commit: str, folder: Path) -> None:
    """Raises `Refused` if a newer commit was applied already: applying this one would undo it."""

    def is_ancestor(one: str, other: str) -> bool:
        return _git(folder, "merge-base", "--is-ancestor", one, other)[0] == 0

    newer = newer_commit(commits, commit, is_ancestor)
    if newer:
        msg = (
            f"commit {commit[:12]} is older than {newer[:12]}, which was applied last, and would undo what "
            "came after it; apply the newest commit, or add --allow-older"
        )
        raise Refused([msg])


def _git(folder: Path, *args: str) -> tuple[int, str]:
    """The exit code, and what it prints; no code of git's if it cannot be started."""
    where = str(folder) if is_folder(folder) else "."
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            ["git", *args],  # noqa: S607 - the user's own git
            cwd=where,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return -1, ""
    return done.returncode, done.stdout
