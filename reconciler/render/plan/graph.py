"""The order of the steps as a picture: Mermaid, DOT, and the layers that the HTML page draws."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.plan.step import Action
from reconciler.render.clean import clean, inert
from reconciler.render.columns import cut
from reconciler.render.plan.classes import counted_members
from reconciler.render.plan.sentences import label_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.plan.step import Plan, Step
    from reconciler.resources.resource import Address

ALIKE = 3
"""If more steps than this differ only in their keys, they are drawn as one node."""
LONGEST = 64
EMPTY = "empty"
"""The id of the only node of a plan without steps, which says so: a picture of nothing looks like a fault."""
COLORS = {Action.CREATE: "#1a7f37", Action.UPDATE: "#9a6700", Action.DELETE: "#cf222e"}
_PLAIN = re.compile(r"[^\w ./~+-]")


@dataclass(frozen=True, slots=True)
class Node:
    """A step, or several steps that differ only in their keys."""

    id: str
    text: str
    action: Action
    needs: tuple[str, ...] = ()
    """The ids of the nodes that come before it."""
    count: int = 1


def nodes(plan: Plan, *, folded: bool = False) -> tuple[Node, ...]:
    """The steps and what each of them waits for; `folded` makes one node of many similar steps."""
    groups = _alike(plan.steps) if folded else [(step,) for step in plan.steps]
    ids = {step.address: f"n{number}" for number, group in enumerate(groups) for step in group}
    drawn = [_node(f"n{number}", group, ids) for number, group in enumerate(groups)]
    before = _before(drawn)
    return tuple(_direct(node, before) for node in drawn)


def _before(drawn: Iterable[Node]) -> dict[str, frozenset[str]]:
    """For each node, all nodes that come before it, directly or not."""
    needs = {node.id: node.needs for node in drawn}
    known: dict[str, frozenset[str]] = {}

    def before(id_: str) -> frozenset[str]:
        if id_ not in known:
            known[id_] = frozenset()  # ends the recursion if steps should wait for each other
            known[id_] = frozenset(needs[id_]).union(*map(before, needs[id_]))
        return known[id_]

    return {id_: before(id_) for id_ in needs}


def _direct(node: Node, before: Mapping[str, frozenset[str]]) -> Node:
    """The node without those needs that another need already waits for."""
    farther = frozenset().union(*(before[need] for need in node.needs)) - {node.id}
    return replace(node, needs=tuple(need for need in node.needs if need not in farther))


def _alike(steps: Iterable[Step]) -> list[tuple[Step, ...]]:
    """Groups of steps with the same kind, action and parent that no other step waits for."""
    steps = tuple(steps)
    needed = {need for step in steps for need in step.needs}
    groups: dict[object, list[Step]] = {}
    for step in steps:
        key = (step.action, step.address.kind, step.address.parent, step.needs)
        lonely = step.address in needed or step.address.parent is None
        groups.setdefault(step.address if lonely else key, []).append(step)
    return [
        group
        for alike in groups.values()
        for group in ([tuple(alike)] if len(alike) > ALIKE else [(step,) for step in alike])
    ]


def _node(id_: str, group: Sequence[Step], ids: Mapping[Address, str]) -> Node:
    first = group[0]
    needs = tuple(dict.fromkeys(ids[need] for need in first.needs if need in ids))
    if len(group) > 1:
        members = counted_members([step.address for step in group])
        text = f"{first.symbol} {members} of {first.address.root.key}"
    else:
        label = f"{text} " if (text := label_text(first)) else ""
        text = f"{first.symbol} {label}{first.address}"
    return Node(id_, cut(clean(text), LONGEST), first.action, needs, len(group))


def mermaid(plan: Plan, *, folded: bool = False) -> str:
    """The steps as a Mermaid flowchart from left to right."""
    drawn = nodes(plan, folded=folded)
    lines = ["flowchart LR", *([f'  {EMPTY}["{plan.summary}"]'] if not drawn else [])]
    lines += [f'  {node.id}["{_entities(node.text)}"]:::{node.action.value}' for node in drawn]
    lines += [f"  {need} --> {node.id}" for node in drawn for need in node.needs]
    lines += [f"  classDef {action.value} stroke:{color}" for action, color in COLORS.items()]
    return "\n".join(lines) + "\n"


def _entities(text: str) -> str:
    """The text as a Mermaid label: characters that could be Mermaid syntax become numeric entities."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", text)


def dot(plan: Plan, *, folded: bool = False) -> str:
    """The steps as a DOT graph for Graphviz."""
    drawn = nodes(plan, folded=folded)
    lines = ["digraph plan {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    if not drawn:
        lines.append(f'  {EMPTY} [label="{plan.summary}"];')
    for node in drawn:
        text = inert(node.text).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  {node.id} [label="{text}", color="{COLORS[node.action]}"];')
    lines += [f"  {need} -> {node.id};" for node in drawn for need in node.needs]
    return "\n".join([*lines, "}"]) + "\n"


@dataclass(frozen=True, slots=True)
class Layer:
    """Nodes that may start when the layers before them are done."""

    nodes: tuple[Node, ...]


def layers(drawn: Sequence[Node]) -> tuple[Layer, ...]:
    """The nodes by the length of the longest chain before them."""
    known = {node.id: node for node in drawn}
    depths: dict[str, int] = {}

    def depth(id_: str) -> int:
        if id_ not in depths:
            depths[id_] = 0  # ends the recursion if steps should wait for each other
            depths[id_] = 1 + max((depth(need) for need in known[id_].needs), default=-1)
        return depths[id_]

    rows: dict[int, list[Node]] = {}
    for node in drawn:
        rows.setdefault(depth(node.id), []).append(node)
    return tuple(Layer(tuple(rows[row])) for row in sorted(rows))
