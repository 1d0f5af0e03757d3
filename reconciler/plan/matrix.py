"""Plan and live state → the matrix: a row for each key, a column for each root, a cell for each resource."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reconciler.diagnostics import Place, Severity
from reconciler.plan.diff import live_key, live_value
from reconciler.plan.step import Action
from reconciler.resources.desired import is_absent
from reconciler.resources.natural import natural
from reconciler.resources.redaction import Redactor
from reconciler.resources.resource import EMPTY, Address, Declaration, Resource
from reconciler.resources.values import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reconciler.plan.step import Plan
    from reconciler.resources.kind import Kind, Table
    from reconciler.resources.resource import Live, State
    from reconciler.resources.secret_names import SecretNames

WHOLE = "organization"
"""The name of the row of the roots themselves."""
_DECLARED = Declaration(Place(""))


class Standing(StrEnum):
    """The state of one resource, in the word that the matrix shows."""

    OK = "ok"
    APPLY = "to apply"
    """Only the file has changed since the last apply."""
    DRIFT = "drift"
    MISSING = "missing"
    PENDING = "pending"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, slots=True)
class Member:
    """The name and the tags that the catalogue gives to a key."""

    name: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One resource: its state, and the value of the key that was asked for."""

    standing: Standing
    value: Any = ABSENT
    """The live value."""
    wanted: Any = ABSENT
    """The declared value; `ABSENT` where no file declares one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key, and a cell for each root that has a resource with this key."""

    word: str
    """The word of the kind of its cells: `site`. The row of the roots themselves has the roots' word."""
    key: str
    name: str
    tags: tuple[str, ...] = ()
    cells: Mapping[str, Cell] = field(default_factory=lambda: EMPTY)

    @property
    def deviates(self) -> bool:
        """Whether a cell is anything but `ok`."""
        return any(cell.standing is not Standing.OK for cell in self.cells.values())


@dataclass(frozen=True, slots=True)
class Matrix:
    """The state of every resource of the organization."""

    organization: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    show: str = ""
    """The key whose values the cells show; empty for none."""
    uncompared: int = 0
    """How many values could not be compared."""
    notes: tuple[str, ...] = ()

    @property
    def shows(self) -> bool:
        """Whether a cell has a value of the key."""
        cells = (cell for row in self.rows for cell in row.cells.values())
        return any(cell.value is not ABSENT or cell.wanted is not ABSENT for cell in cells)

    def totals(self) -> dict[str, Counter[Standing]]:
        """For each column, how many cells have each state."""
        totals: dict[str, Counter[Standing]] = {column: Counter() for column in self.columns}
        for row in self.rows:
            for column, cell in row.cells.items():
                totals[column][cell.standing] += 1
        return totals


def matrix(
    plan: Plan,
    live: Live,
    declared: State,
    *,
    table: Table,
    members: Mapping[str, Mapping[str, Member]],
    names: SecretNames,
    show: str = "",
    edited: frozenset[Address] = frozenset(),
) -> Matrix:
    """How every declared and live resource stands.

    `members`: per section what people call its keys. `edited`: what only the file has changed since the last
    apply, so that it is no drift.
    """
    roots = [kind for kind in table.values() if any(child.parent == kind.name for child in table.values())]
    builder = _Matrix(plan, live, declared, table, members, names, show, edited)
    rows = [row for kind in roots for row in builder.rows(kind)]
    return Matrix(
        plan.organization,
        tuple(sorted({column for row in rows for column in row.cells})),
        tuple(rows),
        show,
        len(plan.uncompared),
        plan.notes,
    )


def narrowed(whole: Matrix, *, tags: Iterable[str] = (), deviating: bool = False) -> Matrix:
    """The rows that have one of the tags, that deviate, or both; columns without a cell are left out."""
    chosen = frozenset(tags)
    rows = tuple(
        row
        for row in whole.rows
        if (not chosen or chosen.intersection(row.tags)) and (row.deviates or not deviating)
    )
    used = {column for row in rows for column in row.cells}
    return replace(whole, rows=rows, columns=tuple(column for column in whole.columns if column in used))


def showable(live: State, declared: State, table: Table) -> frozenset[str]:
    """Everything that a cell can show: fields, keys of a schema, and keys that are set or declared."""
    names = {name for kind in table.values() for name in kind.fields}
    for address, resource in (*live.items(), *declared.items()):
        kind = table[address.kind]
        schema = kind.checks.schema(address, {}, live)
        names.update(resource.attributes.get(kind.keyed) or (), schema.properties if schema else ())
    return frozenset(names)


class _Matrix:
    def __init__(
        self,
        plan: Plan,
        live: Live,
        declared: State,
        table: Table,
        members: Mapping[str, Mapping[str, Member]],
        names: SecretNames,
        show: str,
        edited: frozenset[Address],
    ) -> None:
        self.edited = edited
        self.live = live
        self.declared = declared
        self.table = table
        self.members = members
        self.redactor = Redactor(table, live.state, names, plan.secret_fields, declared=declared)
        self.show = show
        self.organization = plan.organization
        self.actions = {step.address: step.action for step in plan.steps}

    def rows(self, root: Kind) -> Iterator[Row]:
        """The roots themselves, and the keys of each kind under them."""
        columns = [address for address in self._addresses() if address.kind == root.name]
        own = {address.key: cell for address in columns if (cell := self._cell(address))}
        yield Row(root.word, self.organization, WHOLE, cells=own)
        for kind in self.table.values():
            if kind.parent == root.name:
                yield from self._below(kind, sorted(columns))

    def _addresses(self) -> Iterator[Address]:
        yield from self.live.state
        yield from (address for address in self.declared if address not in self.live.state)

    def _below(self, kind: Kind, columns: list[Address]) -> Iterator[Row]:
        implicit = {column: self._implicit(kind, column) for column in columns}
        rows = [self._row(kind, key, implicit) for key in self._keys(kind)]
        yield from sorted(rows, key=lambda row: (natural(row.name), row.key))

    def _keys(self, kind: Kind) -> set[str]:
        keys = {address.key for address in self._addresses() if address.kind == kind.name}
        return (
            keys | self.members.get(kind.file.section, {}).keys() | self.live.keys.get(kind.name, {}).keys()
        )

    def _row(self, kind: Kind, key: str, implicit: Mapping[Address, Cell | None]) -> Row:
        cells = {}
        for column, implied in implicit.items():
            cell = self._cell(Address.of(kind.word, key, column), implied)
            if cell is not None:
                cells[column.key] = cell
        member = self.members.get(kind.file.section, {}).get(key)
        title = self.live.keys.get(kind.name, {}).get(key, "")
        name = member.name if member else title if title.strip() else key
        return Row(kind.word, key, name, member.tags if member else (), cells)

    def _implicit(self, kind: Kind, column: Address) -> Cell | None:
        """The cell of a resource that exists by itself; `None` where there is none."""
        parent = self.live.state.get(column)
        if parent is None or kind.name not in self.table[column.kind].implicit(parent.attributes):
            return None
        stated = Resource(Address.of(kind.word, "any", column), {}, declaration=_DECLARED)
        problems = kind.checks.check(stated, {}, self.live.state)
        if any(problem.severity is Severity.ERROR for problem in problems):
            return None
        return Cell(Standing.OK if self._is_declared(column) else Standing.UNMANAGED)

    def _is_declared(self, address: Address) -> bool:
        return address in self.declared and not is_absent(self.declared, address)

    def _cell(self, address: Address, implied: Cell | None = None) -> Cell | None:
        live = self.live.state.get(address)
        standing = self._standing(address, live, implied)
        if standing is None or not self.show:
            return Cell(standing) if standing else None
        value, wanted = self._values(self.table[address.kind], address, live)
        return Cell(standing, value, wanted)

    def _standing(self, address: Address, live: Resource | None, implied: Cell | None) -> Standing | None:
        if self._is_declared(address):
            if live is None:
                return Standing.MISSING
            if address in self.actions:
                return self._moved(address)
            return Standing.PENDING if live.facts.status == "pending" else Standing.OK
        if implied is not None:
            return implied.standing
        if live is None:
            return None
        gone = address in self.declared or self.actions.get(address) is Action.DELETE
        return self._moved(address) if gone else Standing.UNMANAGED

    def _moved(self, address: Address) -> Standing:
        return Standing.APPLY if address in self.edited else Standing.DRIFT

    def _values(self, kind: Kind, address: Address, live: Resource | None) -> tuple[Any, Any]:
        """The live and the declared value of the chosen key, or field."""
        declared = self.declared.get(address)
        stated = declared.attributes if declared else {}
        if self.show in kind.fields and self.show != kind.keyed:
            path: tuple[str, ...] = (self.show,)
            value = live_value(kind.fields[self.show], live) if live else ABSENT
            wanted = stated.get(self.show, ABSENT)
        else:
            path = (kind.keyed, self.show)
            value = live_key(kind, live, self.show) if live else ABSENT
            wanted = (stated.get(kind.keyed) or {}).get(self.show, ABSENT)
        value = ABSENT if value is None else value
        return self.redactor.shown(address, path, value), self.redactor.shown(address, path, wanted)
