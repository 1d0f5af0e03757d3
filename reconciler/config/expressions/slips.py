"""Warns of values that were most likely meant as expressions. They are used as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reconciler.config.language.settings import FREE
from reconciler.config.rules import slips
from reconciler.config.yaml.nodes import Map, Seq, mark_of, value_of
from reconciler.resources.kind import Mark
from reconciler.resources.secret_names import looks_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.config.rules.rule import Rule
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Table

_SCOPES = ("env", "var", "secret")
_OURS = re.compile(r"\${1,2}\s*\{\{")
"""What gbsync reads itself: `${{`, the literal `$${{`, and `$ {{`, which has a rule of its own."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_SHELL = re.compile(r"(?<!\S)\$([A-Z_][A-Z0-9_]*)(?![\w{(])")
"""`$NAME` at the start of a word, but not `US$100`, `$5` or `$schema`."""


def check_slips(root: Map, *, table: Table, findings: Findings) -> None:
    """Reports each text that looks like an expression of another tool."""
    words = (*_SCOPES, *dict.fromkeys(kind.word for kind in table.values() if kind.file.catalogue))
    code = frozenset(
        name
        for kind in table.values()
        for name, field in kind.fields.items()
        if field.has(Mark.WRITE_ONLY) and not field.has(Mark.SECRET)
    )
    look = _Look(words)
    for node, key, secret in _texts(root, code):
        slip = look.at(node[key])
        if slip:
            rule, message, cure = slip
            cure = re.sub(r"\.[^ }]+", ".NAME", cure) if secret else cure
            findings.add(rule, message, f"write `{cure}`", at=value_of(mark_of(node, key)))


class _Look:
    """The forms of other tools, with the words that mean something to gbsync."""

    def __init__(self, words: Iterable[str]) -> None:
        named = rf"(?:{'|'.join(words)})\.[A-Za-z_][\w.-]*"
        self._dollar = re.compile(rf"\$\{{\s*(?:({named})|({_NAME}))\s*\}}")
        self._braces = re.compile(rf"\{{\{{-?\s*({named})\s*-?\}}\}}")

    def at(self, text: str) -> tuple[Rule, str, str] | None:
        """The rule that the text breaks, what is wrong, and how to write it; `None` if nothing is wrong."""
        if "$" not in text and "{{" not in text:
            return None
        rest = _OURS.sub(" ", text)
        if match := self._dollar.search(rest):
            message = "`${ }` is not filled in, and would be sent as text"
            return slips.DOLLAR_BRACE, message, _expression(match[1] or f"env.{match[2]}")
        if match := self._braces.search(rest):
            message = "`{{ }}` without its dollar is not filled in, and would be sent as text"
            return slips.BRACES, message, _expression(match[1])
        if match := _SHELL.search(rest):
            message = "a shell's variable is not filled in, and would be sent as text"
            return slips.SHELL_VARIABLE, message, _expression(f"env.{match[1]}")
        return None


def _expression(name: str) -> str:
    return f"${{{{ {name} }}}}"


def _texts(root: Map, code: frozenset[str]) -> Iterator[tuple[Any, Any, bool]]:
    """Each text of one line: its place, and whether it may be a secret. Scripts are skipped."""
    queue: list[tuple[Map | Seq, bool]] = [(root, False)]
    seen = {id(root)}
    while queue:
        node, secret = queue.pop()
        for key, value in node.items() if isinstance(node, Map) else enumerate(node):
            if key in code or (node is root and str(key).startswith(FREE)):
                continue
            hidden = secret or (isinstance(key, str) and looks_secret(key))
            if isinstance(value, str):
                if "\n" not in value:
                    yield node, key, hidden
            elif isinstance(value, Map | Seq) and id(value) not in seen:
                seen.add(id(value))
                queue.append((value, hidden))
