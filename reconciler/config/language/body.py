"""A body in the file → the values and settings that it declares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reconciler.config.expressions.fill import Fill, Form, forms_of
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

    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Kind, Table

ABSENT = "absent"
PRUNE = "prune"
PRUNES = ("none", "managed", "all")


@dataclass(frozen=True, slots=True)
class Row:
    """What a kind's row says about bodies in the file, worked out once."""

    kind: Kind
    children: tuple[Kind, ...]
    forms: Mapping[str, Form]
    settings: frozenset[str]
    pins: frozenset[str]
    """The settings that hold with `absent: true` too: they say which object goes."""
    shown: frozenset[str]
    """What plans and logs show: no secret may stand there."""
    keys: tuple[str, ...]
    """Every key that a body may have, as the documentation orders them."""

    @classmethod
    def of(cls, kind: Kind, table: Table) -> Row:
        """The row of a kind."""
        children = tuple(child for child in table.values() if child.parent == kind.name)
        settings = frozenset(name for name, field in kind.fields.items() if field.has(Mark.SETTING))
        pins = frozenset(name for name, field in kind.fields.items() if field.has(Mark.PIN))
        shown = settings | {name for name, field in kind.fields.items() if field.has(Mark.SHOWN)}
        own = (*kind.fields, ABSENT, *([PRUNE] if children else []))
        keys = (*own, *(child.file.section for child in children))
        return cls(kind, children, forms_of(kind), settings, pins, shown, keys)


@dataclass(frozen=True, slots=True)
class Values:
    """A body filled in: what a shared body gives to each resource that it is declared for."""

    attributes: Mapping[str, Any]
    settings: Mapping[str, Any]
    layers: tuple[Map, ...]
    absent: bool = False
    fine: bool = False
    """Every value fits the spec."""
    as_secret: Callable[[str], Any] | None = None
    """The value of a key of the keyed field as a secret, where its title alone says that it is one."""


class Bodies:
    """Fills in bodies and checks them against the spec of their kind. Notes everything that is wrong."""

    def __init__(self, *, scope: Scope, fill: Fill, findings: Findings, project: Path) -> None:
        self._fill = fill
        self._findings = findings
        self._expand = Expand(scope=scope, fill=fill, findings=findings, project=project)

    def values(self, row: Row, body: Map, key: str, *, spot: Spot, absent: bool = False) -> Values:
        """What the body of the resource with this key declares; its pin alone where it is absent."""
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

    def _as_secret(self, row: Row, body: Map, spot: Spot) -> Callable[[str], Any]:
        """A function, as its text shows nothing of the body that it keeps."""
        form = replace(row.forms[row.kind.keyed], named=True)
        return lambda key: self._fill.entry(body[row.kind.keyed], key, form=form, spot=spot, nested=True)

    def _expanded(self, row: Row, declared: Values, body: Map, key: str, spot: Spot) -> Values:
        """The values with those of the document that a setting names, where nothing stands beside it."""
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
        return Values(attributes, declared.settings, (body, expanded.layer), fine=fine)

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
        """The `prune` that a body asks for; noted, and empty, when there is no such thing."""
        value = self._fill.public(body, PRUNE, spot=spot)
        if value is BROKEN:
            return ""
        if value in PRUNES:
            return str(value)
        advice = did_you_mean(str(value), PRUNES, f"one of: {', '.join(PRUNES)}")
        message = f"`{PRUNE}` is not one of the values allowed"
        self._say(structure.NOT_ALLOWED, message, advice, value_of(body.marks[PRUNE]), spot)
        return ""

    def _check_keys(self, row: Row, body: Map, spot: Spot) -> None:
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
