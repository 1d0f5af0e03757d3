"""The place of every field, worked out when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.config.files import declared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reconciler.diagnostics import Place

TEXT = """sites:
  one: {id: site_1, tags: [t]}
installations:
  ga:
    sites:
      tag:t: {configuration: {a: 1, deep: {x: [1, {y: 2}]}}}
      one: {configuration: {a: 2}}
"""


def places(folder: Path) -> Mapping[tuple[str | int, ...], Place]:
    resource = list(declared(folder, TEXT).resources.values())[-1]

    assert resource.declaration is not None
    return resource.declaration.places


def test_a_field_stands_in_the_layer_that_wins(tmp_path: Path) -> None:
    found = places(tmp_path)

    assert {".".join(map(str, path)): (place.line, place.column) for path, place in found.items()} == {
        "configuration": (8, 15),
        "configuration.a": (9, 29),
        "configuration.deep": (8, 37),
        "configuration.deep.x": (8, 44),
    }
    assert len(found) == 4


def test_items_of_lists_have_places_too(tmp_path: Path) -> None:
    found = places(tmp_path)

    assert found["configuration", "deep", "x", 1, "y"].column == 52
    assert found["configuration", "deep", "x", 0].column == 48


def test_what_is_not_declared_has_none(tmp_path: Path) -> None:
    found = places(tmp_path)

    assert found.get(("configuration", "b")) is None
    assert found.get(("externalIds",)) is None
    assert found.get(()) is None
    assert found.get(("configuration", "a", "deeper")) is None
