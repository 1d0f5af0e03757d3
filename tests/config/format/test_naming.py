"""Names for the catalogue: as people write them, unlike each other, without a sign that means something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config.format.naming import is_id, named, slug
from reconciler.config.language.catalogue import TAG
from tests.organizations import TITLES

IDS = st.sampled_from(["site_a", "site_b", "handbook", "api", "hand-book", "HANDBOOK"])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("API Docs", "api-docs"),
        ("  Release Notes (2025) ", "release-notes-2025"),
        ("Prüfung", "prüfung"),
        ("日本語 ガイド", "日本語-ガイド"),
        ("tag:public/*", "tag-public"),
        ("${{ secret.X }}", "secret-x"),
        ("!?", ""),
        ("x" * 100, "x" * 60),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert slug(title) == name


def test_equal_titles_get_their_id() -> None:
    assert named({"s1": "Docs", "s2": "docs", "s3": "Help"}) == {
        "s1": "docs-s1",
        "s2": "docs-s2",
        "s3": "help",
    }


def test_a_name_is_no_id_of_another() -> None:
    assert named({"docs": "Help", "s2": "Docs"}) == {"docs": "help", "s2": "docs-s2"}


def test_without_a_title_the_id_stays() -> None:
    assert named({"s1": "", "s2": "!"}) == {"s1": "s1", "s2": "s2"}


@given(
    st.dictionaries(IDS, st.one_of(TITLES, st.sampled_from(["hand-book", "docs-site_a", "docs"])), max_size=6)
)
def test_names_are_unique_and_plain(titles: dict[str, str]) -> None:
    names = named(titles)

    assert names.keys() == titles.keys()
    assert len(set(names.values())) == len(names)
    assert all(is_id(name) and not name.startswith(TAG) for name in names.values())
    assert all(name == key or name not in titles for key, name in names.items())
