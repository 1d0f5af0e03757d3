"""What is asked before a plan: no more than it rests on, and what the token may not see is said."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest

from reconciler import pipeline as reconcile
from reconciler.errors import AccessError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION
from tests.planning import ENDPOINT, plan_text, world
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.plan.step import Plan

SITE, SPACE = "site_p4Xo1", "7fQm2WvA91bXcR0tYk3L"
BOUND = "installations: {googleanalytics: {sites: {%s: {configuration: {tracking_id: G-1}}}}}"
SPACES = "installations: {mermaid: {spaces: {%s: {}}}}"


class Refusing(httpx.AsyncBaseTransport):
    """A server that refuses what ends so."""

    def __init__(self, inner: httpx.AsyncBaseTransport, end: str, status: int) -> None:
        self.inner, self.end, self.status = inner, end, status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(self.end):
            return await self.inner.handle_async_request(request)
        return httpx.Response(self.status, json={"error": {"code": self.status, "message": "no"}})

    async def aclose(self) -> None:
        await self.inner.aclose()


async def planned(folder: Path, file: str, end: str = "nothing", status: int = 403) -> Plan:
    made = world(
        folder, {"files": file, "live": {"installations": {"googleanalytics": {}, "mermaid": {}}}, "lock": {}}
    )
    transport = Refusing(made.sandbox.transport(), end, status)
    token, clock = Secret(made.sandbox.token), VirtualClock()
    async with Client(endpoint=ENDPOINT, token=token, transport=transport, clock=clock) as client:
        found = await reconcile.plan(
            made.config(), client, made.lock_store, table=KINDS, endpoint=ENDPOINT, folder=folder
        )
    return found.plan


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(
    ("file", "end", "note"),
    [
        (BOUND % SITE, "/sites", "The token may not list sites, so ids of sites were not checked."),
        (
            BOUND % "site_misspelt",
            "/sites",
            "The token may not list sites, so ids of sites were not checked.",
        ),
        (SPACES % SPACE, "/spaces", "The token may not list spaces, so ids of spaces were not checked."),
    ],
)
async def test_ids_that_cannot_be_looked_up_are_a_note_and_the_plan_goes_on(
    tmp_path: Path, file: str, end: str, note: str, status: int
) -> None:
    plan = await planned(tmp_path, file, f"/orgs/{ORGANIZATION}{end}", status)

    assert plan.notes == (note,)
    assert plan_text(plan).startswith("+ installation/")


async def test_what_the_plan_rests_on_must_be_seen(tmp_path: Path) -> None:
    with pytest.raises(AccessError):
        await planned(tmp_path, BOUND % SITE, "/installations", 403)


async def test_ids_are_looked_up_only_of_what_is_to_be_made_and_of_its_kind(tmp_path: Path) -> None:
    live = {
        "installations": {"googleanalytics": {"sites": {SITE: {"configuration": {"tracking_id": "G-1"}}}}}
    }
    there = world(tmp_path / "there", {"files": BOUND % SITE, "live": live})
    absent = world(
        tmp_path / "absent",
        {"files": BOUND.replace("configuration: {tracking_id: G-1}", "absent: true") % SITE},
    )
    missing = world(tmp_path / "missing", {"files": BOUND % SITE})
    for made in (there, absent, missing):
        await made.plan()

    looked = [
        Counter(entry.operation for entry in made.sandbox.log if entry.operation in LOOKS)
        for made in (there, absent, missing)
    ]

    assert looked == [{}, {}, {"listSites": 1}]


LOOKS = ("listSites", "listSpacesInOrganizationById")
