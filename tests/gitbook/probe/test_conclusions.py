"""What answers mean is decided without a server: also for answers that no sandbox gives."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.gitbook.probe.answer import Answer, Lag
from reconciler.gitbook.probe.conclusions.configured import Configured, Installed
from reconciler.gitbook.probe.conclusions.finding import Finding
from reconciler.gitbook.probe.conclusions.listed import Listed
from reconciler.gitbook.probe.conclusions.rates import Bucket, Rates, Window, tidy
from reconciler.gitbook.probe.conclusions.table import QUESTIONS

BY_SWITCH = {question.switch: question for question in QUESTIONS}


def concluded(switch: str, evidence: Any) -> Finding:
    return BY_SWITCH[switch].conclude(evidence)


def read(**configuration: Any) -> Answer:
    return Answer(200, {"status": "active", "configuration": configuration})


def configured(**answers: Answer) -> Configured:
    usual = dict.fromkeys(Configured.__dataclass_fields__, read(needed="a"))
    return Configured(**{**usual, **answers})


def listed(**seen: Any) -> Listed:
    page = Answer(200, {"items": [{"name": "a"}]})
    usual: dict[str, Any] = {"plain": page, "most": page, "site": page, "pages": (), "times": (), "enums": {}}
    return Listed(**{**usual, **seen})


def rates(**seen: Any) -> Rates:
    usual = {"seconds": (0.2,), "admitted": Answer(404), "tried": 100, "at_once": 16, "fitting": 0}
    return Rates(**{**usual, **seen})


def test_a_null_that_changes_nothing_is_neither_removed_nor_kept() -> None:
    finding = concluded("nulls", configured(null_as_read=read(text="b")))

    assert finding == Finding(None, "the value before it stays")


def test_a_value_that_comes_back_as_another_one_is_no_mask() -> None:
    assert concluded("masks", configured(first_as_read=read(probe_token="***"))).value == "secrets"
    assert concluded("masks", configured(first_as_read=read(probe_token="other"))).value is None
    assert concluded("masks", configured(first_as_read=read())).value is None


def test_a_status_that_no_table_has_is_told_and_no_value_is_given() -> None:
    installed = Installed(reply=read(), lag=Lag(0, 0), as_read=read(), again=Answer(418))

    assert concluded("second_install", installed) == Finding(None, "answers 418")


def test_sites_and_spaces_may_be_selected_in_different_ways() -> None:
    as_read = Answer(200, {"site_selection": "all", "space_selection": "selected"})
    installed = Installed(reply=read(), lag=None, as_read=as_read, again=read())

    assert concluded("selection", installed).value is None
    assert concluded("read_lag", installed).value is None


@pytest.mark.parametrize(
    ("pages", "overlap"),
    [
        ((("a", "b"), ("c",)), 0),
        ((("a", "b"), (), ("b", "c")), 1),
        ((("a",), ("a", "b"), ("a", "b", "c")), None),
        ((("a",), ("a", "b"), ("b", "c")), 1),
        ((("a", "b"),), None),
    ],
)
def test_pages_repeat_what_they_have_of_all_pages_before(pages: Any, overlap: int | None) -> None:
    assert concluded("overlap", listed(pages=pages)).value == overlap


def test_events_of_one_moment_have_no_order() -> None:
    assert concluded("events", listed(times=("1", "1"))).value is None
    assert concluded("events", listed(times=("1", "1", "2"))).value == "oldest-first"


def test_a_limit_that_only_headers_tell_is_taken_from_them() -> None:
    admitted = Answer(200, headers={"x-ratelimit-limit": "1000"})

    assert concluded("rate_limit", rates(admitted=admitted)).value == 1000
    assert concluded("rate_told", rates(admitted=admitted)).value == "all"
    assert concluded("rate_period", rates(admitted=admitted)).value is None


def test_a_slow_bucket_has_one_request_in_a_longer_period() -> None:
    seen = rates(shape=Bucket(burst=5, per_second=0.1), refusal=Answer(429))

    values = [concluded(switch, seen).value for switch in ("rate_limit", "rate_period", "rate_burst")]

    assert values == [1, 10, 5]


def test_what_was_not_tried_is_not_said_to_be_missing() -> None:
    assert concluded("rate_limit", rates(tried=0)) == Finding(None, "not tried")
    assert concluded("rate_limit", rates()).value == 0
    assert concluded("rate_period", rates(shape=Window(limit=3, period=0))).value is None


@pytest.mark.parametrize(
    ("measured", "number"), [(0.9871, 1), (59.4, 59), (0.512, 0.51), (1.04, 1), (1.4, 1.4)]
)
def test_a_measured_number_loses_what_measuring_added(measured: float, number: float) -> None:
    assert tidy(measured) == number
