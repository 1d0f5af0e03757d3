"""What a plan mentions beside its steps: of what it is about to finish, it does not say that it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reconciler import pipeline as reconcile
from reconciler.gitbook.kinds.table import KINDS
from tests.planning import ENDPOINT, world

if TYPE_CHECKING:
    from pathlib import Path

FILES = """\
sites:
  handbook: {id: site_p4Xo1}
  api-docs: {id: site_k2Lm9}
installations:
  googleanalytics:
    sites:
      handbook: {configuration: {tracking_id: G-1}}
      api-docs: {}
"""


async def test_what_the_plan_is_about_to_finish_does_not_wait_for_a_person(tmp_path: Path) -> None:
    # As a kill between the POST of a binding and its PATCH leaves it: there, and pending for want of its key.
    live: dict[str, Any] = {"googleanalytics": {"sites": {"site_p4Xo1": {}, "site_k2Lm9": {}}}}
    made = world(tmp_path, {"files": FILES, "live": {"installations": live}})
    async with made.client() as client:
        planned = await reconcile.plan(
            made.config(), client, made.lock_store, table=KINDS, endpoint=ENDPOINT, folder=made.folder
        )

    assert [step.label for step in planned.plan.steps] == ["handbook"]
    assert [notice.label for notice in planned.plan.pending] == ["api-docs"]
