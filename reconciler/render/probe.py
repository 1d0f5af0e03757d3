"""What the probe found, as a table for people and as a JSON document to share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.render.clean import clean, inert
from reconciler.render.columns import columns, fold, pad

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 1
UNKNOWN = "?"
MARK = "~"
NARROWEST = 30
"""Columns that the sentences have at least."""


@dataclass(frozen=True, slots=True)
class ProbeLine:
    """One switch of the sandbox, and what the probe says of it."""

    switch: str
    title: str
    """The heading that it stands under."""
    asks: str
    """A sentence that the value completes; empty for what cannot be asked."""
    value: str | int | float | None
    note: str = ""
    is_usual: bool = True
    """Whether the sandbox does so when nothing is said."""

    @property
    def setting(self) -> str:
        """How the switch is set to the value."""
        return f"{self.switch}={UNKNOWN if self.value is None else self.value}"

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        if self.value is None:
            return f"{self.asks}: not known, {self.note}" if self.asks else self.note
        return f"{self.asks}: {self.value}" + (f" ({self.note})" if self.note else "")


def probe_text(lines: Sequence[ProbeLine], beside: Sequence[tuple[str, str]], *, width: int) -> str:
    """A row for each switch, then what no switch imitates."""
    settings = [clean(line.setting) for line in lines]
    wide = max(map(columns, settings), default=0)
    room = max(NARROWEST, width - wide - 4)
    text: list[str] = []
    for title, line, setting in zip(_titles(lines), lines, settings, strict=True):
        text += title
        mark = " " if line.is_usual or line.value is None else MARK
        first, *rest = fold(clean(line.sentence), room)
        text.append(f"{mark} {pad(setting, wide)}  {first}".rstrip())
        text += [f"{'':{wide + 4}}{more}" for more in rest]
    if beside:
        text += ["", "No switch imitates:"]
        text += [f"  {clean(what)}: {clean(answer)}" for what, answer in beside]
    if any(not line.is_usual and line.value is not None for line in lines):
        text += ["", f"{MARK} differs from what the sandbox does by default."]
    return inert("\n".join(text))


def _titles(lines: Sequence[ProbeLine]) -> list[list[str]]:
    """Before each line its heading, if the line before has another one."""
    before = ["", *(line.title for line in lines)]
    return [
        [] if line.title == last else ["", line.title] if last else [line.title]
        for last, line in zip(before, lines, strict=False)
    ]


def probe_document(
    lines: Sequence[ProbeLine], beside: Sequence[tuple[str, str]], *, program: str
) -> dict[str, Any]:
    """The same as a document without ids, titles and secrets: `gbsync sandbox --like` reads it."""
    return {
        "format": FORMAT,
        "gbsync": program,
        "switches": {
            line.switch: {"value": line.value, **({"note": line.note} if line.note else {})} for line in lines
        },
        "beside": [{"what": what, "answer": answer} for what, answer in beside],
    }
