"""Nothing is deleted that nobody asked to delete: each deletion is held against what allows it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.errors import ConfigError, UsageError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.lock.document import Base, LockEntry
from reconciler.pipeline import Choice
from reconciler.plan.step import Action, Reason
from reconciler.resources.resource import Address
from reconciler.resources.targets import ancestors, matches_any
from reconciler.sandbox import Sandbox, rules
from reconciler.sandbox.records import LEVELS
from tests.desires import desires
from tests.organizations import stores
from tests.planning import InMemoryLockStore, World
from tests.virtual import VirtualClock, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.step import Plan
    from reconciler.sandbox import Store

GONE, UNREAD, READ = "gone.yaml", "unread.yaml", "gbsync.yaml"


def there(store: Store) -> list[Address]:
    """Every address that is live; bindings that an integration's target does not admit are never listed."""
    found = [Address.of("integration", name) for name in store.integrations]
    for item in store.installations.values():
        address = Address.of("installation", item.integration)
        levels = [level for level in LEVELS if rules.allows(store.integrations[item.integration], level)]
        keys = [(level, key) for level in levels for key in store.bindings(item.id, level)]
        found += [address, *(Address.of(level, key, address) for level, key in keys)]
    return list(dict.fromkeys(found))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Store, dict[str, Any], dict[Address, str], Choice]:
    """What is live, a file, which file the lock says declared what, and what the command line narrows."""
    store = draw(stores())
    document = draw(desires(store))
    assume(r"\ud800" not in repr(store.document()))
    live = there(store)
    files = st.sampled_from([GONE, UNREAD, READ])
    lock = draw(st.dictionaries(st.sampled_from(live), files, max_size=6)) if live else {}
    globs = st.lists(st.sampled_from([*live, "installation/*", "installation/slack/**", "**"]), max_size=2)
    choice = Choice(tuple(draw(globs)), tuple(draw(globs)), destroy=draw(st.integers(0, 9)) == 0)
    return store, document, lock, choice


def planned(
    store: Store, document: Mapping[str, Any], lock: Mapping[Address, str], choice: Choice
) -> Plan | None:
    """The plan; `None` where the files are refused for something else."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / READ).write_text(yaml.safe_dump(document, allow_unicode=False), encoding="utf-8")
        (path / UNREAD).write_text("version: 1\n", encoding="utf-8")
        base = Base({address: LockEntry(file) for address, file in lock.items()}, known=True, fresh=False)
        sandbox = Sandbox(store, clock=VirtualClock())
        made = World(sandbox, InMemoryLockStore(base), path, (READ,), choice=choice)
        try:
            return run(made.plan()).plan
        except (ConfigError, UsageError):
            return None


class Licence:
    """What DESIGN's sentences say of the deletion of an address."""

    def __init__(
        self, store: Store, document: Mapping[str, Any], lock: Mapping[Address, str], choice: Choice
    ) -> None:
        self.store, self.document, self.lock, self.choice = store, document, lock, choice

    def declared(self, address: Address) -> Mapping[str, Any] | None:
        """What the file says of the address."""
        section = "integrations" if address.root.startswith("integration/") else "installations"
        body = (self.document.get(section) or {}).get(address.root.key)
        if body is None or address.parent is None:
            return body if body is None else dict(body)
        level = "spaces" if address.kind.endswith("space") else "sites"
        found = (body.get(level) or {}).get(address.key)
        return None if found is None else dict(found)

    def implicit(self, address: Address) -> bool:
        """Whether it exists by itself after the plan."""
        if address.parent is None:
            return False
        name = f"{address.kind.rpartition('_')[2]}_selection"
        declared = self.declared(address.parent) or {}
        live = self.store.installations_of(integration=address.root.key)[0]
        pinned = self.store.installations.get(declared.get("id", ""), live)
        return str(declared.get(name, getattr(pinned, name))) == "all"

    def allows(self, address: Address, reason: Reason) -> bool:
        """Whether this deletion, for this reason, is one that somebody asked for."""
        own = self.declared(address)
        above = self.declared(address.parent) if address.parent else None
        absent = bool((own or {}).get("absent") or (own is not None and (above or {}).get("absent")))
        if reason is Reason.DESTROY:
            return self.choice.destroy and own is not None
        if reason is Reason.DECLARED_ABSENT:
            return absent
        if own is not None or self.implicit(address) or address.kind == "integration":
            return False
        mode = (above or {}).get("prune") or self.document["prune"]
        file = self.lock.get(address)
        if reason is Reason.NO_LONGER_DECLARED:
            return mode in ("managed", "all") and file in (GONE, READ)
        return reason is Reason.NOT_DECLARED and mode == "all" and file is None


@given(scenes())
def test_every_deletion_was_asked_for_and_is_within_what_was_named(
    scene: tuple[Store, dict[str, Any], dict[Address, str], Choice],
) -> None:
    store, document, lock, choice = scene
    plan = planned(*scene)
    if plan is None:
        return

    licence = Licence(store, document, lock, choice)
    going = {step.address: step for step in plan.steps if step.action is Action.DELETE}
    for address, step in going.items():
        assert not matches_any(choice.excludes, address)
        if step.reason is Reason.PARENT:
            assert step.needs[0] in going
            assert not step.sends
            continue

        assert licence.allows(address, step.reason), f"{address}: {step.reason.sentence}"
        assert not choice.targets or matches_any(choice.targets, address)
        assert not any(matches_any(choice.excludes, item) for item in ancestors(KINDS, address))


@given(scenes())
def test_what_pruning_leaves_is_counted_or_named(
    scene: tuple[Store, dict[str, Any], dict[Address, str], Choice],
) -> None:
    store, document, lock, _ = scene
    assume(len({item.integration for item in store.installations.values()}) == len(store.installations))
    choice = Choice()
    plan = planned(store, document, lock, choice)
    if plan is None:
        return

    licence = Licence(store, document, lock, choice)
    going = {step.address for step in plan.steps if step.action is Action.DELETE}
    named = {
        item.address
        for items in (plan.unmanaged, plan.forgotten, plan.declared_in_unread_file)
        for item in items
    }
    left = {
        address
        for address in there(store)
        if address not in going and licence.declared(address) is None and address.kind != "integration"
    }
    file_was_read = {address for address in left if address.parent is None or seen(address, document, lock)}

    assert {address for address in file_was_read if not licence.implicit(address)} <= named


def seen(address: Address, document: Mapping[str, Any], lock: Mapping[Address, str]) -> bool:
    """Whether a plan looks at the children of this installation at all."""
    roots = document.get("installations", {})
    everything = document["prune"] == "all" or any(
        body.get("prune") == "all" for body in document.get("installations", {}).values()
    )
    return everything or address.root.key in roots or address.root in {item.root for item in lock}
