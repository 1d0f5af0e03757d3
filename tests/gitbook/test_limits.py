"""Laws of the pacer, as counts: whatever shape a limit has, it is used up and hardly ever run into."""

from __future__ import annotations

from copy import copy

import pytest

from tests.gitbook.servers import LATENCY, Bucket, Server, Window, sent

Shape = Window | Bucket

WORKERS = 10
MOST = WORKERS / LATENCY
"""Requests a second that the workers could send."""

ANNOUNCED: dict[str, tuple[Shape, int]] = {
    "a window of a second": (Window(20), 500),
    "a fast window": (Window(100), 1000),
    "a window of a minute": (Window(600, 60), 1800),
    "a slow bucket": (Bucket(1, 5), 1000),
    "a bucket smaller than the work in flight": (Bucket(5, 5), 500),
    "a fast bucket that is smaller than it": (Bucket(20, 5), 500),
    "a bucket of ten a second": (Bucket(10, 10), 500),
    "a faster one": (Bucket(100, 5), 1000),
    "a bucket of a hundred": (Bucket(100, 100), 1500),
    "a bucket of a thousand": (Bucket(5, 1000), 3000),
    "more than the workers can send": (Window(1000), 1000),
}
SILENT: dict[str, tuple[Shape, int]] = {
    "a slow bucket": (Bucket(1, 5), 1000),
    "a bucket smaller than the work in flight": (Bucket(5, 5), 1000),
    "a fast bucket that is smaller than it": (Bucket(20, 5), 1000),
    "a bucket of a hundred": (Bucket(20, 100), 1200),
    "a bucket of a thousand": (Bucket(10, 1000), 3000),
    "a fast bucket of a hundred": (Bucket(400, 100), 1500),
    "a fast window": (Window(400), 1500),
    "a window of a minute": (Window(600, 60), 3000),
    "more than the workers can send": (Window(1000), 1000),
}


@pytest.mark.parametrize("name", ANNOUNCED)
def test_a_limit_that_is_announced_is_used_up_and_not_run_into(name: str) -> None:
    limit, requests = ANNOUNCED[name]
    run = sent(Server(copy(limit)), requests)

    assert run.passed == run.needed + run.reads_again
    assert run.used(min(limit.rate, MOST), getattr(limit, "burst", 0)) >= 0.95
    assert run.share_refused <= 0.01


@pytest.mark.parametrize("name", SILENT)
def test_a_limit_of_which_no_header_speaks_is_learned_from_a_few_refusals(name: str) -> None:
    limit, requests = SILENT[name]
    run = sent(Server(copy(limit), tells="nothing"), requests)

    assert run.passed == run.needed + run.reads_again
    assert run.used(min(limit.rate, MOST), getattr(limit, "burst", 0)) >= 0.95
    assert run.share_refused <= 0.05


@pytest.mark.parametrize("tells", ["all", "retry", "nothing"])
@pytest.mark.parametrize("rate", [1, 5, 20, 100])
def test_where_no_two_requests_pass_in_a_row_a_write_follows_one_interval_later(
    rate: int, tells: str
) -> None:
    run = sent(Server(Bucket(rate, 1), tells=tells), 500)

    assert run.passed == run.needed + run.reads_again
    assert run.reads_again <= run.needed * 0.08
    assert run.share_refused <= 0.1


@pytest.mark.parametrize("most", [1, 2, 4, 9])
def test_so_many_at_once_are_found_out(most: int) -> None:
    server = Server(at_once=most, tells="nothing")
    run = sent(server, 1000)

    assert run.passed == run.needed + run.reads_again
    assert run.used(most / LATENCY) >= 0.95
    assert run.share_refused <= 0.05


@pytest.mark.parametrize("tells", ["all", "nothing"])
@pytest.mark.parametrize("limit", [Bucket(20, 5), Bucket(100, 20)], ids=["small", "larger"])
def test_a_neighbour_who_uses_half_of_it_leaves_the_other_half(limit: Bucket, tells: str) -> None:
    run = sent(Server(Bucket(limit.rate, limit.burst), tells=tells, others=limit.rate / 2), 1000)

    assert run.used(limit.rate / 2, limit.burst) >= 0.9
    assert run.share_refused <= 0.05


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize("limit", [Bucket(5, 5), Bucket(20, 5), Window(20)], ids=str)
def test_a_retry_after_alone_is_obeyed_and_few_are_refused(limit: Shape, *, pairs: bool) -> None:
    run = sent(Server(copy(limit), tells="retry"), 500, pairs=pairs)

    assert run.passed == run.needed + run.reads_again
    assert run.share_refused <= 0.05


def test_the_first_request_of_a_run_goes_alone() -> None:
    run = sent(Server(Bucket(1, 1)), 2, pairs=False)

    assert run.refused == 0


def test_a_limit_larger_than_what_is_sent_slows_nobody_down() -> None:
    run = sent(Server(Bucket(1000, 1000)), 1000)

    assert run.seconds <= 1000 / MOST * 1.05
    assert run.refused == 0
