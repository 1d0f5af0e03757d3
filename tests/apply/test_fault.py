"""A fault of gbsync itself: the report names the step and the place, and the log has the traceback."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply import fault, scheduler
from reconciler.apply.report import Outcome, Report
from reconciler.gitbook.client.client import Client
from reconciler.live.fetch import fetch
from reconciler.plan.build import plan
from reconciler.resources.values import Secret
from tests.toy import POLICY, TOYS, InMemoryLockStore, World, declared

if TYPE_CHECKING:
    from reconciler.resources.resource import State

BOOKS = {"shelf__a": {"name": "A"}, "shelf__a__book__b": {"title": "B"}, "shelf__b": {"name": "B"}}


class Scrubbing(World):
    """A toy world that keeps secrets out of texts as GitBook's client does."""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(endpoint="https://api.example.com", token=Secret("the-token-itself"))

    def register_secret(self, value: Any) -> None:
        self.client.register_secret(value)

    def scrubbed(self, text: str, value: Any) -> str:
        return self.client.scrubbed(text, value)


async def applied(world: World, state: State) -> Report:
    store = InMemoryLockStore()
    live = await fetch(world, state, table=TOYS, organization="library", reach=lambda _: True)
    made = plan(state, live, store.load(), table=TOYS, policy=POLICY)
    # The first request of the apply reads, the second one writes.
    world.fail_at = world.requests + 2
    run = scheduler.start(
        made,
        world,
        live.state,
        store.load(),
        table=TOYS,
        lock_store=store,
        options=scheduler.Options(parallelism=1),
    )
    return await run.work()


def faulty(error: Exception) -> Scrubbing:
    world = Scrubbing()
    world.failure = error
    return world


def test_the_report_says_where_it_failed_and_how_to_report_it() -> None:
    report = asyncio.run(applied(faulty(KeyError("oops")), declared(**BOOKS)))
    ended = {str(result.step.address): result for result in report.results}

    assert ended["shelf/a"].outcome is Outcome.UNKNOWN
    assert ended["shelf/a"].message.startswith("gbsync itself failed here (KeyError at tests.toy:")
    assert ended["shelf/a"].message.endswith(
        "; plan again to see what is live, and report it with the traceback that `--log debug` shows"
    )
    assert ended["shelf/a/book/b"].outcome is Outcome.SKIPPED
    assert ended["shelf/b"].outcome is Outcome.DONE


def test_the_log_has_the_step_and_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="reconciler"):
        asyncio.run(applied(faulty(KeyError("oops")), declared(**BOOKS)))

    (record,) = caplog.records
    text = record.getMessage()
    assert text.startswith("shelf/a: create: gbsync itself failed\nTraceback (most recent call last):\n")
    assert "in write" in text
    assert text.endswith("KeyError: 'oops'")


@pytest.mark.parametrize("secret", ["a-secret-of-the-shelf", "short"])
def test_a_secret_in_the_errors_text_is_not_logged(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    state = declared(shelf__a={"name": "A", "stamp": Secret(secret)})

    with caplog.at_level(logging.ERROR, logger="reconciler"):
        report = asyncio.run(applied(faulty(KeyError(secret)), state))

    assert "KeyError: " in caplog.text
    assert secret not in caplog.text
    assert secret not in report.results[0].message


def test_a_traceback_shows_what_an_error_was_raised_from() -> None:
    try:
        try:
            raise ValueError("first")  # noqa: TRY301
        except ValueError as error:
            raise RuntimeError("second") from error
    except RuntimeError as error:
        lines = fault.traceback_of(error, str.upper).splitlines()

    assert [line for line in lines if not line.startswith(" ")] == [
        "Traceback (most recent call last):",
        "ValueError: FIRST",
        "Traceback (most recent call last):",
        "RuntimeError: SECOND",
    ]


def test_what_was_hidden_on_purpose_is_not_shown() -> None:
    error = RuntimeError("second")
    error.__context__ = ValueError("first")
    shown = fault.traceback_of(error, str)
    error.__suppress_context__ = True
    hidden = fault.traceback_of(error, str)

    assert "ValueError: first" in shown
    assert "ValueError" not in hidden


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert fault.message_of(KeyError("x")).startswith("gbsync itself failed here (KeyError); plan again")
