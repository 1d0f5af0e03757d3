"""The switches, as text names them; what each does stands with what it changes."""

from __future__ import annotations

import pytest

from reconciler.errors import UsageError
from reconciler.sandbox import Behaviour


def test_text_sets_each_switch_in_its_type() -> None:
    parsed = Behaviour.parse(["patch=merges", "list_lag=3", "latency=0.02", "space_binding=patch-405"])

    assert parsed == Behaviour(patch="merges", list_lag=3, latency=0.02, space_binding="patch-405")


def test_nothing_said_is_the_default() -> None:
    assert Behaviour.parse([]) == Behaviour()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patch=replace", "behaviour patch=replace: is not taken; write patch=replaces or patch=merges"),
        ("list_lag=soon", "behaviour list_lag=soon: is not taken; write list_lag=NUMBER"),
        ("pach=merges", "behaviour pach=merges: there is no switch pach; there are patch, "),
        ("x=1", "there is no switch x; there are patch, nulls, "),
        ("patch", "behaviour patch: has no value; write patch=replaces or patch=merges"),
        ("page_size", "behaviour page_size: has no value; write page_size=NUMBER"),
        ("page_size=0", "behaviour page_size=0: "),
        ("page_size=-3", "behaviour page_size=-3: "),
        ("page_cap=0", "behaviour page_cap=0: "),
        ("overlap=-1", "behaviour overlap=-1: "),
        ("list_lag=-1", "behaviour list_lag=-1: "),
        ("latency=-1", "behaviour latency=-1: "),
        ("latency=nan", "behaviour latency=nan: "),
        ("latency=inf", "behaviour latency=inf: "),
        ("rate_limit=-1", "behaviour rate_limit=-1: "),
        ("rate_period=0", "behaviour rate_period=0: "),
    ],
)
def test_what_does_not_exist_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Behaviour.parse([text])
