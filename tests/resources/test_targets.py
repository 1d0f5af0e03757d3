"""Targets: which addresses a run is about, and what they take along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.resource import Address
from reconciler.resources.targets import Selection, ancestors, depends_on, families, matches, matches_any

SLACK, GITHUB = Address("installation/slack"), Address("installation/github")
BOUND = Address("installation/slack/space/one")
ACME = Address("integration/slack")
ALL = (ACME, SLACK, BOUND, GITHUB)
WORDS = st.sampled_from(["a", "ab", "slack", "x.y", "[a]"])
ADDRESSES = st.lists(WORDS, min_size=2, max_size=4).map("/".join)


def selection(*targets: str, excludes: tuple[str, ...] = ()) -> Selection:
    return Selection.of(ALL, table=KINDS, targets=targets, excludes=excludes)


def within(*targets: str, excludes: tuple[str, ...] = ()) -> list[Address]:
    found = selection(*targets, excludes=excludes)
    return [address for address in ALL if found.within(address)]


@pytest.mark.parametrize(
    ("glob", "address", "expected"),
    [
        ("installation/slack", "installation/slack", True),
        ("installation/slack", "installation/slack/space/one", False),
        ("installation/slack", "installation/slack-2", False),
        ("installation/slack/**", "installation/slack", False),
        ("installation/slack/**", "installation/slack/space/one", True),
        ("installation/slack/*", "installation/slack/space/one", False),
        ("installation/*", "installation/slack", True),
        ("installation/sl?ck", "installation/slack", True),
        ("installation/sl?ck", "installation/sl/ck", False),
        ("/installation/slack/", "installation/slack", True),
        ("installation/sl.ck", "installation/slack", False),
        ("**", "installation/slack/space/one", True),
    ],
)
def test_a_glob_names_itself_alone_unless_it_says_what_is_under_it(
    glob: str, address: str, *, expected: bool
) -> None:
    assert matches(glob, address) is expected


@given(ADDRESSES)
def test_every_address_names_itself_and_no_character_of_it_is_a_pattern(address: str) -> None:
    assert matches(address, address)
    assert not matches(address, f"{address}/a/b")
    assert matches_any(["nothing", address], address)
    assert not matches_any([], address)


def test_a_binding_waits_for_its_parent_and_an_installation_for_its_integration() -> None:
    assert depends_on(KINDS, ACME) == ()
    assert depends_on(KINDS, SLACK) == (ACME,)
    assert ancestors(KINDS, BOUND) == (SLACK, ACME)


def test_without_targets_and_excludes_a_run_is_about_everything() -> None:
    assert within() == [*ALL]
    assert not selection().partial
    assert selection().named(SLACK)


def test_a_target_takes_along_what_it_depends_on_and_nothing_under_it() -> None:
    assert within(SLACK) == [ACME, SLACK]
    assert within(BOUND) == [ACME, SLACK, BOUND]
    assert selection(BOUND).partial


def test_what_is_only_taken_along_may_not_be_deleted() -> None:
    found = selection(BOUND)

    assert [address for address in ALL if found.named(address)] == [BOUND]


def test_what_is_excluded_takes_along_what_depends_on_it() -> None:
    assert within(excludes=(SLACK,)) == [ACME, GITHUB]
    assert within(excludes=(BOUND,)) == [ACME, SLACK, GITHUB]
    assert within(excludes=(ACME,)) == [GITHUB]


def test_an_exclude_wins_over_a_target() -> None:
    assert within(BOUND, excludes=(SLACK,)) == [ACME]


@given(st.sets(st.sampled_from(ALL)), st.sets(st.sampled_from(ALL)))
def test_a_run_is_never_about_something_without_what_that_depends_on(
    targets: set[Address], excludes: set[Address]
) -> None:
    chosen = within(*targets, excludes=tuple(excludes))

    for address in chosen:
        assert set(depends_on(KINDS, address)) & set(ALL) <= set(chosen)
    assert not set(chosen) & excludes


def test_a_family_is_asked_for_once() -> None:
    other = Address("installation/slack/space/two")

    assert [*families((BOUND, other, SLACK)).values()] == [other, SLACK]
