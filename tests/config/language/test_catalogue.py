"""The catalogue: names for ids both ways, and globs in which a name stands for an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reconciler.config import translated
from reconciler.gitbook.kinds.table import KINDS
from tests.config.files import declared, faults

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """sites:
  handbook: {id: "${{ env.SITE }}", tags: [public, "${{ var.tag }}"], vars: {ga: G-1}}
  api-docs: {id: " site_2 "}
spaces:
  handbook: {id: 7fQm2WvA91bXcR0tYk3L}
variables: {tag: dev}
"""


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("installation/ga", "installation/ga"),
        ("installation/ga/site/handbook", "installation/ga/site/site_1"),
        ("installation/*/site/handbook", "installation/*/site/site_1"),
        ("installation/ga/space/handbook", "installation/ga/space/7fQm2WvA91bXcR0tYk3L"),
        ("installation/handbook/**", "installation/handbook/**"),
        ("installation/ga/site/site_1", "installation/ga/site/site_1"),
        ("**/site/handbook", "**/site/site_1"),
        ("installation/**/site/handbook", "installation/**/site/site_1"),
        ("/installation/ga/", "installation/ga"),
    ],
)
def test_a_name_stands_for_an_id_in_a_glob(tmp_path: Path, glob: str, expected: str) -> None:
    catalogue = declared(tmp_path, TEXT, environ={"SITE": "site_1"}).catalogue

    assert translated([glob], table=KINDS, catalogue=catalogue) == (expected,)


def test_members_are_found_by_name_and_by_id(tmp_path: Path) -> None:
    catalogue = declared(tmp_path, TEXT, environ={"SITE": "site_1"}).catalogue
    member = catalogue.find("sites", "handbook")

    assert member is not None
    assert catalogue.find("sites", "site_1") is member
    assert (member.id, member.tags, dict(member.vars)) == ("site_1", ("public", "dev"), {"ga": "G-1"})
    assert catalogue.id("sites", "api-docs") == "site_2"
    assert catalogue.id("sites", "unknown") == "unknown"
    assert (catalogue.name("sites", "site_2"), catalogue.name("sites", "site_9")) == ("api-docs", "")
    assert catalogue.tags("sites") == {"public", "dev"}
    assert catalogue.tags("pages") == frozenset()


def test_protect_takes_names(tmp_path: Path) -> None:
    text = f"{TEXT}protect: [installation/*/site/handbook]\n"

    assert declared(tmp_path, text, environ={"SITE": "site_1"}).protect == ("installation/*/site/site_1",)


def test_names_are_the_sections_own(tmp_path: Path) -> None:
    """A site and a space may share a name, and even an id."""
    assert not faults(tmp_path, "sites:\n  a: {id: site_x}\nspaces:\n  a: {id: site_x}\n")
