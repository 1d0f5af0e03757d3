"""Numbers and times for people."""

from __future__ import annotations

import pytest

from reconciler.render.amounts import counted, duration


def test_numbers_agree_with_their_words() -> None:
    assert counted(1, "step") == "1 step"
    assert counted(5000, "step") == "5,000 steps"
    assert counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "1 s"), (1.2, "2 s"), (90, "90 s"), (91, "2 min"), (5400, "90 min"), (5401, "2 h")],
)
def test_a_duration_is_rounded_up_in_one_unit(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
