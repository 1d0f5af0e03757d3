"""Values against the spec of their kind: each misfit is said in the words of the file, where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.config.expressions.scope import BROKEN
from reconciler.config.language.shape import keys_at
from reconciler.config.rules import structure, values
from reconciler.config.yaml.parser import described, shown
from reconciler.config.yaml.places import position
from reconciler.diagnostics import dotted
from reconciler.resources.kind import Mark
from reconciler.resources.spec_errors import MAPPINGS, STRUCTURES, TYPES, spec_errors
from reconciler.resources.values import Secret
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from reconciler.config.yaml.findings import Findings
    from reconciler.config.yaml.nodes import Map
    from reconciler.diagnostics import Path
    from reconciler.resources.kind import Kind
    from reconciler.resources.spec_errors import SpecError

_SIZES = {
    "string_too_long": "shorten it",
    "string_too_short": "write more",
    "too_long": "remove some",
    "too_short": "add some",
}
_YES_NO = re.compile(r"(?i)y|yes|n|no|on|off|true|false")
_PAIR = re.compile(r"[\w.-]+:\S")
"""What was meant as a key and a value: without a space after the colon, YAML reads it as text."""


_PASSED_ON = "it is sent to GitBook as it is"


class _Opaque(str):
    """Stands for a single value that is not known: it may be any text, but no mapping and no list."""

    __slots__ = ()


_OPAQUE = _Opaque()
_REPORTED = _Opaque()
"""Stands for a value whose problem was reported already."""


def check(
    kind: Kind, data: Mapping[str, Any], *, layers: tuple[Map, ...], address: str, findings: Findings
) -> bool:
    """Whether the values fit the spec; each that does not is reported."""
    try:
        kind.spec.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        if not _has_secret(data):
            report = _Report(kind, layers, address, findings)
            return report.all_harmless(spec_errors(error, data))
    else:
        return True
    return _check_revealed(kind, data, layers=layers, address=address, findings=findings)


def stray_keys(spec: type[BaseModel], data: Mapping[str, Any]) -> list[Path]:
    """The paths of the keys that the spec does not know, at any depth."""
    try:
        spec.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        return [item.path for item in spec_errors(error, data) if item.kind == "extra_forbidden"]
    return []


def _check_revealed(
    kind: Kind, data: Mapping[str, Any], *, layers: tuple[Map, ...], address: str, findings: Findings
) -> bool:
    """The same with the secrets laid open: to pydantic a `Secret` is of no type at all."""
    revealed = _revealed(data)
    try:
        kind.spec.__pydantic_validator__.validate_python(revealed)
    except ValidationError as error:
        report = _Report(kind, layers, address, findings, declared=data)
        return report.all_harmless(spec_errors(error, revealed))
    return True


def _has_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_secret(item) for item in value)
    return isinstance(value, Secret)


def _revealed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_revealed(item) for item in value]
    if isinstance(value, Secret):
        return value.reveal() if value.known else _REPORTED if value is BROKEN else _OPAQUE
    return value


class _Report:
    """Reports each error where it stands in the file."""

    def __init__(
        self,
        kind: Kind,
        layers: tuple[Map, ...],
        address: str,
        findings: Findings,
        *,
        declared: Any = None,
    ) -> None:
        self._kind = kind
        self._declared = declared
        """The values before their secrets were laid open; `None` where there are no secrets."""
        self._layers = layers
        self._address = address
        self._findings = findings

    def all_harmless(self, errors: Sequence[SpecError]) -> bool:
        """Reports the errors. Whether there was nothing to report: what is not known may still be right."""
        reported = [self._report(error) for error in errors]
        return not any(reported)

    def _report(self, error: SpecError) -> bool:
        value, kind = error.value, error.kind
        if value is _REPORTED or (value is _OPAQUE and kind not in STRUCTURES):
            return False
        if self._is_news(error):
            self._news(error)
            return False
        name = f"`{shown(dotted(error.path))}`"
        if kind == "extra_forbidden":
            self._unknown(error.path)
        elif error.is_missing:
            self._note(structure.MISSING, f"{name} is missing", "add it", error.path)
        elif error.is_not_allowed:
            self._not_allowed(error, name)
        elif error.types:
            message = f"{name} is {described(value)}, not {error.expected('a mapping')}"
            self._note(structure.WRONG_TYPE, message, _type_advice(kind, value), error.path)
        elif value == "":
            self._note(structure.EMPTY_TEXT, f"{name} is empty", "fill it in, or remove the line", error.path)
        else:
            self._note(structure.SIZE, f"{name} {_size(error)}", _SIZES.get(kind, ""), error.path)
        return True

    def _is_news(self, error: SpecError) -> bool:
        """Whether it is only unknown here, at a place that the vendor adds to."""
        field = self._kind.fields.get(str(error.path[0])) if error.path else None
        if field is None or not field.has(Mark.OPEN):
            return False
        if error.kind == "extra_forbidden":
            return True
        # A secret is never a word of the vendor's: sent as one, everybody could read it there.
        is_word = isinstance(error.value, str) and error.value not in self._kind.file.renamed_values
        return error.is_not_allowed and is_word and not self._is_secret(error.path)

    def _news(self, error: SpecError) -> None:
        path, is_key = error.path, error.kind == "extra_forbidden"
        known = keys_at(self._kind.spec, path[:-1]) if is_key else error.choices
        word = str(path[-1]) if is_key else error.value
        message = f"`{shown(word)}` is not known to this gbsync"
        advice = did_you_mean(word, known, _PASSED_ON)
        self._note(structure.NEWS, message, advice, path, value=not is_key)

    def _unknown(self, path: Path) -> None:
        key = str(path[-1])
        known = keys_at(self._kind.spec, path[:-1])
        if key in known:
            message = f"`{shown(key)}` does not go with what stands beside it"
            self._note(structure.UNKNOWN_KEY, message, "keep one of them", path, value=False)
            return
        advice = did_you_mean(key, known, f"known here: {', '.join(known)}" if known else "remove it")
        self._note(structure.UNKNOWN_KEY, f"`{shown(key)}` is not known here", advice, path, value=False)

    def _not_allowed(self, error: SpecError, name: str) -> None:
        value, path = error.value, error.path
        one_of = f"write one of: {', '.join(error.choices)}"
        if not isinstance(value, str):
            self._note(structure.WRONG_TYPE, f"{name} is {described(value)}, not text", one_of, path)
        elif self._is_secret(path):
            self._note(structure.NOT_ALLOWED, f"{name} is not one of the values allowed", one_of, path)
        elif value in self._kind.file.renamed_values:
            now = self._kind.file.renamed_values[value]
            self._note(
                values.GONE, f"{name}: `{value}` no longer exists", f"write its new name, `{now}`", path
            )
        else:
            message = f"{name} is not one of the values allowed: `{shown(value)}`"
            self._note(structure.NOT_ALLOWED, message, did_you_mean(value, error.choices, one_of), path)

    def _is_secret(self, path: Path) -> bool:
        """Whether what stands there was a secret before it was laid open to be checked."""
        node: Any = self._declared
        for step in path if node is not None else ():
            node = node if isinstance(node, Secret) else node[step]
        return isinstance(node, Secret)

    def _note(self, rule: Any, message: str, advice: str, path: Path, *, value: bool = True) -> None:
        deepest = position(self._layers, path, value=value)
        at = self._layers[0].at if deepest is None else deepest[0]
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
    return "write a value, or remove the line" if value is None else _form_advice(kind, value)


def _form_advice(kind: str, value: Any) -> str:
    if kind not in MAPPINGS:
        return f"write {TYPES[kind]}"
    is_pair = isinstance(value, str) and _PAIR.match(value)
    return f"write KEY: VALUE{', with a space after the colon' if is_pair else ''}"


def _size(error: SpecError) -> str:
    """Only a list's size is shown: a text may be a secret."""
    if not error.limit:
        return "does not fit"
    size = f", and has {len(error.value)}" if isinstance(error.value, list | dict) else ""
    return f"must have {error.limit}{size}"
