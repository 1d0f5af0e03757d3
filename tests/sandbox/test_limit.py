"""The shapes of the sandbox's rate limit: what they admit, and what they say of it."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.sandbox import Behaviour, Sandbox
from tests.sandbox.api import Api
from tests.virtual import VirtualClock, run

PATH = "GET /integrations/slack"


def statuses(behaviour: Behaviour, *waits: float) -> list[int]:
    """Of a request after each of these waits, one after the other."""

    async def call() -> list[int]:
        clock, found = VirtualClock(), []
        api = Api(Sandbox(behaviour=behaviour, clock=clock))
        for wait in waits:
            await clock.sleep(wait)
            found.append((await api(PATH)).status_code)
        return found

    return run(call())


def test_a_bucket_admits_its_burst_and_then_what_flows_in() -> None:
    behaviour = Behaviour(rate_limit=2, rate_burst=3)

    assert statuses(behaviour, 0, 0, 0, 0, 0.5, 0, 10, 0, 0, 0) == [
        *[200, 200, 200, 429],
        *[200, 429],
        *[200, 200, 200, 429],
    ]


def test_so_many_requests_at_once_are_admitted() -> None:
    async def call() -> list[int]:
        api = Api(Sandbox(behaviour=Behaviour(rate_at_once=2, latency=1), clock=VirtualClock()))
        replies = await asyncio.gather(*(api(PATH) for _ in range(4)))
        return [*sorted(reply.status_code for reply in replies), (await api(PATH)).status_code]

    assert run(call()) == [200, 200, 429, 429, 200]


@pytest.mark.parametrize(
    ("told", "passing", "refused"),
    [
        ("all", {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}, {"retry-after"}),
        ("retry-after", set(), {"retry-after"}),
        ("nothing", set(), set()),
    ],
)
@pytest.mark.parametrize("burst", [0, 1])
def test_what_is_told_of_a_limit_is_as_asked_for(
    told: str, passing: set[str], refused: set[str], burst: int
) -> None:
    behaviour = Behaviour.parse(["rate_limit=1", f"rate_burst={burst}", f"rate_told={told}"])

    async def call() -> list[set[str]]:
        api = Api(Sandbox(behaviour=behaviour, clock=VirtualClock()))
        replies = [await api(PATH), await api(PATH)]
        names = [{name for name in reply.headers if "rate" in name or "retry" in name} for reply in replies]
        assert [reply.status_code for reply in replies] == [200, 429]
        return names

    assert run(call()) == [passing, passing | refused]


def test_a_limit_refuses_with_503_where_nginx_would() -> None:
    behaviour = Behaviour(rate_limit=1, rate_burst=1, rate_told="nothing", rate_status="503")

    assert statuses(behaviour, 0, 0, 1) == [200, 503, 200]
