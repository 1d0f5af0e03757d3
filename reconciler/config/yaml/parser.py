"""YAML bytes → values with positions, from the events of PyYAML's C parser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import yaml
from yaml import events as ev

from reconciler.config.rules import reading, slips
from reconciler.config.yaml import surrogates, syntax
from reconciler.config.yaml.nodes import Map, Seq, key_of, pack, pair, value_of
from reconciler.config.yaml.scalars import BOOLEANS, NULLS, AmbiguousNumber, NotJson, plain
from reconciler.resources.secret_names import looks_secret
from reconciler.resources.values import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.config.yaml.findings import Findings

DEPTH_MAX = 64
ALIASED_MAX = 1_000_000
_COLUMN_END = 0xFFFF
_BOM = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_ODD_BREAKS = "\x85\u2028\u2029"
"""These end a line only in YAML 1.1. Other readers take them for text; people do not see them."""
_SMART = frozenset("\u201c\u201d\u201e\u2018\u2019\u201a")
_SMART_END = frozenset("\u201c\u201d\u2018\u2019")
"""Quotes of word processors. Which of them open and which close depends on the language."""
_SELECTOR = "tag"
"""`tag:NAME` is one key: its colon is not a mistake."""
_EXACT_MAX = 2**53
_CORE = "tag:yaml.org,2002:"


class _Merge(str):
    """A `<<` without quotes. One with quotes is an ordinary key."""

    __slots__ = ()


_MERGE = _Merge("<<")


class _Unreadable(Exception):
    """The rest of the file cannot be read. The problem is already reported."""


def read(data: bytes, *, file: int, findings: Findings, merge: bool = True) -> Map | None:
    """The mapping in the file with this number. Reports its problems; `None` if it cannot be read.

    Without `merge`, `<<` stays a key like any other.
    """
    root = _read(data, file, findings, merge=merge)
    if root is None:
        findings.partial = True
    else:
        findings.roots[file] = root
    return root


def _read(data: bytes, file: int, findings: Findings, *, merge: bool) -> Map | None:
    text = _decoded(data, file, findings)
    if text is None or _breaks_oddly(text, file, findings):
        return None
    text, columns = surrogates.joined(text)
    builder = _Builder(file, findings, merge=merge, columns=columns)
    try:
        syntax.follow(syntax.Loader(text), builder.take)
    except _Unreadable:
        return None
    except yaml.YAMLError as error:
        place, message, advice = syntax.explained(error, text)
        findings.add(reading.SYNTAX, message, advice, at=pack(file, *place))
        return None
    return builder.root()


def _decoded(data: bytes, file: int, findings: Findings) -> str | None:
    skipped = len(_BOM) if data.startswith(_BOM) else 0
    data = data[skipped:]
    other = _OTHER_ENCODINGS.get(data[:2])
    if other:
        findings.add(reading.NOT_UTF8, f"the file is {other}", "save it as UTF-8", at=pack(file, 0, 0))
        return None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line, column = syntax.line_and_column(data[: error.start].decode(), error.start)
        message = f"byte 0x{data[error.start]:02x} at offset {error.start + skipped} is not UTF-8"
        findings.add(reading.NOT_UTF8, message, "save the file as UTF-8", at=pack(file, line, column))
        return None


def _breaks_oddly(text: str, file: int, findings: Findings) -> bool:
    """Whether the text has a character that ends a line only for some readers, which is reported."""
    odd_breaks = [(text.index(sign), sign) for sign in _ODD_BREAKS if sign in text]
    if not odd_breaks:
        return False
    at, sign = min(odd_breaks)
    message = f"an invisible U+{ord(sign):04X} ends the line for some readers and is text for others"
    advice = f"remove it, or write \\u{ord(sign):04x} in double quotes"
    findings.add(reading.SYNTAX, message, advice, at=pack(file, *syntax.line_and_column(text, at)))
    return True


class _Builder:
    """Builds the tree of one document, one event at a time."""

    def __init__(self, file: int, findings: Findings, *, merge: bool, columns: surrogates.Columns) -> None:
        self._base = pack(file, 0, 0)
        self._columns = columns
        self._merging = merge
        self._findings = findings
        self._root: Any = None
        self._node: Map | Seq | None = None
        self._key: str | None = None
        self._key_at = 0
        self._key_end = -1
        self._merges: list[tuple[int, Any]] = []
        self._stack: list[tuple[Any, str | None, int, list[tuple[int, Any]], str | None, int]] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._count = 0
        self._aliased = 0
        self._documents = 0
        self._handlers: dict[type, Callable[[Any, int], None]] = {
            ev.ScalarEvent: self._scalar,
            ev.MappingStartEvent: self._open_map,
            ev.SequenceStartEvent: self._open_seq,
            ev.MappingEndEvent: self._close,
            ev.SequenceEndEvent: self._close,
            ev.AliasEvent: self._alias,
            ev.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        """Takes the next event."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            mark = event.start_mark
            column = mark.column
            if self._columns:
                column = surrogates.column_before(self._columns, mark.line, column)
            handler(event, self._base + (mark.line << 16) + (min(_COLUMN_END, column)))

    def root(self) -> Map | None:
        """The finished document; empty if the file is, `None` and reported if it is not a mapping."""
        if self._root is None:
            return Map(self._base)
        if isinstance(self._root, Map):
            return self._root
        message = f"the file is {described(self._root)}, not a mapping"
        self._findings.add(
            reading.NOT_A_MAPPING, message, "begin it with `version: 1` and sections", at=self._base
        )
        return None

    def _document(self, _event: Any, at: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._give_up(
                reading.SEVERAL_DOCUMENTS, "a second document begins here", "put it in a file of its own", at
            )

    def _scalar(self, event: Any, at: int) -> None:
        if type(self._node) is Map and self._key is None:
            self._begin_key(event, at)
            return
        self._count += 1
        text = event.value
        is_plain, is_text = event.implicit
        if is_plain and event.tag is None:
            value = self._plain(text, at)
            if not text and event.start_mark.index == self._key_end:
                self._refuse_lonely_key()
                return
        elif is_text or event.tag == "!":
            value = text
        else:
            value = self._tagged(event.tag, text, at)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, at)

    def _begin_key(self, event: Any, at: int) -> None:
        key = sys.intern(event.value)
        self._key_at = at
        self._key_end = event.end_mark.index
        if event.implicit[0] and key[:1] in _SMART:
            self._check_quotes(key, at)
        if self._merging and key == _MERGE and event.implicit[0]:
            self._key = _MERGE
            return
        node = self._node
        if type(node) is Map and key in node:
            first = self._findings.place(key_of(node.marks[key]))
            message = f"{self._cited(key)} is already set at {first}"
            self._findings.add(reading.DUPLICATE_KEY, message, "remove one of them", at=at, also=(first,))
        self._key = key

    def _cited(self, text: str) -> str:
        """Text of the file as a message may show it: masked where it is secret by a key above it."""
        keys = (self._key, *(key for _, key, *_ in self._stack))
        masked = self._masked_keys()
        return MASK if any(key and looks_secret(key, masked) for key in keys) else f"`{shown(text)}`"

    def _masked_keys(self) -> tuple[str, ...]:
        """The keys in `mask:` as far as they are known: of the files before, and of this one so far."""
        here = (node for node in (*(node for node, *_ in self._stack), self._node) if isinstance(node, Map))
        lists = (root.get("mask") for root in (*self._findings.roots, next(here, Map())))
        names = (name for names in lists if isinstance(names, Seq) for name in names)
        return tuple(name.rpartition("/")[2] for name in names if isinstance(name, str))

    def _refuse_lonely_key(self) -> None:
        """Reports a key without a colon, as in `{key:value}`, and drops it: YAML would set it to null."""
        key = self._key or ""
        name, _, value = key.partition(":")
        cure = f"write {self._cited(f'{name}: {value}')}, with a space after the colon"
        if not value or not name or name == _SELECTOR:
            cure = f"write {self._cited(f'{key}: VALUE')}, or null for the value"
        message = f"{self._cited(key)} is a key without a value"
        self._findings.add(slips.KEY_ALONE, message, cure, at=self._key_at)
        self._key = None

    def _check_quotes(self, text: str, at: int) -> None:
        """Reports quotes that YAML takes for text: around all of it, or around one that a comma cut off."""
        closed = _SMART_END.intersection(text[1:])
        if not closed or text[-1] in _SMART_END:
            message, cure = "these quotes are part of the text", "write plain quotes, \" or '"
            self._findings.add(slips.SMART_QUOTES, message, cure, at=at)

    def _plain(self, text: str, at: int) -> Any:
        try:
            value = plain(text)
        except NotJson:
            self._findings.add(
                reading.NOT_JSON_NUMBER,
                f"{self._cited(text)} cannot be sent as JSON",
                "write a finite number",
                at=at,
            )
        except AmbiguousNumber:
            message = f"{self._cited(text)} is a different number to different programs"
            self._findings.add(
                reading.LEADING_ZERO, message, "quote it if it is text, or remove the zero", at=at
            )
        else:
            if type(value) is int and abs(value) > _EXACT_MAX:
                message = f"{self._cited(text)} is rounded by many readers of JSON"
                self._findings.add(
                    slips.LARGE_INTEGER, message, "quote it if it is an id or other text", at=at
                )
            elif text[:1] in _SMART:
                self._check_quotes(text, at)
            return value
        return text

    def _tagged(self, tag: str, text: str, at: int) -> Any:
        match tag.removeprefix(_CORE):
            case "str":
                return text
            case "null" if text in NULLS:
                return None
            case "bool" if text in BOOLEANS:
                return BOOLEANS[text]
            case "int" | "float" if isinstance(value := self._plain(text, at), int | float):
                return value
        self._refuse_tag(tag, at)
        return text

    def _refuse_tag(self, tag: str, at: int) -> None:
        short = self._cited(tag.replace(_CORE, "!!"))
        advice = "write the value itself, without a tag"
        self._findings.add(reading.FOREIGN_TAG, f"the tag {short} does not fit here", advice, at=at)

    def _open_map(self, event: Any, at: int) -> None:
        self._open(event, Map(at), "map", at)

    def _open_seq(self, event: Any, at: int) -> None:
        self._open(event, Seq(at), "seq", at)

    def _open(self, event: Any, node: Map | Seq, tag: str, at: int) -> None:
        if type(self._node) is Map and self._key is None:
            self._give_up(reading.KEY_NOT_TEXT, "a key is a mapping or a list", "write the key as text", at)
        if event.tag not in (None, "!", _CORE + tag):
            self._refuse_tag(event.tag, at)
        if len(self._stack) >= DEPTH_MAX:
            message = f"values are nested more than {DEPTH_MAX} deep"
            self._give_up(reading.TOO_DEEP, message, "flatten them", at)
        self._count += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._stack.append((self._node, self._key, self._key_at, self._merges, event.anchor, self._count))
        self._node, self._key, self._merges = node, None, []

    def _close(self, _event: Any, _at: int) -> None:
        node = self._node
        merges = self._merges
        self._node, self._key, self._key_at, self._merges, anchor, count = self._stack.pop()
        if merges and isinstance(node, Map):
            self._merge(node, merges)
        if anchor is not None:
            self._anchors[anchor] = (node, 1 + self._count - count)
        self._put(node, node.at)  # type: ignore[union-attr]

    def _alias(self, event: Any, at: int) -> None:
        if type(self._node) is Map and self._key is None:
            self._give_up(reading.KEY_NOT_TEXT, "a key is an alias", "write the key out", at)
        name = event.anchor
        if name not in self._anchors:
            advice = f"define it above with {self._cited(f'&{name}')}, or quote it where it is text"
            self._give_up(reading.BAD_ALIAS, f"the alias {self._cited(f'*{name}')} has no anchor", advice, at)
        anchored = self._anchors[name]
        if anchored is None:
            message = f"{self._cited(f'*{name}')} is part of the value that it stands for"
            self._give_up(reading.BAD_ALIAS, message, "write the value out", at)
        value, size = anchored  # type: ignore[misc]
        self._count += size
        self._aliased += size
        if self._aliased > ALIASED_MAX:
            message = f"the aliases expand to more than {ALIASED_MAX:,} values"
            self._give_up(reading.BAD_ALIAS, message, "use fewer aliases", at)
        self._put(value, at)

    def _put(self, value: Any, at: int) -> None:
        node = self._node
        if type(node) is Map:
            key = self._key
            self._key = None
            if key is _MERGE:
                self._merges.append((at, value))
            elif key is not None:
                node[key] = value
                node.marks[key] = pair(self._key_at, at)
        elif type(node) is Seq:
            node.append(value)
            node.marks.append(at)
        else:
            self._root = value

    def _merge(self, node: Map, merges: list[tuple[int, Any]]) -> None:
        for at, value in merges:
            for source in value if isinstance(value, Seq) else [value]:
                if not isinstance(source, Map):
                    advice = "give it a mapping, or a list of mappings"
                    self._findings.add(reading.BAD_MERGE, "`<<` can merge only mappings", advice, at=at)
                    continue
                for key in source:
                    if key not in node:
                        node.put(key, source[key], source.marks[key])

    def _give_up(self, rule: Any, message: str, advice: str, at: int) -> None:
        self._findings.add(rule, message, advice, at=value_of(at))
        raise _Unreadable


def described(value: Any) -> str:
    """The type of a value, in words for messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return "text"


def as_mapping(value: Any, body: str, otherwise: str) -> str:
    """Advice where a mapping is needed: a list of names is shown as a mapping with this body for each."""
    if not isinstance(value, Seq) or not value or not all(isinstance(item, str) for item in value):
        return otherwise
    return (
        f"write {{{', '.join(f'{item}: {body}' for item in map(shown, value[:_NAMES_SHOWN]))}{_more(value)}}}"
    )


def _more(value: Seq) -> str:
    return ", …" if len(value) > _NAMES_SHOWN else ""


_NAMES_SHOWN = 3
_SHOWN_MAX = 60


def shown(text: str) -> str:
    """Text from a file for a message: one short line without control characters."""
    clean = "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[: _SHOWN_MAX + 1]
    )
    return clean if len(clean) <= _SHOWN_MAX else clean[: _SHOWN_MAX - 1] + "…"
