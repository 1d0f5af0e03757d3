"""Replies as resources: whatever an API or a proxy sends is a resource or a bad reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import BadReply
from reconciler.gitbook.kinds.binding import binding_of
from reconciler.gitbook.kinds.installation import installation_of
from reconciler.gitbook.kinds.integration import integration_of
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.resource import Address

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.resources.resource import Resource

SLACK = Address("installation/slack")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
FIELDS = (
    *("name", "version", "owner", "urls", "previewImages", "configurations", "id", "status"),
    *("configuration", "externalIds", "space_selection", "site", "space", "title", "target"),
)
READERS: tuple[Callable[[Any], Resource], ...] = (
    integration_of,
    lambda data: installation_of(data, "slack"),
    lambda data: binding_of(data, SLACK, "site"),
)
WHOLE: dict[str, Any] = {
    "name": "slack",
    "title": "Slack",
    "version": 3,
    "id": "i",
    "status": "active",
    "configuration": {},
    "site": {"id": "site_a", "title": "A"},
}


@pytest.mark.parametrize("reader", READERS, ids=["integration", "installation", "binding"])
@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON).map(lambda some: WHOLE | some))
def test_whatever_is_sent_is_a_resource_of_a_known_kind_or_a_bad_reply(
    reader: Callable[[Any], Resource], data: Any
) -> None:
    try:
        found = reader(data)
    except BadReply:
        return

    assert found.address.kind in KINDS
    assert isinstance(found.facts.id, str)


@pytest.mark.parametrize(
    ("reader", "field", "value"),
    [
        (0, "name", ""),
        (0, "name", "a/b"),
        (0, "version", float("inf")),
        (0, "version", True),
        (1, "id", None),
        (1, "configuration", []),
        (2, "site", "a/b"),
        (2, "site", {"title": "no id"}),
    ],
)
def test_what_nothing_can_be_addressed_by_is_a_bad_reply(reader: int, field: str, value: Any) -> None:
    with pytest.raises(BadReply, match=f"without a usable `{field}`"):
        READERS[reader]({**WHOLE, field: value})
