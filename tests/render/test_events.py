"""Events for people: whatever is in them is only shown."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.render.events import event_text
from reconciler.render.status import Standing, status_text

EVENT = {"id": "e1", "createdAt": "2026-01-01", "status": "failed", "payload": {"type": "ui_render", "a": 1}}


def test_an_event_is_a_line_with_its_payload_and_log_below() -> None:
    trace = {"logs": [{"level": "warn", "message": "slow"}, {"message": "done"}]}

    assert event_text({"event": EVENT, "trace": trace}).splitlines() == [
        "2026-01-01  FAILED  ui_render  e1",
        '  {"a": 1}',
        "  warn: slow",
        "  log: done",
    ]


@pytest.mark.parametrize("traced", [{}, {"event": None}, {"event": {"payload": []}, "trace": {"logs": 1}}])
def test_an_odd_event_is_shown_as_far_as_it_goes(traced: Any) -> None:
    assert event_text(traced).strip() == ""


def test_hostile_text_does_nothing() -> None:
    hostile = "\x1b[2J\n::error::x\u202e"
    event = {**EVENT, "status": hostile, "payload": {"type": hostile, "k": hostile}}
    shown = event_text({"event": event, "trace": {"logs": [{"level": "::error", "message": hostile}]}})
    table = status_text([Standing(hostile, hostile, hostile, hostile)], width=200)

    for text in (shown, table):
        assert text.replace("\n", "").isprintable()
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_a_long_name_does_not_push_the_status_away() -> None:
    shown = status_text([Standing("n" * 300, "t" * 300, "pending")], width=100)

    assert shown.endswith("pending")
    assert len(shown) <= 100
