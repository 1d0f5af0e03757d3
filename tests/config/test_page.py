"""The page about the file: each of its examples loads as it says, and none of its words is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from reconciler.config.format.schema import json_schema
from reconciler.config.language.body import BodySyntax
from reconciler.config.language.settings import KEYS
from reconciler.gitbook.kinds.table import KINDS
from tests.config.files import problems, write
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
FOLDERS = sorted({name.split("/")[0] for name in FILES if "/" in name})
ENVIRON = {"DOCS_HOST": "docs.acme.example"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_example_is_right_unless_it_is_called_wrong(folder: Path, name: str) -> None:
    found = problems(folder, name, environ=ENVIRON)

    assert bool(found) == (name == "wrong"), found


def test_every_key_of_the_top_and_every_setting_has_its_place_on_the_page() -> None:
    settings = {"absent", "ownership", "manifest", "env", "id", "externalIds", "prune"}
    sections = {kind.file.section for kind in KINDS.values()}
    known = {key for kind in KINDS.values() for key in BodySyntax.of(kind, KINDS).keys}

    assert settings <= known
    assert not [key for key in (*KEYS, *sections, *settings) if not re.search(rf"\b{key}\b", PAGE)]


def test_every_key_of_the_language_stands_in_an_example() -> None:
    schema = json_schema(KINDS)
    shapes = (schema, *schema["$defs"].values())
    known = {key for shape in shapes for key in shape.get("properties", {})}

    assert not known - set(re.findall(r"[\w.-]+(?=:)", "\n".join(FILES.values())))


def test_every_expression_is_explained() -> None:
    words = [kind.word for kind in KINDS.values() if kind.file.catalogue]

    assert all(f"`${{{{ {scope}.NAME }}}}`" in PAGE for scope in ("env", "var", "secret", *words))
