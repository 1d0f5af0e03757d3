"""The commits that were applied to a section, and whether another one is older than the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KEPT = 200
"""How many commits a section keeps: enough for the weeks in which somebody runs an old job again."""


def with_commit(commits: Iterable[str], commit: str) -> tuple[str, ...]:
    """The commits once this one was applied too."""
    if not commit:
        return tuple(commits)
    return (*(item for item in commits if item != commit), commit)[-KEPT:]


def newer_commit(commits: tuple[str, ...], commit: str, is_ancestor: Callable[[str, str], bool]) -> str:
    """The last commit, if this one is older; empty if it is not, or if nobody can tell.

    A commit that was applied before the last one is older, in a shallow clone too. Where git has the history,
    so is an ancestor of the last one that was never applied. A revert is a new commit.
    """
    if not commit or not commits or commit == commits[-1]:
        return ""
    last = commits[-1]
    return last if commit in commits or is_ancestor(commit, last) else ""
