"""What a kind gets to read of the document that a setting names, such as GitBook's manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from reconciler.config.expressions.fill import Fill
    from reconciler.config.expressions.form import Form
    from reconciler.config.expressions.scope import Scope, Spot
    from reconciler.config.rules.rule import Rule
    from reconciler.config.yaml.findings import Findings
    from reconciler.config.yaml.nodes import Map
    from reconciler.diagnostics import Place


@dataclass(frozen=True, slots=True)
class Expanded:
    """The fields that a document declares, and the mapping that they come from."""

    fields: Mapping[str, Any]
    layer: Map
    left_out: frozenset[str] = frozenset()
    """Fields that the document leaves out on purpose: compared as the value given here, and not sent."""
    fine: bool = True
    """Whether every field fits the spec."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document, the settings beside it, and what is needed to compute its values."""

    root: Map
    spec: type[BaseModel]
    """The fields of the kind that it is for."""
    key: str
    """The key of the resource that it is for."""
    settings: Mapping[str, Any]
    declared: frozenset[str]
    """The fields that are declared beside the setting; they win."""
    forms: Mapping[str, Form]
    here: Place
    """Where the setting that names it stands."""
    setting_places: Mapping[tuple[str | int, ...], Place]
    scope: Scope
    fill: Fill
    findings: Findings
    spot: Spot

    def say(self, rule: Rule, message: str, advice: str = "", *, at: Place | int) -> None:
        """Reports a problem of the resource."""
        self.findings.add(rule, message, advice, at=at, address=self.spot.address)
