"""Parts side by side, overlays one over the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.yaml import overlays as overlay
from reconciler.config.yaml.nodes import Map
from tests.config.files import HEAD, ORGANIZATION, attributes, problems, read, write

if TYPE_CHECKING:
    from pathlib import Path

SCALARS = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.builds(dict.__or__, SCALARS, st.dictionaries(st.sampled_from("XYZ"), inner, max_size=3)),
    max_leaves=8,
)
"""Mappings in which a key always has the same kind of value."""


def tree(value: object) -> Map:
    made = Map()
    for key, inner in dict(value).items():  # type: ignore[call-overload]
        made.put(key, tree(inner) if isinstance(inner, dict) else inner, 0)
    return made


@given(TREES, TREES, TREES)
def test_laying_one_over_another_is_associative_and_changes_neither(
    one: object, two: object, three: object
) -> None:
    first, second, third = tree(one), tree(two), tree(three)

    assert overlay.lay(overlay.lay(first, second), third) == overlay.lay(first, overlay.lay(second, third))
    assert (first, second, third) == (one, two, three)


@given(TREES)
def test_nothing_over_or_under_changes_nothing(one: object) -> None:
    assert overlay.lay(tree(one), Map()) == overlay.lay(Map(), tree(one)) == one
    assert overlay.lay(tree(one), tree(one)) == one


def test_mappings_merge_deeply_and_lists_and_scalars_are_replaced(tmp_path: Path) -> None:
    base = "installations:\n  slack: {externalIds: [a, b], configuration: {x: {p: 1, q: 2}, y: 1}}\n"
    over = "installations:\n  slack: {externalIds: [c], configuration: {x: {q: 3}, z: 1}}\n"
    write(tmp_path, {"1.yaml": HEAD + base, "2.yaml": over})
    found = attributes(read(tmp_path, "1.yaml", "2.yaml"), "installation/slack")

    assert found == {"externalIds": ["c"], "configuration": {"x": {"p": 1, "q": 3}, "y": 1, "z": 1}}


def test_protect_adds_up_over_overlays_and_parts(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "gbsync.yaml": f"{HEAD}protect: [installation/a]\n",
            "b.gbsync.yaml": "protect: [installation/b]\n",
            "over.yaml": "protect: [installation/c]\n",
        },
    )

    assert read(tmp_path, ".", "over.yaml").protect == ("installation/a", "installation/b", "installation/c")


def test_parts_join_and_may_each_say_the_version(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "gbsync.yaml": f"{HEAD}installations:\n  slack: {{configuration: {{a: 1}}}}\n",
            "b.gbsync.yaml": "version: 1\ninstallations:\n  slack: {configuration: {b: 2}}\n  ga: {}\n",
        },
    )
    config = read(tmp_path)

    assert attributes(config, "installation/slack") == {"configuration": {"a": 1, "b": 2}}
    assert list(config.resources) == ["installation/slack", "installation/ga"]
    assert len(config.files) == 2


def test_the_same_key_in_two_parts_names_both_places(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "gbsync.yaml": f"{HEAD}prune: none\n",
            "b.gbsync.yaml": f"prune: all\norganization: {ORGANIZATION}\n",
        },
    )
    found = problems(tmp_path)

    assert [(problem.rule, problem.also[0].line) for problem in found] == [("GB014", 3), ("GB014", 2)]


def test_a_value_stands_where_the_file_that_wins_has_it_and_a_mapping_where_it_began(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1.yaml": f"{HEAD}installations:\n  slack:\n    configuration: {{a: 1}}\n",
            "2.yaml": "installations:\n  slack:\n    configuration: {a: 2}\n",
        },
    )
    (resource,) = read(tmp_path, "1.yaml", "2.yaml").resources.values()

    assert resource.declaration is not None
    places = resource.declaration.places
    assert places["configuration", "a"].file.endswith("2.yaml")
    assert places["configuration",].file.endswith("1.yaml")
    assert resource.declaration.place.file.endswith("1.yaml")


def test_no_path_at_all_is_an_empty_configuration() -> None:
    assert overlay.overlaid([]) == overlay.joined([], None) == overlay.layered([]) == {}  # type: ignore[arg-type]
