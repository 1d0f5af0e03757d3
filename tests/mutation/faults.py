"""Faults that a person could make: one operator, constant, branch or statement of a module is another one."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SWAPS: dict[type[ast.AST], type[Any]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it is, and what stands there instead."""

    name: str
    """`path function: what: line`, which stays the same while that line does."""
    line: int
    tree: ast.Module
    node: ast.AST
    other: ast.AST

    @property
    def text(self) -> str:
        """The whole module with it."""
        return ast.unparse(ast.fix_missing_locations(_copied(self.tree, self.node, self.other)))


def faults_of(path: Path, root: Path) -> Iterator[Fault]:
    """Every fault of a module, one at a time."""
    source = path.read_text("utf-8")
    lines, tree = source.splitlines(), ast.parse(source)
    seen: dict[str, int] = {}
    for where, node in _code(tree, ""):
        for what, other in _others(node):
            number = node.iter.lineno if isinstance(node, ast.comprehension) else node.lineno
            line = lines[number - 1].strip()
            name = f"{path.relative_to(root).as_posix()} {where}: {what}: {line}"
            seen[name] = seen.get(name, 0) + 1
            again = f" ({seen[name]})" if seen[name] > 1 else ""
            yield Fault(name + again, number, tree, node, other)


def _code(node: ast.AST, where: str) -> Iterator[tuple[str, Any]]:
    """Every node that runs, with the function that it is in: no types, docstrings and texts for people."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.arg):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{where}.{child.name}".lstrip(".")
            for statement in child.body:
                yield from _of(statement, inner)
        elif not isinstance(node, ast.ClassDef | ast.Module):
            yield from _of(child, where)


def _of(node: ast.AST, where: str) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.AnnAssign):
        if node.value is not None and not where[:1].isupper():
            yield from _of(node.value, where)
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from _code(ast.Module([node], []), where)
        return
    yield where, node
    yield from _code(node, where)


def _others(node: Any) -> Iterator[tuple[str, ast.AST]]:
    """What else could stand there."""
    yield from _operators(node)
    match node:
        case ast.If() | ast.IfExp():
            yield "always", _with(node, test=ast.Constant(value=True))
            yield "never", _with(node, test=ast.Constant(value=False))
        case ast.Return(value=value) if value is not None and ast.unparse(value) != "None":
            yield "returns nothing", ast.Return(value=ast.Constant(value=None))
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign():
            yield "left out", ast.Pass()
        case ast.Raise() | ast.Break() | ast.Continue():
            yield "left out", ast.Pass()
        case ast.comprehension(ifs=[_, *_]):
            yield "without its filter", _with(node, ifs=[])


def _operators(node: Any) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPS:
            yield _swap(op), _with(node, ops=[SWAPS[type(op)]()])
        case ast.BoolOp(op=op, values=values):
            yield _swap(op), _with(node, op=SWAPS[type(op)]())
            yield "without its first part", values[1]
            yield "without its last part", values[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "without not", operand
        case ast.BinOp(op=op) if type(op) in SWAPS:
            yield _swap(op), _with(node, op=SWAPS[type(op)]())
        case ast.Constant(value=bool() as value):
            yield f"{not value}", ast.Constant(value=not value)
        case ast.Constant(value=int() as number):
            yield f"{number + 1}", ast.Constant(value=number + 1)


def _swap(op: ast.AST) -> str:
    return f"{type(op).__name__} is {SWAPS[type(op)].__name__}"


def _with(node: Any, **changed: Any) -> Any:
    other = copy.copy(node)
    for name, value in changed.items():
        setattr(other, name, value)
    return other


def _copied(item: Any, node: ast.AST, other: ast.AST) -> Any:
    """The tree with one node replaced; the tree itself stays as it is."""
    if item is node:
        return other
    if isinstance(item, list):
        return [_copied(each, node, other) for each in item]
    if not isinstance(item, ast.AST):
        return item
    made = copy.copy(item)
    for name, value in ast.iter_fields(item):
        setattr(made, name, _copied(value, node, other))
    return made
