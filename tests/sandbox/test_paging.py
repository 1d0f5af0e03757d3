"""Pages: whatever the switches, following the cursors shows each item, in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox import Behaviour, Sandbox, world
from reconciler.sandbox.call import Call, Caller, Refusal
from reconciler.sandbox.paging import page
from tests.sandbox.api import ANALYTICS, ORG, Api, error


def turned(items: list[str], behaviour: Behaviour, **query: Any) -> Any:
    call = Call("listSites", Caller("user"), {}, query)
    return page(items, call, behaviour, key=str, view=str).body


def followed(items: list[str], behaviour: Behaviour, **query: Any) -> list[list[str]]:
    body = turned(items, behaviour, **query)
    pages = [body["items"]]
    while "next" in body:
        body = turned(items, behaviour, **query, page=body["next"]["page"])
        pages.append(body["items"])
    return pages


@given(
    number=st.integers(0, 30),
    limit=st.integers(1, 12),
    overlap=st.integers(0, 3),
    cap=st.integers(1, 12),
    cursor=st.sampled_from(["key", "offset"]),
)
def test_following_the_cursors_shows_each_item_in_order(
    number: int, limit: int, overlap: int, cap: int, cursor: Any
) -> None:
    items = [f"item {index}" for index in range(number)]
    pages = followed(items, Behaviour(overlap=overlap, page_cap=cap, cursor=cursor), limit=limit)
    flat = [item for found in pages for item in found]

    assert list(dict.fromkeys(flat)) == items
    assert all(len(found) <= min(limit, cap) + overlap for found in pages)
    assert overlap or flat == items


def test_a_page_says_how_many_there_are_in_all() -> None:
    body = turned(["a", "b", "c"], Behaviour(), limit=2)

    assert (body["items"], body["count"]) == (["a", "b"], 3)


def test_a_limit_of_zero_asks_for_the_count_alone() -> None:
    assert turned(["a"], Behaviour(), limit=0) == {"items": [], "count": 1}


def test_overlapping_pages_repeat_items() -> None:
    assert followed(["a", "b", "c", "d"], Behaviour(overlap=1), limit=2) == [["a", "b"], ["b", "c", "d"]]


def test_an_item_that_is_removed_meanwhile_hides_no_other() -> None:
    first = turned(["a", "b", "c", "d"], Behaviour(), limit=2)
    without_a = turned(["b", "c", "d"], Behaviour(), limit=2, page=first["next"]["page"])
    without_b = turned(["a", "c", "d"], Behaviour(), limit=2, page=first["next"]["page"])

    assert without_a["items"] == without_b["items"] == ["c", "d"]


def test_a_counting_cursor_lets_items_slip_away() -> None:
    behaviour = Behaviour(cursor="offset")
    first = turned(["a", "b", "c", "d"], behaviour, limit=2)

    assert turned(["b", "c", "d"], behaviour, limit=2, page=first["next"]["page"])["items"] == ["d"]


@pytest.mark.parametrize("cursor", ["", "?", "WzFd", "bm8", "eyJhIjoxfQ", "é"])
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal) as refused:
        turned(["a"], Behaviour(), page=cursor)

    assert refused.value.status == 400


async def test_pages_are_small_unless_asked_and_never_larger_than_the_cap() -> None:
    api = Api(Sandbox(world.large(integrations=1, bindings=120), behaviour=Behaviour(page_cap=100)))
    path = "/integrations/integration-0/installations/installation00000000/sites"
    plain, most = await api.get(path), await api.get(path, limit=1000)

    assert (len(plain["items"]), len(most["items"]), plain["count"]) == (50, 100, 120)
    assert len(set(await api.names(path))) == 120


@pytest.mark.parametrize("limit", ["-1", "1001", "many", "nan", ""])
async def test_a_limit_outside_the_reference_is_refused(limit: str) -> None:
    assert error(await Api()("GET /integrations", limit=limit))[0] == 400


async def test_lists_may_lag_behind() -> None:
    api = Api(Sandbox(behaviour=Behaviour(list_lag=2)))
    await api(f"POST {ANALYTICS}/sites", {"siteId": "site_p4Xo1"})
    seen = [len(await api.names(f"{ANALYTICS}/sites")) for _ in range(4)]

    assert seen == [1, 1, 2, 2]
    assert (await api.get(f"{ANALYTICS}/sites/site_p4Xo1"))["site"] == "site_p4Xo1"


async def test_lists_of_installations_and_integrations_lag_too() -> None:
    api = Api(Sandbox(behaviour=Behaviour(list_lag=3)))
    await api.publish()
    await api.install()
    early = await api.names(f"{ORG}/integrations"), (await api.get(f"{ORG}/installations"))["count"]
    late = await api.names(f"{ORG}/integrations"), (await api.get(f"{ORG}/installations"))["count"]

    assert ("banner" in early[0], early[1]) == (False, 3)
    assert ("banner" in late[0], late[1]) == (True, 4)
