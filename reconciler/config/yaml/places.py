"""The place of each field of a resource, computed only when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.config.yaml.nodes import Map, Seq, key_of, value_of

if TYPE_CHECKING:
    from reconciler.config.yaml.findings import Findings
    from reconciler.diagnostics import Path, Place


class Places(Mapping[tuple[str | int, ...], "Place"]):
    """Maps `("configuration", "channel")` to its place, in the first layer that has the field."""

    __slots__ = ("_findings", "_layers", "_selectors")

    def __init__(
        self, layers: tuple[Map, ...], findings: Findings, selectors: tuple[tuple[str, Map], ...] = ()
    ) -> None:
        self._layers = layers
        self._findings = findings
        self._selectors = selectors

    def __getitem__(self, path: Path) -> Place:
        deepest = position(self._layers, path, value=False)
        if deepest is None or deepest[1] != len(path):
            raise KeyError(path)
        return replace(self._findings.place(deepest[0]), selector=self._selector(path, deepest))

    def _selector(self, path: Path, deepest: tuple[int, int]) -> str:
        """The selector whose body has the field at that place; of two with one body the later, which wins."""
        return next(
            (
                name
                for name, body in reversed(self._selectors)
                if position((body,), path, value=False) == deepest
            ),
            "",
        )

    def __iter__(self) -> Iterator[Path]:
        seen: set[str] = set()
        for layer in self._layers:
            for key, value in layer.items():
                if key not in seen:
                    yield (key,)
                    yield from ((key, *rest) for rest in _paths(value))
            seen.update(layer)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def position(layers: tuple[Map, ...], path: Path, *, value: bool) -> tuple[int, int] | None:
    """The packed position of the deepest value on the path that exists, and how many steps lead to it."""
    layer = next((layer for layer in layers if path and path[0] in layer), None)
    if layer is None:
        return None
    node: Map | Seq = layer
    deepest = (layer.at, 0)
    for depth, key in enumerate(path, start=1):
        if isinstance(node, Map) and key in node:
            mark = node.marks[str(key)]
            deepest = (value_of(mark) if value else key_of(mark), depth)
            node = node[str(key)]
        elif isinstance(node, Seq) and isinstance(key, int) and key < len(node):
            deepest = (node.marks[key], depth)
            node = node[key]
        else:
            break
    return deepest


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, Map):
        for key, inner in value.items():
            yield (key,)
            yield from ((key, *rest) for rest in _paths(inner))
