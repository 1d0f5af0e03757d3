"""What pydantic finds wrong with a value, once for each place: where it stands, and what may stand there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import ValidationError

    from reconciler.diagnostics import Path

MAPPINGS = frozenset({"dict_type", "model_type", "model_attributes_type"})
STRUCTURES = MAPPINGS | {"list_type"}
TYPES = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a number",
    "float_type": "a number",
    "list_type": "a list",
}
_LIMITS = {
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
}
_TAGS = frozenset({"union_tag_invalid", "union_tag_not_found"})
_CHOICE = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class SpecError:
    """Everything that is wrong at one place of a value."""

    path: Path
    value: Any
    """What stands there; `None` where a key is missing."""
    kind: str
    """What is wrong, by pydantic's name for it: `missing`, `string_too_long`."""
    types: tuple[str, ...]
    """Every type error there: a union has one for each of its sides."""
    context: Mapping[str, Any]
    message: str
    """In pydantic's own words, for a kind that nobody has better ones for."""

    @property
    def is_missing(self) -> bool:
        """Whether a required key is not there."""
        return self.kind in {"missing", "union_tag_not_found"}

    @property
    def is_not_allowed(self) -> bool:
        """Whether only a few values may stand there, and this is none of them."""
        return self.kind in {"literal_error", "union_tag_invalid"}

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that may stand there, where these are few."""
        return tuple(
            _CHOICE.findall(str(self.context.get("expected") or self.context.get("expected_tags", "")))
        )

    @property
    def limit(self) -> str:
        """What its size, or the number itself, must be; empty where that is not what is wrong."""
        return _LIMITS.get(self.kind, "").format(**self.context)

    def expected(self, mapping: str) -> str:
        """The types that may stand there, `text or a list`; empty where the type is not what is wrong."""
        words = (mapping if kind in MAPPINGS else TYPES[kind] for kind in self.types)
        return " or ".join(dict.fromkeys(words))


def spec_errors(error: ValidationError, value: Any) -> list[SpecError]:
    """What is wrong with a value that did not fit its spec, in the order in which pydantic says it."""
    by_path: dict[Path, list[Mapping[str, Any]]] = {}
    for item in error.errors(include_url=False, include_input=False):
        by_path.setdefault(_path(item, value), []).append(item)
    return [
        _error(path, _at(value, path), items)
        for path, items in by_path.items()
        if not _is_shadowed(path, by_path)
    ]


def _error(path: Path, value: Any, items: Sequence[Mapping[str, Any]]) -> SpecError:
    types = tuple(item["type"] for item in items if item["type"] in MAPPINGS or item["type"] in TYPES)
    last = items[-1]
    return SpecError(path, value, last["type"], types, last.get("ctx", {}), last["msg"])


def _path(error: Mapping[str, Any], value: Any) -> Path:
    """The place in the value: pydantic's location without the names of a union's sides."""
    path: list[str | int] = []
    node = value
    for step in error["loc"]:
        if _has(node, step):
            path.append(step)
            node = node[step]
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    elif error["type"] in _TAGS:
        path.append(str(error["ctx"]["discriminator"]).strip("'"))
    return tuple(path)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step] if _has(value, step) else None
    return value


def _has(node: Any, step: str | int) -> bool:
    return step in node if isinstance(node, dict) else isinstance(node, list) and isinstance(step, int)


def _is_shadowed(path: Path, paths: Iterable[Path]) -> bool:
    """Each side of a union complains: the side that got further into the value is the one that was meant."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in paths)
