"""The natural order of names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.resources.natural import natural

NAMES = st.lists(st.text(alphabet="aB-019٢²é", max_size=6), unique=True)


def test_numbers_in_names_are_ordered_by_their_size() -> None:
    names = ["site-10", "site-2", "Site-1", "site", "a-9b", "a-10a"]

    assert sorted(names, key=natural) == ["a-9b", "a-10a", "site", "Site-1", "site-2", "site-10"]


def test_a_number_may_have_more_digits_than_python_reads() -> None:
    assert natural("a" + "9" * 9_999) < natural("a1" + "0" * 9_999)


@given(NAMES)
def test_any_names_have_one_order_whatever_order_they_come_in(names: list[str]) -> None:
    backwards = names[::-1]

    assert sorted(names, key=natural) == sorted(backwards, key=natural)
