"""What the calls of the kinds make of lost replies."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.resources.kind import Handle
from reconciler.resources.resource import Address
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Fault, Faults, Sandbox
from tests import virtual

SITE = Address("installation/googleanalytics/site/site_w8Yn5")


def deleted(*faults: Fault, times: int = 1) -> tuple[bool, int]:
    """What the last of so many deletions says, and how often the sandbox took something away."""
    script = dict(enumerate(faults, start=1))
    sandbox = Sandbox(faults=Faults(script=script), clock=virtual.VirtualClock())
    parent = sandbox.store.installations_of(integration="googleanalytics")[0]
    handle = Handle(ORGANIZATION, SITE, SITE.key, parent.id)

    async def run() -> bool:
        client = Client(
            endpoint="http://sandbox.localhost",
            token=Secret(sandbox.token),
            transport=sandbox.transport(),
            clock=virtual.VirtualClock(),
        )
        async with client:
            return [await KINDS[SITE.kind].calls.delete(client, handle) for _ in range(times)][-1]

    return virtual.run(run()), len(sandbox.commits)


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.GATEWAY_AFTER, Fault.HANG_AFTER])
def test_a_deletion_whose_reply_was_lost_took_something_away(fault: Fault) -> None:
    assert deleted(fault) == (True, 1)


def test_a_second_deletion_finds_nothing_to_take_away() -> None:
    assert deleted(times=2) == (False, 1)


def published(**fields: Any) -> dict[str, Any]:
    """What the sandbox was sent for a first publish with these fields."""
    sandbox = Sandbox(clock=virtual.VirtualClock())
    name = Address("integration/acme")
    body = {"organization": ORGANIZATION, "title": "Acme", "description": "", "script": "x", "scopes": []}

    async def run() -> None:
        client = Client(
            endpoint="http://sandbox.localhost",
            token=Secret(sandbox.token),
            transport=sandbox.transport(),
            clock=virtual.VirtualClock(),
        )
        async with client:
            await KINDS["integration"].calls.create(client, Handle(ORGANIZATION, name), {**body, **fields})

    virtual.run(run())
    return dict(sandbox.store.integrations["acme"].document)


def test_no_icon_is_no_field_since_no_bytes_are_no_image() -> None:
    """The reference takes base64 of an image, and a publish without one has none."""
    assert "icon" not in published(icon="")
    assert published(icon="aWNvbg==")["icon"] == "aWNvbg=="
    assert published(previewImages=[])["previewImages"] == []
