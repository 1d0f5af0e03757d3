"""Sections of the file → desired resources, one per address."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.config.expressions.fill import Fill, uses_member
from reconciler.config.expressions.scope import Scope, Spot
from reconciler.config.language.body import PRUNE, Bodies, BodySyntax, Values
from reconciler.config.language.selectors import SectionSelection
from reconciler.config.rules import structure
from reconciler.config.yaml.nodes import Map, key_of, value_of
from reconciler.config.yaml.parser import as_mapping, described, shown
from reconciler.config.yaml.places import Places
from reconciler.resources.resource import Address, Declaration, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reconciler.config.language.catalogue import Catalogue
    from reconciler.config.language.selectors import Selected
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Kind, Table

_ID = "id"
_OWNERSHIP = "ownership"
_EXACT = "exact"
_IN_DECLARATION = frozenset({_ID, _OWNERSHIP, PRUNE})


class Declare:
    """Makes the desired resources of a whole configuration and reports their problems."""

    def __init__(
        self,
        *,
        table: Table,
        catalogue: Catalogue,
        scope: Scope,
        fill: Fill,
        findings: Findings,
        project: Path,
    ) -> None:
        self._table = table
        self._rows = {kind.name: BodySyntax.of(kind, table) for kind in table.values()}
        self._catalogue = catalogue
        self._fill = fill
        self._findings = findings
        self._bodies = Bodies(scope=scope, fill=fill, findings=findings, project=project)

    def resources(self, root: Map) -> Iterator[Resource]:
        """Every declared resource, parents before children."""
        for kind in self._table.values():
            entries = root.get(kind.file.section)
            if not kind.parent and isinstance(entries, Map):
                for key in entries:
                    yield from self._top(kind, entries, key)

    def _top(self, kind: Kind, entries: Map, key: str) -> Iterator[Resource]:
        address = Address.of(kind.word, key)
        body = entries[key]
        if not self._check_key(kind, entries, key):
            return
        if not isinstance(body, Map):
            self._refuse(entries, key, address, "write its fields, or `{}` for none")
            return
        values = self._bodies.values(self._rows[kind.name], body, key, spot=Spot(address))
        yield self._resource(kind, address, values, key_of(entries.marks[key]))
        yield from self._children(kind, address, body, absent=values.absent)

    def _children(self, parent: Kind, address: Address, body: Map, *, absent: bool) -> Iterator[Resource]:
        for kind in self._rows[parent.name].children:
            entries = body.get(kind.file.section)
            if isinstance(entries, Map):
                yield from self._section(kind, address, entries, absent=absent)
            elif kind.file.section in body:
                advice = as_mapping(body[kind.file.section], "{}", "write `{}`, or remove the line")
                self._refuse(body, kind.file.section, address, advice)

    def _section(self, kind: Kind, parent: Address, entries: Map, *, absent: bool) -> Iterator[Resource]:
        selection = SectionSelection(
            entries, kind=kind, catalogue=self._catalogue, findings=self._findings, address=parent
        )
        row = self._rows[kind.name]
        known: dict[int, Values | None] = {}
        for selected in selection.selected():
            address = Address.of(kind.word, selected.id, parent)
            values = known.get(id(selected.body))
            if values is None:
                spot = self._spot(kind, address, selected)
                values = self._bodies.values(row, selected.body, selected.id, spot=spot, absent=absent)
                if selected.shared and id(selected.body) not in known:
                    known[id(selected.body)] = None if uses_member(selected.body, kind.word) else values
            yield self._resource(kind, address, values, selected.at, selected)
            yield from self._children(kind, address, selected.body, absent=values.absent)

    def _spot(self, kind: Kind, address: Address, selected: Selected) -> Spot:
        member = self._catalogue.find(kind.file.section, selected.id)
        if member is None:
            return Spot(address, kind.word)
        return Spot(address, kind.word, member.name, member.vars)

    def _check_key(self, kind: Kind, entries: Map, key: str) -> bool:
        if "${{" in key:
            self._fill.refuse_key(entries, key)
            return False
        if (
            re.fullmatch(kind.file.key_pattern, key)
            and len(key) <= kind.file.key_max
            and key not in (".", "..")
        ):
            return True
        long = len(key) > kind.file.key_max
        advice = (
            f"use {kind.file.key_max} characters at most"
            if long
            else f"it must match {kind.file.key_pattern}"
        )
        message = f"`{shown(key)}` cannot be the name of an {kind.word}"
        at = key_of(entries.marks[key])
        self._findings.add(structure.BAD_NAME, message, advice, at=at)
        return False

    def _refuse(self, parent: Map, key: str, address: str, advice: str) -> None:
        value = parent[key]
        rule = structure.NULL if value is None else structure.WRONG_TYPE
        message = f"`{shown(key)}` is {described(value)}, not a mapping"
        self._findings.add(rule, message, advice, at=value_of(parent.marks[key]), address=address)

    def _resource(
        self, kind: Kind, address: Address, values: Values, at: int, selected: Selected | None = None
    ) -> Resource:
        settings = values.settings
        selectors = selected.selectors if selected else ()
        shared = selectors[-1][0] if selected and selected.shared else ""
        declaration = Declaration(
            place=replace(self._findings.place(at), selector=shared),
            places=Places(values.layers, self._findings, selectors),
            absent=values.absent,
            exact=settings.get(_OWNERSHIP) == _EXACT,
            prune=settings.get(PRUNE, ""),
            id=settings.get(_ID, ""),
            label=selected.label if selected else "",
            left_out=values.left_out,
            as_secret=values.as_secret,
            extra={name: value for name, value in settings.items() if name not in _IN_DECLARATION},
        )
        resource = Resource(address, values.attributes, declaration=declaration)
        for problem in kind.checks.lint(resource) if values.fine else ():
            self._findings.note(problem)
        return resource
