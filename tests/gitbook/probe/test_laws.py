"""Against the sandbox, whatever its switches say, the probe names them right and leaves nothing."""

from __future__ import annotations

import itertools
import random

import pytest

from reconciler.gitbook.probe.conclusions.table import NOT_ASKED, QUESTIONS
from reconciler.sandbox import Behaviour
from reconciler.sandbox.behaviour import NAMES
from tests.conftest import NIGHTLY
from tests.gitbook.probe.probing import experiment, roomy, settings, small, wrong

pytestmark = pytest.mark.lawless  # it asks what becomes of requests that the reference forbids

LONG_LISTS = ("page_size", "page_cap", "unpaged")
"""Switches that show in lists which are longer than a page."""
SINGLE = tuple(settings())
ALWAYS = {name for name in NAMES if name not in (*LONG_LISTS, *NOT_ASKED) and not name.startswith("rate_")}
"""Switches that every run names."""
PAIRS = tuple(
    pair
    for pair in itertools.combinations(SINGLE, 2)
    if pair[0].partition("=")[0] != pair[1].partition("=")[0]
)
SOME_PAIRS = PAIRS if NIGHTLY else tuple(random.Random(17).sample(PAIRS, 24))  # noqa: S311 - a fixed sample
MIXTURES = 400 if NIGHTLY else 6
LIMITS = (
    "rate_limit=5 rate_told=nothing rate_status=503",
    "rate_limit=3 rate_period=10 rate_told=retry-after",
    "rate_limit=20 rate_burst=5 rate_told=nothing",
    "rate_limit=20 rate_burst=3 latency=0.02",
    "rate_at_once=4 latency=0.05 rate_limit=20 rate_status=503",
)


def name_of(setting: str) -> str:
    return setting.partition("=")[0]


def is_without_bindings(chosen: tuple[str, ...]) -> bool:
    return "everywhere=unbound" in chosen


def test_every_switch_has_one_question_or_a_reason_why_there_is_none() -> None:
    asked = [question.switch for question in QUESTIONS]

    assert len({*asked}) == len(asked)
    assert not NOT_ASKED.keys() & {*asked}
    assert {*NAMES} <= {*asked, *NOT_ASKED}


@pytest.mark.parametrize("setting", SINGLE)
def test_each_value_of_a_switch_is_named(setting: str) -> None:
    name = name_of(setting)
    laboratory, findings = experiment(setting, store=roomy() if name in LONG_LISTS else small())
    named = ALWAYS - ({"unselect"} if is_without_bindings((setting,)) else set())

    assert not wrong(findings, laboratory.behaviour, name, *named)


@pytest.mark.parametrize("chosen", LIMITS)
def test_each_shape_of_a_rate_limit_is_named(chosen: str) -> None:
    laboratory, findings = experiment(*chosen.split())

    assert not wrong(findings, laboratory.behaviour, *map(name_of, chosen.split()), *ALWAYS)


def test_pages_are_named_where_lists_are_longer_than_a_page() -> None:
    laboratory, findings = experiment("page_size=9", "page_cap=30", store=roomy())

    assert not wrong(findings, laboratory.behaviour, *LONG_LISTS, *ALWAYS)


@pytest.mark.parametrize("pair", SOME_PAIRS, ids=" ".join)
def test_no_switch_hides_another_one(pair: tuple[str, str]) -> None:
    laboratory, findings = experiment(*pair)
    named = {name_of(setting) for setting in pair} - {*LONG_LISTS}
    hidden = {"unselect"} if is_without_bindings(pair) else set()

    assert not wrong(findings, laboratory.behaviour, *((ALWAYS | named) - hidden))


@pytest.mark.parametrize("seed", range(MIXTURES))
def test_any_mixture_of_switches_is_named(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - repeatable is the point
    by_name = itertools.groupby(SINGLE, key=name_of)
    choices = [draw.choice([f"{name}={_usual(name)}", *values]) for name, values in by_name]
    laboratory, findings = experiment(*choices)
    hidden = {"unselect"} if is_without_bindings(tuple(choices)) else set()

    assert not wrong(findings, laboratory.behaviour, *(ALWAYS - hidden))


def _usual(name: str) -> object:
    return getattr(Behaviour(), name)
