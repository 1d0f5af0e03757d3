"""Formats files: keys in the order of the documentation, one indentation, same comments, same meaning."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.config.format.comments import aligned
from reconciler.config.format.escapes import veiled
from reconciler.config.format.order import moved, orders
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read
from reconciler.config.yaml.surrogates import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reconciler.config.yaml.nodes import Map
    from reconciler.resources.kind import Table

_WIDTH = 1_000_000
_ROUNDS = 4
_ODD_BREAK = re.compile("[\r\x85\u2028\u2029]")
"""Characters that end a line for YAML, but not for most editors."""
_COMMENT_MAX = 5000
"""The parser that keeps comments takes time quadratic in them: a file with a longer one is left as it is."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


def formatted(text: str, *, table: Table, name: str = "<text>") -> str:
    """The text as `gbsync fmt` writes it; formatting that again changes nothing.

    Raises `ConfigError` when the text cannot be read. Where a step would lose a comment or change the
    meaning (an alias would come before its anchor, say), that step is left out.
    """
    current = _parse(text, name)
    text = _plain_lines(joined(text)[0])
    if not text.strip():
        return ""  # a lone line break would stay in the first round and go in the next
    if _ODD_BREAK.search(text) or any(len(comment) > _COMMENT_MAX for comment in _comment_texts(text)):
        return text
    for _ in range(_ROUNDS):
        following = _once(text, table, name, current)
        if following == text:
            return text
        text = following
    return text


def _once(text: str, table: Table, name: str, meaning: Map) -> str:
    for step in (_moved_whole, _moved_inside, _emitted):
        changed = step(text, table)
        if changed != text and _is_faithful(text, changed, name, meaning):
            text = changed
    return text


def _moved_whole(text: str, table: Table) -> str:
    return moved(text, _positions(text), table)


def _moved_inside(text: str, table: Table) -> str:
    return moved(text, _positions(text), table, top=False)


def _emitted(text: str, table: Table) -> str:
    """The text written anew: two spaces for a mapping, two and a dash for a list, flow mappings in order."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - only `fmt` needs it

    yaml = _writer()
    out = io.StringIO()
    veil, unveiled = veiled(text)
    try:
        data = yaml.load(veil)
        if not isinstance(data, dict):
            return text
        for ordered in orders(data, table):
            _turn(ordered.node, ordered.wanted())
        _draw_near(data)
        yaml.dump(data, out)
    except (YAMLError, ValueError, TypeError, AttributeError, RuntimeError):
        return text
    return aligned(text, _plain_lines(unveiled(out.getvalue())))


def _writer() -> Any:
    """The writer of ruamel, with `null` written out: by default it writes nothing."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - only `fmt` needs it
    from ruamel.yaml.representer import RoundTripRepresenter  # noqa: PLC0415

    class Representer(RoundTripRepresenter):
        """Writes null as `null`."""

    def null(representer: Any, _: None) -> Any:
        return representer.represent_scalar("tag:yaml.org,2002:null", "null")

    Representer.add_representer(type(None), null)
    yaml = YAML(typ="rt")
    yaml.Representer = Representer
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _draw_near(node: Any) -> None:
    """Puts each comment at the end of a line one space behind what stands there."""
    if not hasattr(node, "ca"):
        return
    for tokens in (*node.ca.items.values(), node.ca.comment or ()):
        for token in tokens:
            if hasattr(token, "start_mark"):
                token.start_mark.column = 0
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            _draw_near(inner)


def _turn(node: Any, order: tuple[str, ...]) -> None:
    """Puts the keys of a mapping in braces into their order."""
    if node.fa.flow_style() and not node.ca.items and not getattr(node, "merge", None):
        for key in order:
            node.move_to_end(key)


def _plain_lines(text: str) -> str:
    """Unix line ends, no byte order mark, no blanks at the ends of the file."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    body = text.strip("\n")
    return f"{body}\n" if body else ""


def _parse(text: str, name: str) -> Map:
    findings = Findings()
    root = read(text.encode(), file=findings.enter(name, Path()), findings=findings)
    findings.stop()
    return root if root is not None else _positions("")


def _positions(text: str) -> Map:
    findings = Findings()
    root = read(text.encode(), file=findings.enter("", Path()), findings=findings, merge=False)
    return _positions("") if root is None else root


def _is_faithful(before: str, after: str, name: str, meaning: Map) -> bool:
    findings = Findings()
    root = read(after.encode(), file=findings.enter(name, Path()), findings=findings)
    if root is None or findings.problems:
        return False
    return _same(root, meaning) and _comments(before) == _comments(after)


def _same(one: Any, other: Any) -> bool:
    """Whether two trees say the same; `1`, `1.0` and `true` are three things."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


def _comments(text: str) -> Counter[str]:
    return Counter(_comment_texts(text))


def _comment_texts(text: str) -> Iterator[str]:
    for comment in _COMMENT.finditer(text):
        yield comment[0].rstrip()
