"""A document as YAML in the style of `fmt`: short mappings on one line, quotes only where they are needed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.config.format.export import Block, ExportEntry
from reconciler.render.clean import clean, inert
from reconciler.render.clean import quoted as in_quotes

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100
"""Columns up to which a mapping stays on one line."""
STEP = "  "
NEWLINE = "\n"
_WORD = r"(?:[A-Za-z0-9_.@/-]|:(?=[A-Za-z0-9/]))"
_PLAIN = re.compile(rf"(?:[A-Za-z_/]|[0-9](?!.*:)(?=.*[g-np-wyzG-NP-WYZ])){_WORD}*(?: {_WORD}+)*")
"""Text that every YAML parser reads as text without quotes, unless it is one of `_WORDS`."""
_ESCAPE = re.compile(r"\\(?:[^xuU]|x..|u.{4}|U.{8})")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class _Quoted(str):
    """A text that is written in quotes on one line, however many lines it has."""

    __slots__ = ()


def document_text(document: Block, *, quoted: bool = False) -> str:
    """The document, with an empty line between its sections.

    With `quoted`, characters outside ASCII occur only in quotes and comments, where they can be escaped.
    """
    document = _in_quotes(document) if quoted else document
    parts: list[str] = []
    for entry in document.entries:
        lines = list(_entry(entry, ""))
        if parts and (isinstance(entry.value, Block) or entry.notes):
            parts.append("")
        parts += lines
    parts += _notes(document.notes, "")
    return "\n".join(parts) + "\n"


def value_text(value: Any, *, quoted: bool = False) -> str:
    """Any JSON value as a YAML document; for `quoted` see `document_text`."""
    value = _in_quotes(value) if quoted else value
    return "\n".join([scalar(value)] if _is_flat(value) else _below(value, "")) + "\n"


def flow_text(value: Any) -> str:
    """Any JSON value as it stands on one line, inside of braces too."""
    return _line(value) or ""


def _in_quotes(value: Any) -> Any:
    match value:
        case Block():
            entries = (replace(entry, value=_in_quotes(entry.value)) for entry in value.entries)
            return replace(value, entries=tuple(entries))
        case Mapping():
            return {key: _in_quotes(item) for key, item in value.items()}
        case list() | tuple():
            return [_in_quotes(item) for item in value]
        case str() if not value.isascii():
            return _Quoted(value)
        case _:
            return value


def _entry(entry: ExportEntry, indent: str) -> Iterator[str]:
    yield from _notes(entry.notes, indent)
    if isinstance(entry.value, Block) and not entry.value.entries:
        yield from _notes(entry.value.notes, indent)
        yield f"{indent}{scalar(entry.key)}: {{}}"
    else:
        yield from _keyed(scalar(entry.key), entry.value, indent)


def _notes(notes: tuple[str, ...], indent: str) -> Iterator[str]:
    return (inert(f"{indent}# {clean(note)}") for note in notes)


def _keyed(key: str, value: Any, indent: str) -> Iterator[str]:
    """`key: value` on one line or several."""
    if isinstance(value, str) and not isinstance(value, _Quoted) and (lines := _paragraphs(value)):
        yield f"{indent}{key}: {'|' if value.endswith(NEWLINE) else '|-'}"
        yield from (f"{indent}{STEP}{line}".rstrip() for line in lines)
        return
    line = _line(value)
    if line is not None and (_is_wide(value) or len(indent) + len(key) + 2 + len(line) <= WIDTH):
        yield f"{indent}{key}: {line}"
        return
    yield f"{indent}{key}:"
    yield from _below(value, indent + STEP)


def _paragraphs(text: str) -> list[str]:
    """The lines of a text that can be written as a block below its key; none if it needs quotes."""
    lines = text.removesuffix(NEWLINE).split(NEWLINE)
    first, last = lines[0], lines[-1]
    if len(lines) == 1 or not first or first.startswith(" ") or not last:
        return []
    return lines if all(inert(clean(line)) == line == line.rstrip() for line in lines) else []


def _below(value: Any, indent: str) -> Iterator[str]:
    match value:
        case Block():
            for entry in value.entries:
                yield from _entry(entry, indent)
            yield from _notes(value.notes, indent)
        case Mapping():
            for key, item in value.items():
                yield from _keyed(scalar(key), item, indent)
        case _:
            for item in value:
                yield from _item(item, indent)


def _item(item: Any, indent: str) -> Iterator[str]:
    """One item of a list; its first line follows the dash."""
    line = _line(item)
    if line is not None and (_is_flat(item) or len(indent) + 2 + len(line) <= WIDTH):
        yield f"{indent}- {line}"
        return
    first, *rest = _below(item, indent + STEP)
    yield f"{indent}- {first.removeprefix(indent + STEP)}"
    yield from rest


def _is_flat(value: Any) -> bool:
    """Whether the value can only be written on one line."""
    return not isinstance(value, Block) and not (value and isinstance(value, Mapping | list | tuple))


def _is_wide(value: Any) -> bool:
    """Whether the value stands on one line however long it is."""
    return value.wide if isinstance(value, Block) else _is_flat(value)


def _line(value: Any) -> str | None:
    """The value on one line; `None` if it holds a comment or a block that is not marked as short."""
    match value:
        case Block():
            return _short(value)
        case Mapping():
            return _joined("{", ((scalar(key), _line(item)) for key, item in value.items()), "}")
        case list() | tuple():
            items = [_line(item) for item in value]
            return f"[{', '.join(item or '' for item in items)}]"
        case _:
            return scalar(value)


def _short(block: Block) -> str | None:
    if not block.short or block.notes or any(entry.notes for entry in block.entries):
        return None
    return _joined("{", ((scalar(entry.key), _line(entry.value)) for entry in block.entries), "}")


def _joined(start: str, items: Iterator[tuple[str, str | None]], end: str) -> str | None:
    found = list(items)
    if any(line is None for _, line in found):
        return None
    return start + ", ".join(f"{key}: {line}" for key, line in found) + end


def scalar(value: Any) -> str:
    """A text, number, boolean or null, in quotes where YAML 1.1 and 1.2 would read it differently."""
    if not isinstance(value, str):
        text = json.dumps(value)
        # YAML 1.1 takes `1e5` for a text; `1.0e5` is a number to both versions.
        return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text
    if _PLAIN.fullmatch(value) and value.casefold() not in _WORDS:
        return value
    # The escapes of `clean` are those of YAML, which has them in either case; fmt writes capitals.
    text = _ESCAPE.sub(lambda found: found[0][:2] + found[0][2:].upper(), in_quotes(value))
    return text.replace("##", "#\\x23")
