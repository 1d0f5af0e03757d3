"""Plans and reports for pull requests and job summaries: within their size, deletions and counts always."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.render.clean import clean

if TYPE_CHECKING:
    from collections.abc import Iterable


COMMENT_LIMIT = 65_536
"""What a comment on GitHub may hold, counted in bytes to be sure."""
SUMMARY_LIMIT = 1_048_576
"""What a job summary on GitHub may hold."""
PIPE = "\\|"
_TICKS = re.compile("`+")


def code(text: str) -> str:
    """The text as inline code: no Markdown, no mention, no link in it."""
    text = clean(text) or " "
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def fenced(lines: Iterable[str], language: str = "diff") -> str:
    """The lines as a block of code that none of them can end."""
    text = "\n".join(lines)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def marker(name: str) -> str:
    """The hidden line by which the next run finds its comment."""
    return f"<!-- gbsync {re.sub(r'[^a-zA-Z0-9_.]+', '-', name).strip('-')} -->"


def folding(title: str, body: str, *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>\n\n{body}\n</details>\n\n"


@dataclass(slots=True)
class ByteBudget:
    """The room that is left, in bytes."""

    left: int

    def take(self, text: str) -> bool:
        """Whether the text fits; if so its room is gone."""
        size = len(text.encode("utf-8", "backslashreplace"))
        if size > self.left:
            return False
        self.left -= size
        return True

    def give(self, text: str) -> None:
        """Takes back the room of a text."""
        self.left += len(text.encode("utf-8", "backslashreplace"))
