"""A document as YAML: read back it is the same, and nothing in it can act on a terminal or a CI runner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.expressions.literal import Inexpressible, is_key, literal
from reconciler.config.expressions.template import pieces
from reconciler.config.format.export import Block, ExportEntry
from reconciler.config.format.fmt import formatted
from reconciler.config.yaml.findings import Findings
from reconciler.config.yaml.parser import read
from reconciler.gitbook.kinds.table import KINDS
from reconciler.render.clean import inert, is_visible
from reconciler.render.yaml import document_text, scalar
from reconciler.resources.values import same
from tests.organizations import TEXTS, VALUES


def read_back(text: str) -> Any:
    findings = Findings()
    found = read(text.encode(), file=findings.enter("export.yaml", Path()), findings=findings)

    assert findings.problems == ()
    return unescaped(found)


def unescaped(value: Any) -> Any:
    match value:
        case str():
            return "".join(str(piece) for piece in pieces(value))
        case dict():
            return {key: unescaped(item) for key, item in value.items()}
        case list():
            return [unescaped(item) for item in value]
        case _:
            return value


@given(st.dictionaries(TEXTS.filter(is_key), VALUES, max_size=3), st.lists(TEXTS, max_size=2))
def test_what_can_be_said_is_read_back_as_it_was(values: dict[str, Any], notes: list[str]) -> None:
    said = {}
    for key, value in values.items():
        try:
            said[key] = literal(value, nulls=True)
        except Inexpressible:
            continue
    entries = tuple(ExportEntry(key, value, tuple(notes)) for key, value in said.items())
    text = document_text(Block((ExportEntry("above", 1), ExportEntry("all", Block(entries, tuple(notes))))))

    assert same(read_back(text), {"above": 1, "all": {key: values[key] for key in said}})


@given(st.dictionaries(TEXTS.filter(is_key), TEXTS.filter(lambda text: "\ud800" not in text), max_size=3))
def test_it_shows_whatever_it_holds_and_is_no_command(values: dict[str, str]) -> None:
    text = document_text(Block((ExportEntry("all", values, tuple(values)),), tuple(values.values())))

    assert all(is_visible(sign) or sign == "\n" for sign in text)
    assert inert(text) == text


@given(TEXTS.filter(lambda text: "\ud800" not in text))
def test_a_text_is_a_text_to_older_readers_too(text: str) -> None:
    assert yaml.safe_load(scalar(text)) == text


def test_a_text_of_several_lines_stands_as_it_is() -> None:
    text = document_text(
        Block((ExportEntry("body", "# Title\n\nTwo lines,\n  one indented.\n"), ExportEntry("end", "a\nb")))
    )

    assert text == "body: |\n  # Title\n\n  Two lines,\n    one indented.\nend: |-\n  a\n  b\n"


def test_a_short_block_stands_on_one_line_unless_a_comment_is_in_it() -> None:
    short = Block((ExportEntry("id", "site_1"), ExportEntry("tags", ["a", "b"])), short=True)
    noted = Block((ExportEntry("id", "site_1", ("why",)),), short=True)

    assert document_text(Block((ExportEntry("a", short), ExportEntry("b", noted)))) == (
        "a: {id: site_1, tags: [a, b]}\n\nb:\n  # why\n  id: site_1\n"
    )


@pytest.mark.parametrize("text", ["\na", " a\nb", "\n\n", "a\n\n", "a \nb"])
def test_a_text_whose_margins_would_be_guessed_at_is_quoted(text: str) -> None:
    written = document_text(Block((ExportEntry("body", text),)))

    assert written == f"body: {json.dumps(text)}\n"
    assert formatted(written, table=KINDS) == written


def test_a_long_one_is_broken_into_lines() -> None:
    long = Block(
        (ExportEntry("configuration", {"one": "x" * 60, "two": ["y" * 60, {"z": 1, "long": "w" * 90}]}),),
        short=True,
    )

    assert document_text(Block((ExportEntry("a", long),))) == (
        "a:\n  configuration:\n"
        f"    one: {'x' * 60}\n"
        "    two:\n"
        f"      - {'y' * 60}\n"
        "      - z: 1\n"
        f"        long: {'w' * 90}\n"
    )


def test_an_empty_block_is_braces_below_its_comments() -> None:
    assert (
        document_text(Block((ExportEntry("a", Block((), ("why",))), ExportEntry("b", {}))))
        == "# why\na: {}\nb: {}\n"
    )
