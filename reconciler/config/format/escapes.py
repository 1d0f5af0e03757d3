"""Keeps escapes in double quotes as they are written while a text is formatted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from reconciler.config.yaml.syntax import Loader, follow

if TYPE_CHECKING:
    from collections.abc import Callable

PRIVATE = range(0xE000, 0xF900)
"""Characters without a meaning: YAML takes them as they are."""


def veiled(text: str) -> tuple[str, Callable[[str], str]]:
    r"""The text with stand-ins for its escapes, and the function that puts those back.

    An escape spells out what nobody could see otherwise: `"\u202e"` must not become the character.
    """
    if "\\" not in text:
        return text, str
    taken = frozenset(text)
    free = (char for char in map(chr, PRIVATE) if char not in taken)
    slash, quote = next(free), next(free)
    parts, done = [], 0
    for start, end in _quoted(text):
        escaped = text[start:end]
        if "\n" not in escaped:
            double = escaped.replace("\\\\", slash * 2)
            parts += [text[done:start], double.replace('\\"', quote).replace("\\", slash)]
            done = end
    parts.append(text[done:])
    return "".join(parts), lambda veil: veil.replace(quote, '\\"').replace(slash, "\\")


def _quoted(text: str) -> list[tuple[int, int]]:
    """Where the texts in double quotes begin and end, quotes excluded."""
    spans: list[tuple[int, int]] = []

    def take(event: object) -> None:
        if isinstance(event, yaml.ScalarEvent) and event.style == '"':
            start = text.index('"', event.start_mark.index) + 1  # type: ignore[union-attr]
            spans.append((start, event.end_mark.index - 1))  # type: ignore[union-attr]

    follow(Loader(text), take)
    return spans
