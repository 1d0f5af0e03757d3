"""Values against the spec of their kind: pydantic finds what is wrong, this says it in the file's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.config.expressions.scope import BROKEN
from reconciler.config.language.shape import keys_at
from reconciler.config.rules import structure, values
from reconciler.config.yaml.parser import described, shown
from reconciler.config.yaml.places import Path, position
from reconciler.resources.values import Secret
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.config.yaml.findings import Findings
    from reconciler.config.yaml.nodes import Map
    from reconciler.resources.kind import Kind

_TYPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_SIZES = {
    "string_too_long": "shorten it",
    "string_too_short": "say more",
    "too_long": "remove some",
    "too_short": "add some",
}
_YES_NO = re.compile(r"(?i)y|yes|n|no|on|off|true|false")
_MAPPINGS = frozenset({"dict_type", "model_type", "model_attributes_type"})
_PAIR = re.compile(r"[\w.-]+:\S")
"""What was meant as a pair: without a space after its colon it is a text to YAML."""
_UNIONS = frozenset({"union_tag_invalid", "union_tag_not_found"})


class _Opaque(str):
    """Stands for a single value that is not known: it may be any text, but no mapping and no list."""

    __slots__ = ()


_OPAQUE = _Opaque()
_SPOILT = _Opaque()
"""Stands for a value whose problem is noted already."""
_STRUCTURES = frozenset({"list_type", "dict_type", "model_type", "model_attributes_type"})


def check(
    kind: Kind, data: Mapping[str, Any], *, layers: tuple[Map, ...], address: str, findings: Findings
) -> bool:
    """Whether the values fit the spec; notes each that does not."""
    try:
        kind.spec.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
    else:
        return True
    if _special(data):
        return _check_special(kind, data, layers=layers, address=address, findings=findings)
    return _Report(kind, data, layers, address, findings).errors(found)


def _check_special(
    kind: Kind, data: Mapping[str, Any], *, layers: tuple[Map, ...], address: str, findings: Findings
) -> bool:
    bare = _bare(data)
    try:
        kind.spec.__pydantic_validator__.validate_python(bare)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        return _Report(kind, bare, layers, address, findings, declared=data).errors(found)
    return True


def _special(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_special(item) for item in value.values())
    if isinstance(value, list):
        return any(_special(item) for item in value)
    return isinstance(value, Secret)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, Secret):
        return value.reveal() if value.known else _SPOILT if value is BROKEN else _OPAQUE
    return value


class _Report:
    """Says what pydantic found, where it stands in the file, once for each place."""

    def __init__(
        self,
        kind: Kind,
        data: Mapping[str, Any],
        layers: tuple[Map, ...],
        address: str,
        findings: Findings,
        *,
        declared: Mapping[str, Any] | None = None,
    ) -> None:
        self._kind = kind
        self._data = data
        self._declared = data if declared is None else declared
        self._layers = layers
        self._address = address
        self._findings = findings

    def errors(self, found: list[Any]) -> bool:
        """Whether nothing was worth saying."""
        located = [(*self._walk(error["loc"], error["type"]), error) for error in found]
        wanted: dict[Path, list[str]] = {}
        for path, _, error in located:
            wanted.setdefault(path, []).append(_TYPES.get(error["type"], ""))
        deepest = {
            path: (value, error) for path, value, error in located if not self._is_shadowed(path, located)
        }
        said = [self._say(path, *deepest[path], wanted=wanted[path]) for path in deepest]
        return not any(said)

    def _is_shadowed(self, path: Path, located: list[tuple[Path, Any, Any]]) -> bool:
        """A union complains once for each of its sides: the side that got further was meant."""
        return any(len(other) > len(path) and other[: len(path)] == path for other, _, _ in located)

    def _walk(self, loc: tuple[str | int, ...], kind: str) -> tuple[Path, Any]:
        """The path in the file, less what pydantic adds to it, and the value there."""
        path: list[str | int] = []
        node: Any = self._data
        step: Any
        for index, step in enumerate(loc):
            if (isinstance(node, dict) and step in node) or (
                isinstance(node, list) and isinstance(step, int)
            ):
                node = node[step]
                path.append(step)
            elif index == len(loc) - 1 and kind == "missing":
                path.append(step)
                return tuple(path), None
        return tuple(path), node

    def _say(self, path: Path, value: Any, error: Any, *, wanted: list[str]) -> bool:
        kind = error["type"]
        if value is _SPOILT or (value is _OPAQUE and kind not in _STRUCTURES):
            return False
        context = error.get("ctx", {})
        name = f"`{shown(_dotted(path))}`"
        if kind == "extra_forbidden":
            self._unknown(path)
        elif kind == "missing":
            self._note(structure.MISSING, f"{name} is missing", "add it", path[:-1])
        elif kind in _UNIONS:
            self._tag(path, value, context)
        elif kind == "literal_error":
            self._literal(path, value, context)
        elif kind in _TYPES:
            advice = _type_advice(kind, value)
            types = " or ".join(dict.fromkeys(filter(None, wanted)))
            self._note(structure.WRONG_TYPE, f"{name} is {described(value)}, not {types}", advice, path)
        elif value == "":
            self._note(structure.EMPTY_TEXT, f"{name} is empty", "fill it in, or remove the line", path)
        else:
            self._note(structure.SIZE, f"{name} {_limit(kind, context, value)}", _SIZES.get(kind, ""), path)
        return True

    def _unknown(self, path: Path) -> None:
        key = str(path[-1])
        known = keys_at(self._kind.spec, path[:-1])
        if key in known:
            message = f"`{shown(key)}` does not go with what stands beside it"
            self._note(structure.UNKNOWN_KEY, message, "keep one of them", path, value=False)
            return
        advice = did_you_mean(key, known, f"known here: {', '.join(known)}" if known else "remove it")
        self._note(structure.UNKNOWN_KEY, f"`{shown(key)}` is not known here", advice, path, value=False)

    def _tag(self, path: Path, value: Any, context: Mapping[str, Any]) -> None:
        key = str(context.get("discriminator", "")).strip("'")
        allowed = [
            item.strip(" '") for item in str(context.get("expected_tags", "")).split(",") if item.strip()
        ]
        if isinstance(value, dict) and key in value:
            tag = str(value[key])
            advice = did_you_mean(tag, allowed, f"one of: {', '.join(allowed)}")
            message = f"`{shown(_dotted((*path, key)))}` is not one of the values allowed"
            self._note(structure.NOT_ALLOWED, message, advice, (*path, key))
        else:
            self._note(structure.MISSING, f"`{shown(_dotted((*path, key)))}` is missing", "add it", path)

    def _literal(self, path: Path, value: Any, context: Mapping[str, Any]) -> None:
        allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        name = f"`{shown(_dotted(path))}`"
        if not isinstance(value, str):
            message = f"{name} is {described(value)}, not text"
            self._note(structure.WRONG_TYPE, message, f"one of: {', '.join(allowed)}", path)
            return
        if self._is_secret(path):
            advice = f"one of: {', '.join(allowed)}"
            self._note(structure.NOT_ALLOWED, f"{name} is not one of the values allowed", advice, path)
            return
        if value in self._kind.file.renamed_values:
            now = self._kind.file.renamed_values[value]
            self._note(values.GONE, f"{name}: `{value}` no longer exists", f"it is called `{now}` now", path)
            return
        advice = did_you_mean(value, allowed, f"one of: {', '.join(allowed)}")
        message = f"{name} is not one of the values allowed: `{shown(value)}`"
        self._note(structure.NOT_ALLOWED, message, advice, path)

    def _is_secret(self, path: Path) -> bool:
        """Whether what stands there was a secret before it was laid bare to be checked."""
        node: Any = self._declared
        for step in path:
            node = node if isinstance(node, Secret) else node[step]
        return isinstance(node, Secret)

    def _note(self, rule: Any, message: str, advice: str, path: Path, *, value: bool = True) -> None:
        found = position(self._layers, path, value=value)
        at = self._layers[0].at if found is None else found[0]
        self._findings.add(rule, message, advice, at=at, address=self._address)


def _type_advice(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return "quote it"
    if kind == "bool_type" and isinstance(value, str) and _YES_NO.fullmatch(value):
        return "write true or false, without quotes"
    if kind == "list_type":
        return "write [ITEM, ITEM]"
    if kind == "string_type" and isinstance(value, dict):
        return "write text, or {file: PATH}"
    return "write a value, or remove the line" if value is None else _made(kind, value)


def _made(kind: str, value: Any) -> str:
    if kind in _MAPPINGS and isinstance(value, str) and _PAIR.match(value):
        return "write KEY: VALUE, with a space after the colon"
    return f"make it {_TYPES[kind]}"


def _limit(kind: str, context: Mapping[str, Any], value: Any) -> str:
    match kind:
        case "string_too_long":
            return f"is longer than {context['max_length']} characters"
        case "string_too_short":
            return f"is shorter than {context['min_length']} characters"
        case "too_long":
            return f"has {len(value)} entries, {context['max_length']} at most"
        case "too_short":
            return f"has {len(value)} entries, {context['min_length']} at least"
        case _:
            return "does not fit"


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)
