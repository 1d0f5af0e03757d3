"""Texts with `${{ }}` in them → literal pieces and references."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SIGNS = re.compile(r"\$\$\{\{|\$\{\{(?P<inner>.*?)\}\}|\$\s+\{\{|\$\{\{", re.DOTALL)
_REFERENCE = re.compile(r"\s*(?P<scope>[A-Za-z]+)\.(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*")
_ONE_PASSWORD = re.compile(r"\s*[\"']?op://")


@dataclass(frozen=True, slots=True)
class Reference:
    """`${{ env.X }}`: the scope `env` and the name `X`."""

    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece that begins like an expression and is none."""

    text: str
    one_password: bool = False


Piece = str | Reference | Broken


def has_expression(text: str) -> bool:
    """Whether the text is more than itself; cheap, and true for a literal `$${{` too."""
    return "{{" in text and "$" in text


@lru_cache(maxsize=65536)
def pieces(text: str) -> tuple[Piece, ...]:
    """The pieces of a text in order; `$${{` has become a literal `${{`."""
    found: list[Piece] = []
    literal = ""
    end = 0
    for sign in _SIGNS.finditer(text):
        literal += text[end : sign.start()]
        end = sign.end()
        if sign[0] == "$${{":
            literal += "${{"
            continue
        if literal:
            found.append(literal)
        literal = ""
        found.append(_piece(sign[0], sign["inner"]))
    literal += text[end:]
    return tuple([*found, literal] if literal or not found else found)


def _piece(whole: str, inner: str | None) -> Reference | Broken:
    if inner is None:
        return Broken(whole)
    if _ONE_PASSWORD.match(inner):
        return Broken(whole, one_password=True)
    reference = _REFERENCE.fullmatch(inner)
    return Reference(reference["scope"], reference["name"]) if reference else Broken(whole)
