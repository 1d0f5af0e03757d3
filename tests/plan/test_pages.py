"""Which pages take fewer requests than single reads, and whose objects may be read by the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.plan.pages import FARTHEST, LONGEST, PageSize, pages, people_alone
from reconciler.resources.resource import Address, Resource
from reconciler.resources.schema import Property, Schema
from tests.toy import TOYS

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = Schema({"genre": Property("string"), "lent": Property("boolean")})
BUTTON = Schema({"genre": Property("string"), "connect": Property("button")})


def requests(positions: Sequence[int], most: int) -> int:
    """How many reads it takes: the pages, and one for each object that is on none of them."""
    sizes = pages(positions, most)
    return len(sizes) + len(positions) - sum(size.writes for size in sizes)


@pytest.mark.parametrize(
    ("positions", "sizes"),
    [
        (range(20), [PageSize(10, 10), PageSize(10, 10)]),
        (range(0, 40, 2), [PageSize(19, 10), PageSize(20, 10)]),
        (range(900, 920), [PageSize(900, 0), PageSize(10, 10), PageSize(10, 10)]),
        (range(1500, 1520), [PageSize(1000, 0), PageSize(500, 0), *[PageSize(10, 10)] * 2]),
        (range(0, 5000, 500), []),
        ([7], []),
        ([*range(10), 4000], [PageSize(10, 10)]),
    ],
    ids=["all", "every other", "at the end", "far away", "10 of 5,000", "one", "the last alone"],
)
def test_pages_are_read_where_they_take_fewer_requests(
    positions: Sequence[int], sizes: list[PageSize]
) -> None:
    assert list(pages(positions, 10)) == sizes


@given(st.sets(st.integers(0, 3000), min_size=1), st.integers(2, 100))
def test_pages_never_take_more_requests_than_single_reads(chosen: set[int], most: int) -> None:
    positions = sorted(chosen)
    sizes, at = pages(positions, most), 0

    assert requests(positions, most) <= len(positions)
    for size in sizes:
        assert size.writes <= most
        assert size.limit <= (LONGEST if size.writes else FARTHEST)
        on_it = [each for each in positions if at <= each < at + size.limit]
        assert len(on_it) == size.writes
        at += size.limit


@pytest.mark.parametrize(
    ("schema", "labels", "alone"),
    [
        (PLAIN, {"genre": "x"}, True),
        (PLAIN, {}, True),
        (PLAIN, {"genre": "x", "stamp": 1}, False),
        (PLAIN, {"stamp": None}, False),
        (BUTTON, {"genre": "x"}, False),
        (None, {"genre": "x"}, False),
    ],
    ids=["plain", "empty", "a key of its own", "a key of its own without a value", "a button", "no schema"],
)
def test_an_integration_that_writes_is_told_by_its_schema_and_by_its_keys(
    schema: Schema | None, labels: dict[str, object], *, alone: bool
) -> None:
    objects = [
        Resource(Address("shelf/a/book/b"), {"labels": {}}),
        Resource(Address("shelf/a/book/c"), {"labels": labels}),
    ]

    assert people_alone(TOYS["shelf_book"], schema, objects) is alone
