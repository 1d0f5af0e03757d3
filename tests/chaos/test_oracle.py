"""Those who judge are judged: each kind of loss and each lie of a report is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.apply.events import Phase, StepEvent
from reconciler.apply.report import Outcome, Report, Result
from reconciler.plan.step import Action, Plan, Step
from reconciler.resources.resource import Address
from reconciler.sandbox import ORGANIZATION, Behaviour, Store, world
from reconciler.sandbox.records import Binding
from reconciler.sandbox.wire import LogEntry
from tests.chaos import agree, oracle

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = "site_w8Yn5"
ANALYTICS = Address("installation/googleanalytics")
BOUND = Address(f"{ANALYTICS}/site/{SITE}")
FILE = {
    "prune": "none",
    "integrations": {},
    "installations": {
        "googleanalytics": {"sites": {SITE: {"configuration": {"tracking_id": "G-NEW"}}}},
        "slack": {"configuration": {"default_channel": "C1"}},
    },
}


def fulfilled() -> Store:
    """The default world as the file wants it."""
    store = world.default()
    analytics, slack = (store.installations_of(integration=name)[0] for name in ("googleanalytics", "slack"))
    binding = store.bindings(analytics.id, "site")[SITE]
    store.put_binding(replace(binding, configuration={**binding.configuration, "tracking_id": "G-NEW"}))
    store.put_installation(replace(slack, configuration={**slack.configuration, "default_channel": "C1"}))
    return store


def wrongs(store: Store, **file: object) -> list[str]:
    wish = oracle.wish(json.dumps({**FILE, **file}), {})
    start = oracle.snapshot(world.default())
    return oracle.wrongs(wish, start, oracle.snapshot(store), None, Behaviour(), {})


def lose_a_foreign_key(store: Store) -> None:
    slack = store.installations_of(integration="slack")[0]
    store.put_installation(replace(slack, configuration={"default_channel": "C1"}))


def keep_the_old_value(store: Store) -> None:
    store.put_binding(
        world.default().bindings(store.installations_of(integration="googleanalytics")[0].id, "site")[SITE]
    )


def install_twice(store: Store) -> None:
    store.put_installation(replace(store.installations_of(integration="slack")[0], id="another"))


def forget_a_binding(store: Store) -> None:
    store.drop_binding(
        store.bindings(store.installations_of(integration="googleanalytics")[0].id, "site")[SITE]
    )


def bind_what_nobody_asked_for(store: Store) -> None:
    store.put_binding(
        Binding(store.installations_of(integration="slack")[0].id, "space", "7fQm2WvA91bXcR0tYk3L")
    )


def uninstall_what_no_file_names(store: Store) -> None:
    store.drop_installation(store.installations_of(integration="mermaid")[0])


def publish_what_no_file_names(store: Store) -> None:
    found = store.integrations["mermaid"]
    store.integrations["mermaid"] = replace(found, version=found.version + 1)


def test_a_world_as_the_file_says_is_fine() -> None:
    assert wrongs(fulfilled()) == []


@pytest.mark.parametrize(
    "deed",
    [
        lose_a_foreign_key,
        keep_the_old_value,
        install_twice,
        forget_a_binding,
        bind_what_nobody_asked_for,
        uninstall_what_no_file_names,
        publish_what_no_file_names,
    ],
)
def test_each_kind_of_loss_is_noticed(deed: Callable[[Store], None]) -> None:
    store = fulfilled()
    deed(store)

    assert wrongs(store)


def test_what_prune_all_leaves_behind_is_noticed() -> None:
    assert any("mermaid" in wrong for wrong in wrongs(fulfilled(), prune="all"))


STEP = Step(Action.UPDATE, BOUND)
ENTRY = LogEntry(
    number=1,
    time=0.0,
    operation="updateIntegrationSiteInstallation",
    path={},
    subject=BOUND,
    body={"configuration": {}},
    caller="user",
    status=200,
    committed=True,
    fault=None,
)
TOLD = agree.Seen(StepEvent(Phase.SEND, BOUND, Action.UPDATE, "write", 1), 0)


def lies(outcome: Outcome, *entries: LogEntry, step: Step = STEP, told: bool = True) -> list[str]:
    report = Report(Plan(ORGANIZATION, "", steps=(step,)), (Result(step, outcome),))
    return agree.wrongs(report, entries, [TOLD] if told else [], Behaviour(), first=0)


def test_a_true_report_is_believed() -> None:
    assert lies(Outcome.DONE, ENTRY) == []
    assert lies(Outcome.UNKNOWN, ENTRY) == []
    assert lies(Outcome.SKIPPED) == []


@pytest.mark.parametrize("outcome", [Outcome.ALREADY, Outcome.SKIPPED, Outcome.FAILED])
def test_a_change_that_is_not_owned_up_to_is_noticed(outcome: Outcome) -> None:
    assert lies(outcome, ENTRY)


def test_a_change_that_was_not_made_is_noticed() -> None:
    assert lies(Outcome.DONE)


def test_a_change_made_twice_is_noticed() -> None:
    assert lies(Outcome.DONE, ENTRY, replace(ENTRY, number=2))
    made = replace(ENTRY, operation="installIntegrationOnSite", body={"siteId": SITE})
    assert lies(Outcome.DONE, made, made, step=replace(STEP, action=Action.CREATE))


def test_a_change_that_nobody_announced_is_noticed() -> None:
    assert lies(Outcome.DONE, ENTRY, told=False)


def test_a_change_of_something_else_is_noticed() -> None:
    assert lies(Outcome.DONE, ENTRY, replace(ENTRY, subject="installation/slack"))
