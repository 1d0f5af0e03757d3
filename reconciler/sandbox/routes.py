"""From method and path to operation: a tree of segments, made from the table of operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.gitbook.operations.operation import Operation

PREFIX = "/v1"


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """The operations at a path, by method, and the segments that its template leaves open."""

    operations: dict[str, Operation]
    segments: tuple[str, ...]

    def params(self, operation: Operation) -> dict[str, str]:
        """The path's parameters, by the names that the operation gives them."""
        names = (param.name for param in operation.params if param.in_ == "path")
        return dict(zip(names, self.segments, strict=True))


class Routes:
    """The routes of some operations."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._root = _Node()
        for operation in operations.values():
            node = self._root
            for segment in operation.path.strip("/").split("/"):
                if segment.startswith("{"):
                    node.any = node.any or _Node()
                    node = node.any
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.operations[operation.method] = operation

    def find(self, path: str) -> Route | None:
        """The route of a percent-encoded path; `None` where the API has nothing."""
        if not path.startswith(f"{PREFIX}/"):
            return None
        node, segments = self._root, []
        for segment in path[len(PREFIX) + 1 :].split("/"):
            if segment in node.fixed:
                node = node.fixed[segment]
            elif node.any is not None and segment:
                node = node.any
                segments.append(unquote(segment))
            else:
                return None
        return Route(node.operations, tuple(segments)) if node.operations else None
