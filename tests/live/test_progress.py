"""How many lists there are to read, and how many have been: what a fetch counts."""

from __future__ import annotations

import pytest

from reconciler.live.progress import Lists


def test_a_list_is_counted_before_and_after_it_is_read() -> None:
    lists = Lists()
    with lists.one():
        during = Lists(lists.total, lists.done)

    assert during == Lists(1, 0)
    assert lists == Lists(1, 1)


def test_a_list_that_is_refused_is_not_waited_for() -> None:
    lists = Lists()
    with pytest.raises(PermissionError), lists.one():
        raise PermissionError

    assert lists == Lists(1, 1)
