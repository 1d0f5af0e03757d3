"""The positions of nodes and arrows in the picture of the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.render.columns import columns
from reconciler.render.plan.graph import layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.render.plan.graph import Node

MOST_NODES = 240
"""With more nodes, nobody could read the picture."""
CHAR, MARGIN, GAP, HEIGHT, LINE = 8.0, 12, 56, 28, 40


@dataclass(frozen=True, slots=True)
class Box:
    """A node and where it stands."""

    text: str
    action: str
    x: float
    y: float
    width: float
    height: float = HEIGHT

    @property
    def middle(self) -> float:
        """The height at which arrows meet the box."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes, the paths of the arrows between them, and the size of the picture."""

    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    width: float
    height: float


def drawing(nodes: Sequence[Node]) -> Drawing | None:
    """The picture; `None` if no step waits for another, or if there are too many nodes."""
    if len(nodes) > MOST_NODES or not any(node.needs for node in nodes):
        return None
    boxes = _placed(nodes)
    arrows = tuple(_arrow(boxes[need], boxes[node.id]) for node in nodes for need in node.needs)
    width = max(box.x + box.width for box in boxes.values()) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return Drawing(tuple(boxes.values()), arrows, width, height)


def _placed(nodes: Sequence[Node]) -> dict[str, Box]:
    """The boxes in columns by layer; each box is near the boxes that it waits for."""
    boxes: dict[str, Box] = {}
    x = float(MARGIN)
    for layer in layers(nodes):
        width = max(columns(node.text) for node in layer.nodes) * CHAR + 2 * MARGIN
        ordered = sorted(layer.nodes, key=lambda node: _wanted(node, boxes))
        y = float(MARGIN)
        for node in ordered:
            y = max(y, _wanted(node, boxes))
            boxes[node.id] = Box(node.text, node.action.value, x, y, width)
            y += LINE
        x += width + GAP
    return boxes


def _wanted(node: Node, boxes: Mapping[str, Box]) -> float:
    return min((boxes[need].y for need in node.needs), default=float(MARGIN))


def _arrow(source: Box, target: Box) -> str:
    start, end = source.x + source.width, target.x
    bend = (start + end) / 2
    return (
        f"M{start:g} {source.middle:g}C{bend:g} {source.middle:g} "
        f"{bend:g} {target.middle:g} {end - 5:g} {target.middle:g}"
    )
