"""Explains the errors of the YAML parser, and says what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPLAINED = (
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "quote the text, or indent the key",
    ),
    (
        "could not find expected ':'",
        "a key has no `:` after it",
        "end the key with `: `, and quote text of several lines",
    ),
    ("did not find expected key", "a key was expected here", "line it up with the keys above"),
    ("did not find expected '-'", "an item of a list was expected here", "line it up with the items above"),
    ("did not find expected ',' or '}'", "a `{` is not closed", "separate with `,` and close with `}`"),
    ("did not find expected ',' or ']'", "a `[` is not closed", "separate with `,` and close with `]`"),
    ("did not find expected node content", "a value was expected here", "give it one, or close what is open"),
    (
        "block sequence entries are not allowed",
        "a `-` stands where no list can begin",
        "put it on its own line",
    ),
    ("block mapping keys are not allowed", "a key stands where none can be", "put it on its own line"),
    ("cannot start any token", "this value begins with a character that YAML reserves", "quote the value"),
    ("unexpected end of stream", "the file ends inside a quoted text", "close the quote"),
    ("unexpected document indicator", "the document ends inside a quoted text", "close the quote"),
    (
        "invalid Unicode character escape",
        "an escape stands for half a character",
        "write the character itself",
    ),
    (
        "unknown escape character",
        "`\\` begins an escape that YAML does not know",
        "double it, or use single quotes",
    ),
    ("undefined tag handle", "a tag is not known", "quote the value if it begins with `!`"),
    (
        "did not find expected <document start>",
        "there is more text after the end of the document",
        "indent it, or remove it",
    ),
    ("did not find expected <stream-start>", "the file cannot be read", "save it as UTF-8 text"),
    (
        "control characters are not allowed",
        "a control character stands here",
        "remove it, or escape it in double quotes",
    ),
    ("found duplicate anchor", "an anchor is defined twice", "give one of them another name"),
    ("wrongly indented", "a line is not indented as the ones above", "line it up"),
    ("invalid leading UTF-8", "the text is not UTF-8", "save the file as UTF-8"),
    ("special characters are not allowed", "a control character stands here", "remove it"),
)
_FLOW = ("expected ',' or", "expected node content", "could not find expected ':'")
_CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*)$", re.MULTILINE)
_UNKNOWN = ("this is not YAML", "look for a missing quote, colon or indentation just above")


Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML has it; the same events without it, ten times slower."""


def follow(loader: Any, take: Callable[[Any], None]) -> None:
    """Hands every event of a document to `take`, in order."""
    get_event = loader.get_event
    try:
        while (event := get_event()) is not None:
            take(event)
    finally:
        loader.dispose()


def inner_lines(text: str) -> frozenset[int]:
    """The lines, counted from 0, that are inside a value of several lines: no key or comment begins there."""
    inner: set[int] = set()
    starts: list[int] = []

    def take(event: Any) -> None:
        first, last, column = event.start_mark.line, event.end_mark.line, event.end_mark.column
        if isinstance(event, yaml.ScalarEvent):
            last = last if column else last - 1
            inner.update(range(first + 1, last + 1))
        elif isinstance(event, yaml.CollectionStartEvent) and event.flow_style:
            starts.append(first)
        elif isinstance(event, yaml.CollectionStartEvent):
            starts.append(-1)
        elif isinstance(event, yaml.CollectionEndEvent):
            start = starts.pop()
            inner.update(range(start + 1, last + 1) if start >= 0 else ())

    follow(Loader(text), take)
    return frozenset(inner)


def explained(error: yaml.YAMLError, text: str) -> tuple[tuple[int, int], str, str]:
    """Line and column (counted from 0), what is wrong, and what to do."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        complaint = error.problem or ""
        place = (mark.line, mark.column) if mark else (0, 0)
    else:
        complaint = str(getattr(error, "reason", error))
        place = line_and_column(text, getattr(error, "position", 0) or 0)
    conflict = _CONFLICT.search(text)
    if conflict:
        place = line_and_column(text, conflict.start())
        return place, "git left a merge conflict here", "keep one of the two sides"
    if _line(text, place[0])[place[1] :].startswith("\t"):
        return place, "a tab is used to indent", "indent with spaces"
    if "${{" in _line(text, place[0]) and any(sign in complaint for sign in _FLOW):
        return (
            place,
            "without quotes, YAML reads the braces of an expression as a mapping",
            'quote the expression: "${{ … }}"',
        )
    for sign, message, advice in _EXPLAINED:
        if sign in complaint:
            return place, message, advice
    return place, *_UNKNOWN


def _line(text: str, number: int) -> str:
    lines = text.split("\n", number + 1)
    return lines[number] if number < len(lines) else ""


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Line and column from 0 of what stands at a position."""
    before = text[:position]
    return before.count("\n"), len(before) - before.rfind("\n") - 1
