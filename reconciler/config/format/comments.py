"""Comments on their own lines, moved to the indentation of what they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.config.yaml.syntax import inner_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_DASH = re.compile(r"( *)((?:- +)*)")


@dataclass(frozen=True, slots=True)
class _Remark:
    """A comment: its line, its text, how deep it stands, and the margins that are open around it."""

    line: int
    text: str
    column: int
    above: tuple[int, ...]
    below: int

    @property
    def level(self) -> int:
        """-1: it goes with what follows; else the position among the margins above of what it goes with."""
        if self.column <= self.below:
            return -1
        fitting = [index for index, margin in enumerate(self.above) if margin <= self.column]
        return fitting[-1] if fitting else -1

    def margin(self, level: int) -> int:
        """The column of a comment of that level here."""
        if level < 0 or not self.above:
            return max(self.below, 0)
        return self.above[min(level, len(self.above) - 1)]


def aligned(before: str, after: str) -> str:
    """`after` with its comments at the margins that they had in `before`, if they come in the same order."""
    old, new = list(_remarks(before)), list(_remarks(after))
    if [remark.text for remark in old] != [remark.text for remark in new]:
        return after
    lines = after.split("\n")
    for was, now in zip(old, new, strict=True):
        lines[now.line] = " " * now.margin(was.level) + now.text
    return "\n".join(lines)


def _remarks(text: str) -> Iterator[_Remark]:
    lines = text.split("\n")
    inner = inner_lines(text)
    above: tuple[int, ...] = ()
    waiting: list[int] = []
    for number, line in enumerate([*lines, ""]):
        stripped = line.strip()
        if number in inner or (not stripped and number < len(lines)):
            continue
        if stripped.startswith("#"):
            waiting.append(number)
            continue
        attached = _attached(line) if stripped else (-1,)
        for item in waiting:
            column = len(lines[item]) - len(lines[item].lstrip())
            yield _Remark(item, lines[item].strip(), column, above, attached[0])
        waiting = []
        above = (*(margin for margin in above if margin < attached[0]), *attached)


def _attached(line: str) -> tuple[int, ...]:
    """The columns at which something begins in a line: its first, and one after each dash."""
    match = _DASH.match(line)
    indent, dashes = match.groups() if match else ("", "")
    starts = [len(indent)]
    for dash in re.finditer(r"- +", dashes):
        starts.append(len(indent) + dash.end())  # noqa: PERF401 - reads better than a sum of generators
    return tuple(starts)
