"""Texts with `${{ }}` in them → literal pieces and references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SIGNS = re.compile(r"\$\$\{\{|\$\{\{|\$\s+\{\{")
_ESCAPED, _OPEN, _CLOSE = "$${{", "${{", "}}"
_REFERENCE = re.compile(r"\s*(?P<scope>[A-Za-z]+)\.(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*")
_ONE_PASSWORD = re.compile(r"\s*[\"']?op://")


@dataclass(frozen=True, slots=True)
class Reference:
    """`${{ env.X }}`: the scope `env` and the name `X`."""

    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class BrokenExpression:
    """A piece that begins like an expression but is not one."""

    text: str
    one_password: bool = False


Piece = str | Reference | BrokenExpression


def has_expression(text: str) -> bool:
    """Whether the text may contain an expression. Fast; also true for a literal `$${{`."""
    return "{{" in text and "$" in text


@lru_cache(maxsize=65536)
def pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of a text in order; `$${{` has become a literal `${{`. Takes time linear in the text."""
    result: list[Piece] = []
    literal: list[str] = []
    end, last = 0, text.rfind(_CLOSE)
    while sign := _SIGNS.search(text, end):
        literal.append(text[end : sign.start()])
        end = sign.end()
        if sign[0] == _ESCAPED:
            literal.append(_OPEN)
            continue
        result += _joined(literal)
        literal = []
        # Without the comparison each of many `${{` that nobody closes would look through all the rest.
        close = text.find(_CLOSE, end) if sign[0] == _OPEN and end <= last else -1
        result.append(_piece(text[end:close]) if close >= 0 else BrokenExpression(sign[0]))
        end = close + len(_CLOSE) if close >= 0 else end
    return (*result, *_joined([*literal, text[end:]])) or ("",)


def _joined(literal: list[str]) -> tuple[str, ...]:
    text = "".join(literal)
    return (text,) if text else ()


def _piece(inner: str) -> Reference | BrokenExpression:
    whole = f"{_OPEN}{inner}{_CLOSE}"
    if _ONE_PASSWORD.match(inner):
        return BrokenExpression(whole, one_password=True)
    reference = _REFERENCE.fullmatch(inner)
    return Reference(reference["scope"], reference["name"]) if reference else BrokenExpression(whole)
