"""Sections of the file become resources: selectors, absence, settings, places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Options, load
from reconciler.resources.values import FileText, SealedText, Secret
from tests import toy
from tests.config.files import HEAD, attributes, declared, faults, write

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from reconciler.config import Config
    from reconciler.resources.resource import Declaration

CATALOGUE = """sites:
  one: {id: site_1, tags: [a, b], vars: {v: 1}}
  two: {id: site_2, tags: [b], vars: {v: 2}}
  three: {id: site_3, vars: {v: 3}}
"""


def bound(folder: Path, entries: str, before: str = "") -> dict[str, Any]:
    """The configuration of each binding of one installation, by site."""
    lines = "".join(f"      {line}\n" for line in entries.strip().splitlines())
    config = declared(folder, f"{CATALOGUE}installations:\n  ga:\n{before}    sites:\n{lines}")
    return {
        address.key: dict(resource.attributes.get("configuration", {}))
        for address, resource in config.resources.items()
        if address.kind == "installation_site"
    }


def declaration(config: Config, address: str) -> Declaration:
    found = {str(key): resource.declaration for key, resource in config.resources.items()}[address]

    assert found is not None
    return found


def test_a_star_is_every_name_and_a_tag_those_that_have_it(tmp_path: Path) -> None:
    assert bound(tmp_path, "'*': {configuration: {k: s}}") == {
        key: {"k": "s"} for key in ("site_1", "site_2", "site_3")
    }
    assert bound(tmp_path, "tag:b: {configuration: {k: t}}") == {
        key: {"k": "t"} for key in ("site_1", "site_2")
    }


def test_names_win_over_tags_and_tags_over_the_star_key_by_key(tmp_path: Path) -> None:
    entries = """
one: {configuration: {own: one, all: one}}
tag:b: {configuration: {tag: b, all: b, both: b}}
tag:a: {configuration: {tag: a, all: a, both: a}}
'*': {configuration: {star: s, all: s, tag: s}}
site_2: {configuration: {own: two}}
"""

    assert bound(tmp_path, entries) == {
        "site_1": {"star": "s", "tag": "b", "both": "b", "own": "one", "all": "one"},
        "site_2": {"star": "s", "tag": "b", "both": "b", "own": "two", "all": "b"},
        "site_3": {"star": "s", "tag": "s", "all": "s"},
    }


@given(
    order=st.permutations(
        ["'*': {configuration: {k: 1}}", "tag:b: {configuration: {k: 2}}", "one: {configuration: {k: 3}}"]
    )
)
def test_the_order_in_the_section_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[str]
) -> None:
    found = bound(tmp_path_factory.getbasetemp(), "\n".join(order))

    assert found == {"site_1": {"k": 3}, "site_2": {"k": 2}, "site_3": {"k": 1}}


def test_each_member_has_its_own_values(tmp_path: Path) -> None:
    entries = "'*': {configuration: {v: '${{ site.v }}', text: 'is ${{ site.v }}', list: ['${{ site.v }}']}}"

    assert bound(tmp_path, entries)["site_2"] == {"v": 2, "text": "is 2", "list": [2]}


def test_a_name_is_shown_beside_the_id_and_an_id_works_alone(tmp_path: Path) -> None:
    text = "installations:\n  ga:\n    sites: {one: {}, site_2: {}, site_zZ9: {}}\n"
    config = declared(tmp_path, CATALOGUE + text)

    addresses = [f"installation/ga/site/{key}" for key in ("site_1", "site_2", "site_zZ9")]
    assert [declaration(config, address).label for address in addresses] == ["one", "two", ""]


def test_absent_wins_over_everything_at_and_under_it(tmp_path: Path) -> None:
    below = "    configuration: {a: '${{ env.GONE }}'}\n    sites: {site_1: {externalIds: [x]}}\n"
    config = declared(tmp_path, f"installations:\n  ga:\n    absent: true\n{below}")

    assert [resource.attributes for resource in config.resources.values()] == [{}, {}]
    assert all(declaration(config, address).absent for address in config.resources)


def test_absent_is_taken_back_only_by_what_is_narrower_or_later(tmp_path: Path) -> None:
    found = bound(
        tmp_path,
        "'*': {absent: true, configuration: {k: 1}}\none: {absent: false}\ntwo: {configuration: {k: 2}}",
    )

    assert found == {"site_1": {"k": 1}, "site_2": {}, "site_3": {}}


def test_settings_become_facts_of_the_declaration(tmp_path: Path) -> None:
    settings = "id: inst_1, ownership: exact, prune: managed"
    text = f"installations:\n  ga: {{{settings}, sites: {{site_1: {{ownership: keys}}}}}}\n"
    config = declared(tmp_path, text)
    top, binding = (declaration(config, address) for address in config.resources)

    assert (top.id, top.exact, top.prune) == ("inst_1", True, "managed")
    assert (binding.id, binding.exact, binding.prune) == ("", False, "")
    assert [resource.attributes for resource in config.resources.values()] == [{}, {}]


def test_null_removes_a_key_and_is_a_value_further_in(tmp_path: Path) -> None:
    config = declared(
        tmp_path,
        "installations:\n  slack: {configuration: {gone: null, kept: {inner: null, list: [null]}}}\n",
    )

    assert attributes(config, "installation/slack")["configuration"] == {
        "gone": None,
        "kept": {"inner": None, "list": [None]},
    }


def test_a_property_or_secret_called_file_is_no_file(tmp_path: Path) -> None:
    text = (
        "integrations:\n  acme:\n    secrets: {file: x}\n"
        "    configurations: {account: {properties: {file: {type: string}}}}\n"
        "installations:\n  acme: {configuration: {file: x.txt}}\n"
    )
    config = declared(tmp_path, text)

    assert list(attributes(config, "integration/acme")["secrets"]) == ["file"]
    assert attributes(config, "installation/acme")["configuration"] == {"file": "x.txt"}


def test_parents_come_before_children_and_integrations_before_installations(tmp_path: Path) -> None:
    bindings = "sites: {site_1: {}}, spaces: {7fQm2WvA91bXcR0tYk3L: {}}"
    text = f"installations:\n  a: {{{bindings}}}\nintegrations:\n  b: {{title: Fine}}\n"

    assert list(declared(tmp_path, text).resources) == [
        "integration/b",
        "installation/a",
        "installation/a/space/7fQm2WvA91bXcR0tYk3L",
        "installation/a/site/site_1",
    ]


def test_a_shared_body_is_checked_once_and_told_where_it_stands(tmp_path: Path) -> None:
    found = faults(tmp_path, f"{CATALOGUE}installations:\n  ga: {{sites: {{tag:b: {{externalIds: x}}}}}}\n")

    assert len(found) == 1
    assert found[0].startswith("gbsync.yaml:8:37: GB018")


def test_a_value_of_the_wrong_type_from_one_member_is_told_for_it_alone(tmp_path: Path) -> None:
    catalogue = CATALOGUE.replace("v: 2", "v: text")
    found = faults(
        tmp_path,
        f"{catalogue}installations:\n  ga: {{sites: {{'*': {{externalIds: ['${{{{ site.v }}}}']}}}}}}\n",
    )

    assert [line.split(" ")[2] for line in found] == [
        "installation/ga/site/site_1:",
        "installation/ga/site/site_3:",
    ]


def test_nothing_here_knows_gitbook(tmp_path: Path) -> None:
    """The same language, over a table of shelves and books."""
    text = "shelves:\n  a: {name: A, colours: [red], books: {b: {labels: {x: 1, y: null}}}}\n"
    write(tmp_path, {"gbsync.yaml": HEAD + text})
    config = load([str(tmp_path)], table=toy.TOYS, options=Options())

    assert {str(key): resource.attributes for key, resource in config.resources.items()} == {
        "shelf/a": {"name": "A", "colours": ["red"]},
        "shelf/a/book/b": {"labels": {"x": 1, "y": None}},
    }


def test_text_that_cannot_be_read_back_is_sealed_wherever_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {"built.js": "go();\n"})
    config = declared(
        tmp_path,
        "variables: {v: x}\nintegrations:\n"
        "  one: {title: One, script: 'go(${{ var.v }});', runtime: v1}\n"
        "  two: {title: Two, script: {file: built.js}, previewImages: []}\n"
        "  three: {title: '${{ var.v }}ab', script: '${{ secret.S }};'}\n",
        environ={"S": "shh"},
    )
    one, two, three = (attributes(config, f"integration/{name}") for name in ("one", "two", "three"))

    assert type(one["script"]) is SealedText
    assert one["script"] == "go(x);"
    assert type(two["script"]) is FileText
    assert type(three["script"]) is Secret
    assert {type(item) for item in (one["title"], one["runtime"], three["title"])} == {str}
