"""Sections of the file → desired resources, one per address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconciler.config.check import check
from reconciler.config.document import Document
from reconciler.config.fill import Fill, Form, forms_of, uses_member
from reconciler.config.near import did_you_mean
from reconciler.config.paths import Unfit, named_file
from reconciler.config.places import Places
from reconciler.config.reader import described, read, shown
from reconciler.config.rules import structure
from reconciler.config.scope import BROKEN, Scope, Spot
from reconciler.config.selectors import Selected, Selection
from reconciler.config.tree import Map, key_of, value_of
from reconciler.kind import Mark
from reconciler.resource import Address, Declaration, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reconciler.config.catalogue import Catalogue
    from reconciler.config.findings import Findings
    from reconciler.kind import Kind, Table

ABSENT = "absent"
PRUNE = "prune"
PRUNES = ("none", "managed", "all")
_ID = "id"
_OWNERSHIP = "ownership"
_EXACT = "exact"
_EMPTY = Map()


@dataclass(frozen=True, slots=True)
class _Row:
    """What a kind's row says about bodies in the file, worked out once."""

    kind: Kind
    children: tuple[Kind, ...]
    forms: Mapping[str, Form]
    settings: frozenset[str]
    keys: tuple[str, ...]
    """Every key that a body may have, as the documentation orders them."""

    @classmethod
    def of(cls, kind: Kind, table: Table) -> _Row:
        children = tuple(child for child in table.values() if child.parent == kind.name)
        settings = frozenset(name for name, field in kind.fields.items() if field.has(Mark.SETTING))
        own = (*kind.fields, ABSENT, *([PRUNE] if children else []))
        return cls(kind, children, forms_of(kind), settings, (*own, *(child.section for child in children)))


@dataclass(frozen=True, slots=True)
class _Values:
    """A body filled in: what a shared body gives to each resource that it is declared for."""

    attributes: Mapping[str, Any]
    settings: Mapping[str, Any]
    layers: tuple[Map, ...]
    absent: bool


class Declare:
    """Makes the desired resources of a whole configuration. Notes everything that is wrong with them."""

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
        self._rows = {kind.name: _Row.of(kind, table) for kind in table.values()}
        self._catalogue = catalogue
        self._scope = scope
        self._fill = fill
        self._findings = findings
        self._project = project

    def resources(self, root: Map) -> Iterator[Resource]:
        """Every declared resource, parents before children."""
        for kind in self._table.values():
            entries = root.get(kind.section)
            if not kind.parent and isinstance(entries, Map):
                for key in entries:
                    yield from self._top(kind, entries, key)

    def _top(self, kind: Kind, entries: Map, key: str) -> Iterator[Resource]:
        address = Address.of(kind.word, key)
        if not self._check_key(kind, entries, key):
            return
        body = entries[key]
        if not isinstance(body, Map):
            rule = structure.NULL if body is None else structure.WRONG_TYPE
            message = f"`{shown(key)}` is {described(body)}, not a mapping"
            at = value_of(entries.marks[key])
            self._findings.add(rule, message, "write `{}` for nothing but itself", at=at, address=address)
            return
        spot = Spot(address)
        values = self._values(kind, body, key, spot)
        yield from self._resource(kind, address, values, key_of(entries.marks[key]))
        yield from self._children(kind, address, body, absent=values.absent)

    def _children(self, parent: Kind, address: Address, body: Map, *, absent: bool) -> Iterator[Resource]:
        for kind in self._rows[parent.name].children:
            entries = body.get(kind.section)
            if isinstance(entries, Map):
                yield from self._section(kind, address, entries, absent=absent)
            elif kind.section in body:
                self._refuse_section(body, kind.section, address)

    def _section(self, kind: Kind, parent: Address, entries: Map, *, absent: bool) -> Iterator[Resource]:
        selection = Selection(
            entries, kind=kind, catalogue=self._catalogue, findings=self._findings, address=parent
        )
        known: dict[int, _Values] = {}
        for found in selection.selected():
            address = Address.of(kind.word, found.id, parent)
            values = known.get(id(found.body))
            if values is None:
                values = self._values(
                    kind, found.body, found.id, self._spot(kind, address, found), absent=absent
                )
                if found.shared and not uses_member(found.body, kind.word):
                    known[id(found.body)] = values
            yield from self._resource(kind, address, values, found.at, found.label)
            yield from self._children(kind, address, found.body, absent=values.absent)

    def _spot(self, kind: Kind, address: Address, found: Selected) -> Spot:
        member = self._catalogue.find(kind.section, found.id)
        if member is None:
            return Spot(address, kind.word)
        return Spot(address, kind.word, member.name, member.vars)

    def _check_key(self, kind: Kind, entries: Map, key: str) -> bool:
        address = Address.of(kind.word, key)
        if "${{" in key:
            self._fill.refuse_key(entries, key)
            return False
        if re.fullmatch(kind.key_pattern, key) and len(key) <= kind.key_max and key not in (".", ".."):
            return True
        longer = f", longer than {kind.key_max} characters" if len(key) > kind.key_max else ""
        message = f"`{shown(key)}` cannot be a name{longer}"
        at = key_of(entries.marks[key])
        self._findings.add(
            structure.BAD_NAME, message, f"it must match {kind.key_pattern}", at=at, address=shown(address)
        )
        return False

    def _values(self, kind: Kind, body: Map, key: str, spot: Spot, *, absent: bool = False) -> _Values:
        row = self._rows[kind.name]
        self._check_keys(row, body, spot)
        absent = self._absent(body, spot) or absent
        if absent:
            return _Values({}, {}, (body,), absent=True)
        filled = {
            name: self._fill.entry(body, name, form=form, spot=spot)
            for name, form in row.forms.items()
            if name in body
        }
        layers: tuple[Map, ...] = (body,)
        fine = check(kind, filled, layers=layers, address=spot.address, findings=self._findings)
        settings = {name: self._setting(body, name, filled, spot) for name in row.settings if name in filled}
        attributes = {name: value for name, value in filled.items() if name not in row.settings}
        self._check_prune(row, body, settings, spot)
        if fine and kind.expand:
            layers, attributes = self._expanded(row, body, key, settings, attributes, spot)
        return _Values(attributes, settings, layers, absent=False)

    def _absent(self, body: Map, spot: Spot) -> bool:
        if ABSENT not in body:
            return False
        value = self._fill.shown(body, ABSENT, spot=spot)
        if value is not BROKEN and not isinstance(value, bool):
            message = f"`{ABSENT}` is {described(value)}, not true or false"
            at = value_of(body.marks[ABSENT])
            self._findings.add(
                structure.WRONG_TYPE,
                message,
                "write true or false, without quotes",
                at=at,
                address=spot.address,
            )
        return value is True

    def _setting(self, body: Map, name: str, filled: Mapping[str, Any], spot: Spot) -> Any:
        self._fill.shown(body, name, spot=spot)
        return filled[name]

    def _check_prune(self, row: _Row, body: Map, settings: dict[str, Any], spot: Spot) -> None:
        if PRUNE in body and row.children:
            settings[PRUNE] = self.prune(body, spot=spot)

    def prune(self, body: Map, *, spot: Spot) -> str:
        """The `prune` that a body asks for; noted and empty when there is no such thing."""
        value = self._fill.shown(body, PRUNE, spot=spot)
        if value is BROKEN or value in PRUNES:
            return "" if value is BROKEN else str(value)
        advice = did_you_mean(str(value), PRUNES, f"one of: {', '.join(PRUNES)}")
        at = value_of(body.marks[PRUNE])
        self._findings.add(
            structure.NOT_ALLOWED,
            f"`{PRUNE}` is not one of the values allowed",
            advice,
            at=at,
            address=spot.address,
        )
        return ""

    def _check_keys(self, row: _Row, body: Map, spot: Spot) -> None:
        for key in body:
            if key in row.keys:
                continue
            at = key_of(body.marks[key])
            if "${{" in key:
                self._fill.refuse_key(body, key, address=spot.address)
                continue
            inside = (
                f"put it under `{row.kind.keyed}:` if it belongs to the integration" if row.kind.keyed else ""
            )
            advice = did_you_mean(key, row.keys, inside or f"known here: {', '.join(row.keys)}")
            self._findings.add(
                structure.UNKNOWN_KEY,
                f"`{shown(key)}` is not known here",
                advice,
                at=at,
                address=spot.address,
            )

    def _refuse_section(self, body: Map, section: str, address: str) -> None:
        value = body[section]
        rule = structure.NULL if value is None else structure.WRONG_TYPE
        message = f"`{section}` is {described(value)}, not a mapping"
        at = value_of(body.marks[section])
        self._findings.add(rule, message, "write `{}`, or remove the line", at=at, address=address)

    def _expanded(
        self,
        row: _Row,
        body: Map,
        key: str,
        settings: Mapping[str, Any],
        attributes: dict[str, Any],
        spot: Spot,
    ) -> tuple[tuple[Map, ...], dict[str, Any]]:
        """The layers and fields with those of the document that a setting names before the declared ones."""
        kind = row.kind
        path = settings.get(kind.expand)
        if not isinstance(path, str):
            self._check_lonely(row, body, settings, spot)
            return (body,), attributes
        at = value_of(body.marks[kind.expand])
        root = self._document(path, at, spot)
        if root is None:
            return (body,), attributes
        document = Document(
            root=root,
            key=key,
            settings=settings,
            declared=frozenset(attributes),
            forms=row.forms,
            here=self._findings.place(at),
            setting_places=Places((body,), self._findings),
            scope=self._scope,
            fill=self._fill,
            findings=self._findings,
            spot=spot,
        )
        fields = {
            name: value for name, value in kind.expand_document(document).items() if name not in attributes
        }
        check(kind, fields, layers=(root,), address=spot.address, findings=self._findings)
        return (body, root), {**fields, **attributes}

    def _check_lonely(self, row: _Row, body: Map, settings: Mapping[str, Any], spot: Spot) -> None:
        """A setting of the document without the document does nothing."""
        kind = row.kind
        if kind.expand in body:
            return
        for name in settings:
            if name in kind.expand_settings:
                message = f"`{name}` does nothing without `{kind.expand}`"
                at = key_of(body.marks[name])
                self._findings.add(
                    structure.LONELY_SETTING,
                    message,
                    f"add `{kind.expand}`, or remove it",
                    at=at,
                    address=spot.address,
                )

    def _document(self, path: str, at: int, spot: Spot) -> Map | None:
        try:
            name, data = named_file(path, folder=self._findings.folder(at), project=self._project)
        except Unfit as unfit:
            rule, message, advice = unfit.args
            self._findings.add(rule, message, advice, at=at, address=spot.address)
            return None
        folder = self._findings.folder(at) / path
        number = self._findings.enter(name, folder.parent)
        return read(data, file=number, findings=self._findings)

    def _resource(
        self, kind: Kind, address: Address, values: _Values, at: int, label: str = ""
    ) -> Iterator[Resource]:
        settings = values.settings
        declaration = Declaration(
            place=self._findings.place(at),
            places=Places(values.layers, self._findings),
            absent=values.absent,
            exact=settings.get(_OWNERSHIP) == _EXACT,
            prune=settings.get(PRUNE, ""),
            id=settings.get(_ID, ""),
            label=label,
            extra={name: value for name, value in settings.items() if name not in (_OWNERSHIP, PRUNE, _ID)},
        )
        resource = Resource(address, values.attributes, declaration=declaration)
        for problem in kind.lint(resource):
            self._findings.note(problem)
        yield resource
