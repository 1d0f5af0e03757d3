"""The engine on a toy table of two kinds: it knows nothing of GitBook, and it converges from any start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.apply import scheduler as applying
from reconciler.apply.report import Outcome, Report
from reconciler.errors import Ambiguous, ApiError, TryAgain
from reconciler.live.fetch import fetch
from reconciler.plan.build import Policy, plan
from reconciler.plan.step import Action, Plan
from reconciler.resources.resource import Address, State
from tests.toy import POLICY, TOYS, InMemoryLockStore, World, declare, declared


async def planned(state: State, world: World, lock_store: InMemoryLockStore, policy: Policy = POLICY) -> Plan:
    live = await fetch(world, state, table=TOYS, organization="library", reach=lambda _: True)
    return plan(state, live, lock_store.load(), table=TOYS, policy=policy)


async def applied(
    state: State, world: World, lock_store: InMemoryLockStore, policy: Policy = POLICY
) -> Report:
    live = await fetch(world, state, table=TOYS, organization="library", reach=lambda _: True)
    made = plan(state, live, lock_store.load(), table=TOYS, policy=policy)
    return await applying.start(
        made, world, live.state, lock_store.load(), table=TOYS, lock_store=lock_store
    ).work()


NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["", "red", "blue", "1"])
LABELS = st.dictionaries(
    st.sampled_from(["genre", "lent", "note"]),
    st.one_of(TEXTS, st.booleans(), st.none(), st.lists(st.integers(0, 2), max_size=2)),
)
SHELVES = st.fixed_dictionaries(
    {}, optional={"name": TEXTS, "motto": TEXTS, "colours": st.lists(TEXTS, max_size=2), "stamp": TEXTS}
)
BOOKS = st.fixed_dictionaries({}, optional={"title": TEXTS, "labels": LABELS})


@st.composite
def desires(draw: st.DrawFn) -> State:
    state = {}
    for shelf in draw(st.sets(NAMES)):
        address = Address.of("shelf", shelf)
        state[address] = declare(
            address, {**draw(SHELVES), "stamp": draw(TEXTS), "exact": draw(st.booleans())}
        )
        for book in draw(st.sets(NAMES)):
            under = Address.of("book", book, address)
            state[under] = declare(
                under, {**draw(BOOKS), "exact": draw(st.booleans()), "absent": draw(st.booleans())}
            )
    return state


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World()
    for shelf in draw(st.sets(NAMES)):
        body = draw(SHELVES)
        world.shelves[shelf] = {**body, "version": draw(st.integers(1, 3))}
        for book in draw(st.sets(NAMES)):
            labels = {key: value for key, value in draw(LABELS).items() if value is not None}
            world.books[shelf, book] = {"labels": {**labels, "_own": 1}}
    return world


@given(desires(), worlds(), st.sampled_from(["none", "managed", "all"]))
async def test_a_second_plan_is_empty_from_any_start(state: State, world: World, prune: str) -> None:
    lock_store, policy = InMemoryLockStore(), replace(POLICY, prune=prune)

    report = await applied(state, world, lock_store, policy)
    again = await planned(state, world, lock_store, policy)

    assert report.complete
    assert again.steps == ()


@given(desires(), worlds())
async def test_a_plan_has_no_step_without_a_change(state: State, world: World) -> None:
    made = await planned(state, world, InMemoryLockStore())

    assert all(step.changes or step.action is not Action.UPDATE for step in made.steps)


@given(desires(), worlds())
async def test_what_no_file_names_is_left_alone(state: State, world: World) -> None:
    own = {key: dict(book["labels"]) for key, book in world.books.items()}

    await applied(state, world, InMemoryLockStore())

    for (shelf, book), labels in own.items():
        if (shelf, book) in world.books:
            resource = state.get(Address(f"shelf/{shelf}/book/{book}"))
            ours = resource.attributes.get("labels", {}) if resource else {}
            exact = bool(resource and resource.declaration and resource.declaration.exact)
            kept = {
                key: value
                for key, value in labels.items()
                if key not in ours and not (exact and key not in {"_own", "note"})
            }
            assert kept.items() <= world.books[shelf, book]["labels"].items()


@given(
    desires(),
    worlds(),
    st.integers(1, 12),
    st.sampled_from([ApiError("no"), TryAgain("again"), Ambiguous("lost")]),
)
async def test_after_a_fault_at_any_request_the_next_runs_converge(
    state: State, world: World, at: int, failure: Exception
) -> None:
    lock_store = InMemoryLockStore()
    live = await fetch(world, state, table=TOYS, organization="library", reach=lambda _: True)
    made = plan(state, live, lock_store.load(), table=TOYS, policy=POLICY)
    world.fail_at, world.failure = world.requests + at, failure

    report = await applying.start(
        made, world, live.state, lock_store.load(), table=TOYS, lock_store=lock_store
    ).work()
    world.fail_at = None
    await applied(state, world, lock_store)
    await applied(state, world, lock_store)

    assert len(report.results) == len(made.steps)
    assert (await planned(state, world, lock_store)).steps == ()


async def test_a_failed_step_skips_only_what_depends_on_it() -> None:
    world, lock_store = World(), InMemoryLockStore()
    state = declared(
        shelf__a={"name": "a", "stamp": "s"},
        shelf__a__book__x={"title": "x"},
        shelf__b={"name": "b", "stamp": "s"},
    )
    world.fail_at, world.failure = 3, ApiError("no")

    report = await applied(state, world, lock_store)

    outcomes = {str(result.step.address): result.outcome for result in report.results}
    assert sorted(outcomes.values()) == [Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED]
    assert outcomes["shelf/a/book/x"] is Outcome.SKIPPED or outcomes["shelf/b"] is Outcome.FAILED


@pytest.mark.parametrize("value", [True, "1", ["x"], {"deep": None}])
async def test_a_label_is_written_once_and_kept_beside_the_readers_own(value: Any) -> None:
    world, lock_store = World(), InMemoryLockStore()
    world.shelves["a"] = {"version": 1}
    world.books["a", "x"] = {"labels": {"_own": 1}}
    state = declared(shelf__a={}, shelf__a__book__x={"labels": {"genre": value}})

    await applied(state, world, lock_store)
    await applied(state, world, lock_store)

    assert world.books["a", "x"]["labels"] == {"_own": 1, "genre": value}
    assert world.writes == ["write shelf/a/book/x"]
