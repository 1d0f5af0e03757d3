"""What all Markdown shares: text from outside as code, folding sections, the bytes that are left."""

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
    """The text as inline code, so that it is no Markdown, mention or link."""
    # Two backticks side by side would be no code but text.
    text = clean(text) or " "
    # A fence that is longer than every run of backticks inside cannot be closed by the text.
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def cell_code(text: str) -> str:
    """The text as inline code that can stand in a table."""
    return code(text).replace("|", PIPE)


def fenced(lines: Iterable[str], language: str = "diff") -> str:
    """The lines as a block of code that none of the lines can end."""
    text = "\n".join(lines)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def marker(name: str) -> str:
    """A hidden line by which the next run finds its own comment."""
    return f"<!-- gbsync {re.sub(r'[^a-zA-Z0-9_.]+', '-', name).strip('-')} -->"


def folding(title: str, body: str, *, is_open: bool = False) -> str:
    """A section that the reader can fold; the title is HTML."""
    return f"<details{' open' if is_open else ''}><summary>{title}</summary>\n\n{body}\n</details>\n\n"


@dataclass(slots=True)
class ByteBudget:
    """How many bytes of the limit are left."""

    left: int

    def take(self, text: str) -> bool:
        """Takes the room of the text, if it fits; returns whether it does."""
        # A title from the API may hold half of a surrogate pair, which plain UTF-8 cannot encode.
        size = len(text.encode("utf-8", "backslashreplace"))
        if size > self.left:
            return False
        self.left -= size
        return True

    def give(self, text: str) -> None:
        """Gives back the room of a text."""
        self.left += len(text.encode("utf-8", "backslashreplace"))
