"""The state: what is saved is what is loaded, and a file is never half written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reconciler.errors import UsageError
from reconciler.sandbox import Behaviour, Sandbox, Store, world
from reconciler.sandbox.records import Document, Event
from reconciler.sandbox.store import EVENTS_KEPT
from tests.sandbox.api import ANALYTICS, SLACK, Api

if TYPE_CHECKING:
    from pathlib import Path


async def busy(store: Store) -> None:
    """A bit of everything that a state can hold."""
    sandbox = Sandbox(store, behaviour=Behaviour(own_keys="always"))
    api = Api(sandbox)
    await api.publish(secrets={"A": "b"}, configurations={"site": {"componentId": "config"}})
    await api.install()
    await api("PUT /integrations/banner/dev", {"tunnelUrl": "https://dev.example", "all": True})
    await api(f"PATCH {SLACK}", {"space_selection": "all", "externalIds": ["T1"]})
    await api(f"POST {ANALYTICS}/sites", {"siteId": "site_p4Xo1"})
    owner = Api(sandbox, token="gb_int_slack")
    await owner("POST /integrations/slack/tasks", {"task": {"deep": [1, None]}, "schedule": 0.5})
    await owner(f"POST {SLACK}/tokens")
    store.lock = {"anything": {"at": ["all"]}}


async def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    store = world.default()
    await busy(store)
    store.save(tmp_path / "state.json")
    loaded = Store.load(tmp_path / "state.json")

    assert loaded.document() == store.document()
    assert loaded.new_id() == store.new_id()


async def test_a_loaded_state_answers_like_the_one_that_was_saved(tmp_path: Path) -> None:
    store = world.default()
    await busy(store)
    store.save(tmp_path / "state.json")
    one, other = Api(Sandbox(store)), Api(Sandbox(Store.load(tmp_path / "state.json")))

    for path in (
        "/integrations",
        SLACK,
        f"{SLACK}/spaces",
        "/integrations/banner",
        "/integrations/slack/events",
    ):
        assert await one.get(path) == await other.get(path)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    store = world.default()
    store.save(path)
    before = path.read_bytes()
    store.lock = {"not JSON": object()}
    with pytest.raises(Exception, match="Unable to serialize"):
        store.save(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"format": 2}', '{"format": 1, "sites": [{"id": 1}]}']
)
def test_a_file_that_is_no_state_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)

    with pytest.raises(UsageError, match=r"other\.json: no state of the sandbox"):
        Store.load(path)


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing-here"):
        Store.load(tmp_path / "nothing-here")


def test_the_file_is_for_people_too(tmp_path: Path) -> None:
    world.default().save(tmp_path / "state.json")
    text = (tmp_path / "state.json").read_text()

    assert '"tracking_id": "G-OLD"' in text
    assert json.loads(text)["format"] == 1


def test_ids_follow_from_the_history_and_differ() -> None:
    ids = [world.empty().new_id(), *(store.new_id() for store in [world.empty()] for _ in range(3))]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert {len(item) for item in ids} == {20}


def test_an_organization_has_two_names() -> None:
    store = world.empty()

    assert store.organization("acme") == store.organization(world.ORGANIZATION)
    assert store.organization("nobody") is None


def test_an_empty_store_has_nothing() -> None:
    assert Store().document() == Document(format=1)


def test_a_document_is_a_snapshot() -> None:
    store = world.default()
    before = store.document()
    slack = next(iter(store.installations.values()))
    store.put_installation(replace(slack, paused=True))

    assert before == world.default().document() != store.document()


def test_old_events_are_forgotten() -> None:
    store = world.empty()
    for number in range(EVENTS_KEPT + 5):
        store.add_event(Event(str(number), "banner", {}))

    assert [event.id for event in store.events["banner"]][:1] == ["5"]
    assert len(store.events["banner"]) == EVENTS_KEPT


async def test_a_paused_installation_says_so() -> None:
    store = world.default()
    slack = next(iter(store.installations.values()))
    store.put_installation(replace(slack, paused=True))

    assert (await Api(Sandbox(store)).get(SLACK))["status"] == "paused"
