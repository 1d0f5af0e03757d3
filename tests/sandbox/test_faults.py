"""Which request fails: by seed, by script, and always the same."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.sandbox import Fault, Faults

REQUESTS = range(1, 2001)


@given(st.integers(), st.floats(0, 1))
def test_the_same_seed_gives_the_same_faults(seed: int, rate: float) -> None:
    one, other = (Faults.spread(rate, seed=seed) for _ in range(2))

    assert [one.at(number, "x") for number in range(50)] == [other.at(number, "x") for number in range(50)]


def test_different_seeds_give_different_faults() -> None:
    lists = {tuple(Faults.spread(0.3, seed=seed).at(number, "x") for number in REQUESTS) for seed in range(5)}

    assert len(lists) == 5


def test_the_rate_is_met_and_every_kind_occurs() -> None:
    found = Counter(Faults.spread(0.3).at(number, "x") for number in REQUESTS)

    assert 0.25 < 1 - found[None] / len(REQUESTS) < 0.35
    assert found.keys() == {None, *Fault}


def test_a_script_is_exact() -> None:
    faults = Faults(script={2: Fault.RESET})

    assert [faults.at(number, "x") for number in (1, 2, 3)] == [None, Fault.RESET, None]


def test_faults_may_be_kept_to_some_operations() -> None:
    faults = Faults(rates={Fault.ERROR: 1}, operations=frozenset({"publishIntegration"}))

    assert (faults.at(1, "publishIntegration"), faults.at(1, "listSites")) == (Fault.ERROR, None)


def test_no_faults_unless_asked_for() -> None:
    assert not any(Faults().at(number, "x") for number in REQUESTS)


def test_a_fault_that_ends_in_after_leaves_the_request_carried_out() -> None:
    carried_out = {fault for fault in Fault if fault.commits}

    assert carried_out == {
        Fault.ERROR_AFTER,
        Fault.GATEWAY_AFTER,
        Fault.TIMEOUT_AFTER,
        Fault.HTML_AFTER,
        Fault.RESET_AFTER,
        Fault.TRUNCATED,
        Fault.SLOW,
        Fault.HANG_AFTER,
    }


def test_text_names_rates_scripts_and_all_kinds_at_once() -> None:
    assert Faults.parse(["500=0.5", "reset@7"], seed=3) == Faults(
        seed=3, rates={Fault.ERROR: 0.5}, script={7: Fault.RESET}
    )
    assert Faults.parse(["all=0.3"]).rates == Faults.spread(0.3).rates


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("500", "write KIND=RATE, all=RATE or KIND@NUMBER"),
        ("", "write KIND=RATE"),
        ("500=2", "500=2: 2 is no share of the requests; write a number from 0 to 1"),
        ("500=-1", "-1 is no share"),
        ("500=x", "x is no share"),
        ("500=nan", "nan is no share"),
        ("all=", "nothing is no share"),
        ("nothing=0.1", "there is no nothing; there are 429-seconds, "),
        ("rest=0.1", "there is no rest; there are"),
        ("=1", "there is no such fault"),
        ("reset@", "nothing is no number of a request; they count from 1"),
        ("reset@x", "x is no number of a request"),
        ("reset@0", "0 is no number of a request"),
        ("reset@-1", "-1 is no number of a request"),
        ("@1", "there is no such fault"),
    ],
)
def test_what_does_not_exist_is_named(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        Faults.parse([text])
