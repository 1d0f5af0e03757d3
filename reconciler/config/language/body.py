"""One body of the file → the values and settings that it declares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.form import Form, forms_of
from reconciler.config.expressions.scope import BROKEN, Scope, Spot
from reconciler.config.language.check import check
from reconciler.config.language.expand import Expand
from reconciler.config.rules import structure
from reconciler.config.yaml.nodes import Map, key_of, value_of
from reconciler.config.yaml.parser import described, shown
from reconciler.resources.kind import Mark
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Kind, Table

ABSENT = "absent"
PRUNE = "prune"
PRUNES = ("none", "managed", "all")


@dataclass(frozen=True, slots=True)
class BodySyntax:
    """What the body of a kind may contain, computed once per kind."""

    kind: Kind
    children: tuple[Kind, ...]
    forms: Mapping[str, Form]
    settings: frozenset[str]
    pins: frozenset[str]
    """The settings that count even with `absent: true`: they say which object is removed."""
    shown: frozenset[str]
    """The fields that plans and logs show, so they must not be secret."""
    keys: tuple[str, ...]
    """Every key that a body may have, in the order of the documentation."""

    @classmethod
    def of(cls, kind: Kind, table: Table) -> BodySyntax:
        """What the body of this kind may contain."""
        children = tuple(child for child in table.values() if child.parent == kind.name)
        settings = frozenset(name for name, field in kind.fields.items() if field.has(Mark.SETTING))
        pins = frozenset(name for name, field in kind.fields.items() if field.has(Mark.PIN))
        public = settings | {name for name, field in kind.fields.items() if field.has(Mark.SHOWN)}
        own = (*kind.fields, ABSENT, *([PRUNE] if children else []))
        keys = (*own, *(child.file.section for child in children))
        return cls(kind, children, forms_of(kind), settings, pins, public, keys)


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a body after expressions are filled in. Several resources may share them."""

    attributes: Mapping[str, Any]
    settings: Mapping[str, Any]
    layers: tuple[Map, ...]
    absent: bool = False
    fine: bool = False
    """Whether every value fits the spec."""
    left_out: frozenset[str] = frozenset()
    """Fields that are compared as the value given, and left out of what is sent."""
    as_secret: Callable[[str], Any] | None = None
    """Gives the value of a key as a secret, for a key that is secret only by its title in the schema."""


class Bodies:
    """Fills in bodies, checks them against the spec of their kind, and reports every problem."""

    def __init__(self, *, scope: Scope, fill: Fill, findings: Findings, project: Path) -> None:
        self._fill = fill
        self._findings = findings
        self._expand = Expand(scope=scope, fill=fill, findings=findings, project=project)

    def values(self, row: BodySyntax, body: Map, key: str, *, spot: Spot, absent: bool = False) -> Values:
        """What the body of the resource with this key declares; only its pin if it is absent."""
        self._check_keys(row, body, spot)
        absent = self._absent(body, spot) or absent
        filled = {
            name: self._fill.entry(
                body, name, form=replace(form, idle=absent and name not in row.pins), spot=spot
            )
            for name, form in row.forms.items()
            if name in body
        }
        fine = check(row.kind, filled, layers=(body,), address=spot.address, findings=self._findings)
        prune = {PRUNE: self.prune(body, spot=spot)} if PRUNE in body and row.children else {}
        held = row.pins if absent else row.settings
        settings = {name: filled[name] for name in held if name in filled}
        for name in (row.pins if absent else row.shown) & filled.keys():
            self._fill.public(body, name, spot=spot)
        if absent:
            return Values({}, settings, (body,), absent=True)
        attributes = {name: value for name, value in filled.items() if name not in row.settings}
        as_secret = self._as_secret(row, body, spot) if isinstance(body.get(row.kind.keyed), Map) else None
        declared = Values(attributes, {**settings, **prune}, (body,), fine=fine, as_secret=as_secret)
        return self._expanded(row, declared, body, key, spot) if row.kind.file.expand else declared

    def _as_secret(self, row: BodySyntax, body: Map, spot: Spot) -> Callable[[str], Any]:
        """Returns a function and not a value: a function that is printed shows no secret."""
        form = replace(row.forms[row.kind.keyed], named=True)
        return lambda key: self._fill.entry(body[row.kind.keyed], key, form=form, spot=spot, nested=True)

    def _expanded(self, row: BodySyntax, declared: Values, body: Map, key: str, spot: Spot) -> Values:
        """Adds the values of the document that a setting names (a manifest); values in the body win."""
        expanded = self._expand.document(
            row.kind,
            body,
            key,
            settings=declared.settings,
            declared=declared.attributes,
            forms=row.forms,
            spot=spot,
        )
        if expanded is None:
            return declared
        attributes = {**expanded.fields, **declared.attributes}
        fine = declared.fine and expanded.fine
        layers = (body, expanded.layer)
        return Values(attributes, declared.settings, layers, fine=fine, left_out=expanded.left_out)

    def _absent(self, body: Map, spot: Spot) -> bool:
        if ABSENT not in body:
            return False
        value = self._fill.public(body, ABSENT, spot=spot)
        if value is not BROKEN and not isinstance(value, bool):
            message = f"`{ABSENT}` is {described(value)}, not true or false"
            advice = "write true or false, without quotes"
            self._say(structure.WRONG_TYPE, message, advice, value_of(body.marks[ABSENT]), spot)
        return value is True

    def prune(self, body: Map, *, spot: Spot) -> str:
        """The value of `prune` in a body; empty, and reported, if it is not an allowed one."""
        value = self._fill.public(body, PRUNE, spot=spot)
        if value is BROKEN:
            return ""
        if value in PRUNES:
            return str(value)
        advice = did_you_mean(str(value), PRUNES, f"write one of: {', '.join(PRUNES)}")
        message = f"`{PRUNE}` is not one of the values allowed"
        self._say(structure.NOT_ALLOWED, message, advice, value_of(body.marks[PRUNE]), spot)
        return ""

    def _check_keys(self, row: BodySyntax, body: Map, spot: Spot) -> None:
        for key in body:
            if key in row.keys:
                continue
            if "${{" in key:
                self._fill.refuse_key(body, key, address=spot.address)
                continue
            keyed, known = row.kind.keyed, f"known here: {', '.join(row.keys)}"
            advice = did_you_mean(
                key, row.keys, f"put it under `{keyed}:` if it belongs there" if keyed else known
            )
            at = key_of(body.marks[key])
            self._say(structure.UNKNOWN_KEY, f"`{shown(key)}` is not known here", advice, at, spot)

    def _say(self, rule: Any, message: str, advice: str, at: int, spot: Spot) -> None:
        self._findings.add(rule, message, advice, at=at, address=spot.address)
