"""Texts that try to do something where they are shown, by what they aim at; which of them a test takes."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import NIGHTLY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _pytest.mark.structures import MarkDecorator

TERMINAL = (
    "\x1b[31mred",
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[?1049h",
    "\x1b[6n",
    "\x1bP+q544e\x1b\\",
    "\x1bc",
    "\x9b31mred",
    "\x9d0;title\x9c",
    "Plan: 0 to add\x1b[1A\x1b[2K",
    "over\rwritten",
    "bell\x07\x08\x08\x08\x08",
    "form\x0cfeed\x0bvertical",
    "nul\x00byte",
    "\x7f\x7f\x7f",
    "tab\tbed",
)
UNICODE = (
    "\u202eevil\u202c",
    "\u2066isolated\u2069",
    "\u200f\u061cmarks",
    "zero\u200bwidth\u200djoined\ufeff",
    "soft\u00adhyphen",
    "line\u2028separator\u2029paragraph",
    "next\u0085line",
    "tag\U000e0065\U000e0076\U000e0069\U000e006c",
    "lone \ud800 surrogate \udfff",
    "private \ue000 use",
    "hangul \u3164 filler \uffa0",
    "select\ufe00\U000e0100ors",
    "zalgo" + "\u0301\u0316\u0489" * 20,
    "no\u00a0break\u2003space",
)
MARKDOWN = (
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/pixel.png)",
    "@octocat please look",
    "@org/team",
    "fixes #1, closes GH-2",
    "`; rm -rf /`",
    "```\n</details>\n# Approved\n```",
    "````\nout\n````",
    "~~~\nout\n~~~",
    "</details></summary>",
    "<!-- gbsync plan -->",
    "--> shown <!--",
    "| a | b |\n|---|---|",
    "# Heading\n\n- [x] approved",
    "https://evil.example www.evil.example",
    ":shipit: $$x^2$$",
    "> [!NOTE]\n> Approved",
    "\\`\\` \\| \\",
    "[^1]: note",
    "%%{init: {'theme': 'x'}}%%",
    'x"]; click n0 "javascript:alert(1)" "',
    "end\n  n0 --> n99",
    'y", color="red"]; evil [label="',
)
HTML = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "<img src=https://evil.example/x.png>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://evil.example/' onclick='alert(1)",
    "<iframe src=//evil.example></iframe>",
    "<base href=//evil.example>",
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    "<form action=//evil.example><input name=q>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &#60;b&#62;",
    "]]><x>",
    "<details open ontoggle=alert(1)>",
)
RUNNERS = (
    "::set-output name=a::b",
    "::error file=a,line=1::owned",
    "  ::add-mask::x",
    "::stop-commands::token",
    "\n::error::owned",
    "a\r\n::warning::owned",
    "::save-state name=x::y",
    "##[error]owned",
    "x ##[add-matcher]y",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[message text='x']",
    "\x1b[0Ksection_start:1:x\r\x1b[0K",
)
SHEETS = (
    '=HYPERLINK("https://evil.example","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    '","=1+1',
)
JSON = ('","injected":"yes', "\\u0022,\\u0022a\\u0022:1", "__proto__", "(secret #1)", "absent", "$ref")

CLASSES = {
    "terminal": TERMINAL,
    "unicode": UNICODE,
    "markdown": MARKDOWN,
    "html": HTML,
    "runners": RUNNERS,
    "sheets": SHEETS,
    "json": JSON,
}
CORPUS = tuple(text for texts in CLASSES.values() for text in texts)
STRIDE = 4
"""Of the texts that aim at something else one in so many is taken, each by another renderer in turn."""


def chosen(*aims: str, turn: int = 0) -> tuple[str, ...]:
    """Every text that aims at this output, and of each other class those whose turn it is; by night all.

    A made-up plan holds the text in all its positions at once, so that one case covers renderer, class and
    every position. Two texts of one class that do not aim at the output meet the same escaping there: which
    characters are visible is decided in `reconciler.render.clean`, and tested for each character.
    """
    if NIGHTLY:
        return CORPUS
    return tuple(
        text
        for name, texts in CLASSES.items()
        for text in (texts if name in aims else islice(texts, turn % STRIDE, None, STRIDE))
    )


def every_text(*aims: str) -> MarkDecorator:
    """Parametrizes a test of one renderer by `text`."""
    texts = chosen(*aims)
    return pytest.mark.parametrize("text", texts, ids=map(CORPUS.index, texts))


def through_each(makers: Mapping[str, Callable[[str], Any]], *aims: str) -> MarkDecorator:
    """Parametrizes a test by `make`, one of the renderers, and `text`: among them every text has its turn."""
    cases = [
        pytest.param(make, text, id=f"{name}-{CORPUS.index(text)}")
        for turn, (name, make) in zip(cycle(range(STRIDE)), makers.items(), strict=False)
        for text in chosen(*aims, turn=turn)
    ]
    return pytest.mark.parametrize(("make", "text"), cases)
