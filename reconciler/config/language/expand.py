"""Reads the document that a setting names, and lets its kind turn it into fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler.config.language.check import check
from reconciler.config.language.document import Document, Expanded
from reconciler.config.rules import structure
from reconciler.config.yaml.files import Unfit, named_file
from reconciler.config.yaml.nodes import Map, key_of, value_of
from reconciler.config.yaml.parser import read
from reconciler.config.yaml.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.expressions.form import Form
    from reconciler.config.expressions.scope import Scope, Spot
    from reconciler.config.yaml.findings import Findings
    from reconciler.resources.kind import Kind


class Expand:
    """Reads the documents of a run and reports their problems with a place in the document."""

    def __init__(self, *, scope: Scope, fill: Fill, findings: Findings, project: Path) -> None:
        self._scope = scope
        self._fill = fill
        self._findings = findings
        self._project = project

    def document(
        self,
        kind: Kind,
        body: Map,
        key: str,
        *,
        settings: Mapping[str, Any],
        declared: Mapping[str, Any],
        forms: Mapping[str, Form],
        spot: Spot,
    ) -> Expanded | None:
        """The fields that the document adds to those of the body; `None` if there is no document."""
        path = settings.get(kind.file.expand)
        if not isinstance(path, str) or not path:
            self._check_lonely(kind, body, spot)
            return None
        at = value_of(body.marks[kind.file.expand])
        root = self._read(path, at, spot)
        if root is None:
            return None
        document = Document(
            root=root,
            spec=kind.spec,
            key=key,
            settings=settings,
            declared=frozenset(declared),
            forms=forms,
            here=self._findings.place(at),
            setting_places=Places((body,), self._findings),
            scope=self._scope,
            fill=self._fill,
            findings=self._findings,
            spot=spot,
        )
        expanded = kind.file.expand_document(document)
        fields = {name: value for name, value in expanded.fields.items() if name not in declared}
        layers = (expanded.layer,)
        fine = check(kind, fields, layers=layers, address=spot.address, findings=self._findings)
        return Expanded(fields, expanded.layer, expanded.left_out.intersection(fields), fine)

    def _check_lonely(self, kind: Kind, body: Map, spot: Spot) -> None:
        """Reports settings that have no effect because no document is named."""
        if kind.file.expand in body:
            return
        for name in sorted(kind.file.expand_settings.intersection(body)):
            message = f"`{name}` does nothing without `{kind.file.expand}`"
            advice = f"add `{kind.file.expand}`, or remove it"
            at = key_of(body.marks[name])
            self._findings.add(structure.LONELY_SETTING, message, advice, at=at, address=spot.address)

    def _read(self, path: str, at: int, spot: Spot) -> Map | None:
        folder = self._findings.folder(at)
        try:
            name, data = named_file(path, folder=folder, project=self._project, source=self._findings.source)
        except Unfit as unfit:
            rule, message, advice = unfit.args
            self._findings.add(rule, message, advice, at=at, address=spot.address)
            return None
        number = self._findings.enter(name, (folder / path).parent)
        return read(data, file=number, findings=self._findings)
