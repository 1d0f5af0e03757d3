"""The operations that a plan is said to need: all that apply calls, and no write that it does not."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given, settings

from reconciler.apply.report import Outcome
from reconciler.errors import ConfigError
from reconciler.gitbook.kinds.table import KINDS
from reconciler.gitbook.operations.table import OPERATIONS
from reconciler.plan.permissions import needed_operations
from reconciler.sandbox import Sandbox
from tests.conftest import NIGHTLY
from tests.planning import InMemoryLockStore, World
from tests.test_laws import starts
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from reconciler.sandbox import Store


@given(starts())
@settings(max_examples=500 if NIGHTLY else 12)
async def test_apply_calls_nothing_else_and_every_write_that_is_listed(
    start: tuple[Store, dict[str, Any]],
) -> None:
    store, document = start
    with tempfile.TemporaryDirectory() as folder:
        made = World(Sandbox(store, clock=VirtualClock()), InMemoryLockStore(), Path(folder))
        made.write("gbsync.yaml", yaml.safe_dump(document, allow_unicode=True))
        try:
            planned = await made.plan()
        except ConfigError:
            return
        before = len(made.sandbox.log)
        report = await made.apply(planned)

    needed = set(needed_operations(planned.plan, KINDS))
    called = {entry.operation for entry in made.sandbox.log[before:]}
    patches = {name for name in needed if OPERATIONS[name].method == "PATCH"}
    # A binding that exists by itself, once its installation was changed, is not made after all.
    optional = patches | {"installIntegrationOnSpace", "installIntegrationOnSite"}
    assert called <= needed
    if all(result.outcome is Outcome.DONE for result in report.results):
        assert {name for name in needed if OPERATIONS[name].writes} - optional <= called


def test_every_call_of_every_kind_names_operations_of_the_table() -> None:
    for kind in KINDS.values():
        assert {"list", "read", "create", "write", "delete"} <= kind.operations.keys()
        assert {name for names in kind.operations.values() for name in names} <= OPERATIONS.keys()
