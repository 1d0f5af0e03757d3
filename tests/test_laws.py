"""Laws over generated organizations and files, and every switch: it converges, and does no more."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from reconciler.diagnostics import Severity
from reconciler.errors import ConfigError
from reconciler.plan.step import Action
from reconciler.resources.resource import Address
from reconciler.sandbox import Behaviour, Sandbox, rules
from reconciler.sandbox.records import LEVELS, Installation
from tests.conftest import NIGHTLY
from tests.desires import desires
from tests.organizations import pairs, stores, switches, turned
from tests.planning import InMemoryLockStore, World, plan_text
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from reconciler.pipeline import Planned
    from reconciler.plan.step import Plan
    from reconciler.sandbox import Store
    from reconciler.sandbox.records import Binding

SWITCHES = list(switches())
PAIRS = list(pairs(None if NIGHTLY else 30))


@st.composite
def starts(draw: st.DrawFn) -> tuple[Store, dict[str, Any]]:
    store = draw(stores())
    # The sandbox takes no request with half a character in it; that a reply may have one is the export's law.
    assume(r"\ud800" not in repr(store.document()))
    return store, draw(desires(store))


def fitted(store: Store) -> None:
    """Takes out what an API that checks configurations would never have let in."""
    for item in tuple(objects(store).values()):
        name = store.installations[item.installation].integration
        schema = rules.schema(store.integrations[name], item.level)
        kept = {
            key: value
            for key, value in item.configuration.items()
            if not any(rules.problems(schema, {key: value}))
        }
        if isinstance(item, Installation):
            store.put_installation(replace(item, configuration=kept))
        else:
            store.put_binding(replace(item, configuration=kept))


def world(folder: str, store: Store, document: dict[str, Any], behaviour: Behaviour) -> World:
    if behaviour.configuration == "checked":
        fitted(store)
    made = World(Sandbox(store, behaviour=behaviour, clock=VirtualClock()), InMemoryLockStore(), Path(folder))
    made.write("gbsync.yaml", yaml.safe_dump(document, allow_unicode=True))
    return made


def objects(store: Store) -> dict[tuple[str, Address], Installation | Binding]:
    """Every installation and binding, by its installation's id and its address."""
    found: dict[tuple[str, Address], Installation | Binding] = {}
    for item in store.installations.values():
        address = Address.of("installation", item.integration)
        found[item.id, address] = item
        for level in LEVELS:
            for target, binding in store.bindings(item.id, level).items():
                found[item.id, Address.of(level, target, address)] = binding
    return found


def foreign_keys(document: dict[str, Any], address: Address, plan: Plan) -> set[str]:
    """Keys of the configuration at an address that the file may touch."""
    touched = {
        key
        for step in plan.steps
        if step.address == address
        for key in (
            *(change.path[1] for change in step.changes if len(change.path) > 1),
            *step.desired.get("configuration", {}),  # with `exact` also what goes where it is found
        )
    }
    body = document.get("installations", {}).get(address.root.key, {})
    if address.parent:
        body = body.get(f"{address.kind.rpartition('_')[2]}s", {}).get(address.key, {})
    return touched | set(body.get("configuration", {}))


async def planned_or_refused(made: World) -> Planned:
    """The plan; what is refused is no example, so long as it is refused for a good reason."""
    try:
        return await made.plan()
    except ConfigError as error:
        rules = {problem.rule for problem in error.problems if problem.severity is Severity.ERROR}
    assert rules == {"GB611"}, "only twins that would be pruned are wrong"
    return reject()


@pytest.mark.parametrize("behaviour", SWITCHES, ids=turned)
@given(starts())
@settings(max_examples=15 if NIGHTLY else 9)
async def test_plan_after_apply_is_empty_whatever_the_reference_leaves_open(
    behaviour: Behaviour, start: tuple[Store, dict[str, Any]]
) -> None:
    await converges(behaviour, start)


@pytest.mark.parametrize("behaviour", PAIRS, ids=turned)
@given(starts())
@settings(max_examples=15 if NIGHTLY else 4)
async def test_plan_after_apply_is_empty_under_two_switches_at_once(
    behaviour: Behaviour, start: tuple[Store, dict[str, Any]]
) -> None:
    await converges(behaviour, start)


async def converges(behaviour: Behaviour, start: tuple[Store, dict[str, Any]]) -> None:
    store, document = start
    with tempfile.TemporaryDirectory() as folder:
        made = world(folder, store, document, behaviour)
        planned = await planned_or_refused(made)

        report = await made.apply(planned)
        again = await made.plan()

    assert [f"{item.step.address}: {item.message}" for item in report.results if item.message] == []
    assert plan_text(again.plan) == ""
    assert report.complete


@given(starts(), st.sampled_from(SWITCHES))
async def test_no_request_changes_what_no_step_names_and_none_is_sent_for_nothing(
    start: tuple[Store, dict[str, Any]], behaviour: Behaviour
) -> None:
    store, document = start
    with tempfile.TemporaryDirectory() as folder:
        made = world(folder, store, document, behaviour)
        before = copy.deepcopy(objects(store))
        planned = await planned_or_refused(made)
        await made.apply(planned)

    steps = {step.address: step for step in planned.plan.steps}
    assert all(step.changes for step in steps.values() if step.action is Action.UPDATE)
    for (installation, address), old in before.items():
        now = objects(store).get((installation, address))
        if address not in steps and not _moves_by_itself(address, planned.plan):
            assert now == old
    assert len(made.sandbox.commits) <= sum(step.requests for step in steps.values())


def _moves_by_itself(address: Address, plan: Plan) -> bool:
    """Bindings come and go with their installation's selection."""
    return any(
        step.address == address.parent and change.path[0].endswith("_selection")
        for step in plan.steps
        for change in step.changes
    )


@given(starts(), st.sampled_from(SWITCHES))
async def test_no_key_that_the_file_does_not_claim_is_lost_or_changed(
    start: tuple[Store, dict[str, Any]], behaviour: Behaviour
) -> None:
    store, document = start
    with tempfile.TemporaryDirectory() as folder:
        made = world(folder, store, document, behaviour)
        before = {key: dict(item.configuration) for key, item in objects(store).items()}
        planned = await planned_or_refused(made)
        await made.apply(planned)

    own = {"lastSyncAttemptAt"} if behaviour.own_keys == "always" else set()
    for key, item in objects(store).items():
        ours = foreign_keys(document, key[1], planned.plan) | own
        old = {name: value for name, value in before.get(key, {}).items() if name not in ours}
        now = {key: value for key, value in item.configuration.items() if key in old}
        missing = {key for key in old if key not in now and old[key] is not None}
        assert not missing
        assert all(now[key] == old[key] for key in now)
