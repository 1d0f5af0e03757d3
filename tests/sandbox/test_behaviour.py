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
        ("patch=replace", "behaviour patch=replace: Input should be 'replaces' or 'merges'"),
        ("list_lag=soon", "behaviour list_lag=soon"),
        ("pach=merges", "no such switch"),
        ("patch", "no such switch"),
    ],
)
def test_what_does_not_exist_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Behaviour.parse([text])
