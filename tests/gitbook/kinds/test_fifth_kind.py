"""A fifth kind needs its own file and its operations' rows; files, plan, apply and output follow from these.

`webhook.py` and `webhook_operations.py` are all that there is of it. The tables are built from the product's
and these, and everything runs on the real engine, the real client and the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from reconciler import pipeline
from reconciler.config import Options, load
from reconciler.config.format.export import export
from reconciler.config.format.schema import json_schema
from reconciler.errors import ConfigError
from reconciler.gitbook.client.client import Client
from reconciler.gitbook.kinds.table import KINDS
from reconciler.gitbook.operations import table as operations
from reconciler.live.fetch_all import fetch_all
from reconciler.render.plan.html import plan_html
from reconciler.render.plan.json import plan_document
from reconciler.render.plan.markdown import plan_markdown
from reconciler.render.plan.text import plan_page
from reconciler.render.yaml import document_text
from reconciler.resources.kind import public_keys, table
from reconciler.resources.redaction import Redactor
from reconciler.resources.secret_names import SecretNames
from reconciler.resources.values import Secret
from reconciler.sandbox import ORGANIZATION, Sandbox
from reconciler.sandbox.call import WAS_NOT_THERE, WAS_THERE, SandboxReply, not_found
from reconciler.sandbox.service import HANDLERS
from tests.conftest import ROOT
from tests.gitbook.kinds.webhook import WEBHOOK
from tests.gitbook.kinds.webhook_operations import ROWS
from tests.planning import ENDPOINT, InMemoryLockStore
from tests.virtual import VirtualClock

if TYPE_CHECKING:
    from pathlib import Path

    from reconciler.pipeline import Planned
    from reconciler.sandbox.backend import Backend
    from reconciler.sandbox.call import Call

pytestmark = pytest.mark.lawless  # the OpenAPI document has no webhooks

FIVE = table(*KINDS.values(), WEBHOOK)
OPERATIONS = operations.table(*operations.OPERATIONS.values(), *ROWS)
TOKEN = "hunter2-hunter2"
SLACK = "installation/slack"
FILE = f"""\
version: 1
organization: {ORGANIZATION}
installations:
  slack:
    webhooks:
      audit: {{url: "https://audit.example/in", events: [installed], signing: "${{{{ secret.SIGNING }}}}"}}
      chat: {{url: "https://chat.example/in"}}
"""


class Webhooks:
    """The sandbox's handlers of the webhook's operations, with their own state."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], dict[str, object]] = {}

    def list(self, backend: Backend, call: Call) -> SandboxReply:
        """All of one installation."""
        of = backend.installation(call).id
        return SandboxReply(body={"items": [item for (id_, _), item in self.stored.items() if id_ == of]})

    def create(self, backend: Backend, call: Call) -> SandboxReply:
        """A new one, without a secret."""
        item = dict(call.body)
        self.stored[backend.installation(call).id, item["name"]] = item
        return SandboxReply(201, item)

    def read(self, backend: Backend, call: Call) -> SandboxReply:
        """One."""
        return SandboxReply(body=self._at(backend, call))

    def update(self, backend: Backend, call: Call) -> SandboxReply:
        """Replaces each field of the body."""
        item = self._at(backend, call)
        item |= call.body
        return SandboxReply(body=item)

    def delete(self, backend: Backend, call: Call) -> SandboxReply:
        """Removes it."""
        key = (backend.installation(call).id, call.path["webhookName"])
        return WAS_THERE if self.stored.pop(key, None) else WAS_NOT_THERE

    def _at(self, backend: Backend, call: Call) -> dict[str, object]:
        item = self.stored.get((backend.installation(call).id, call.path["webhookName"]))
        if item is None:
            raise not_found(what="webhook", name=call.path["webhookName"])
        return item


@dataclass(frozen=True, slots=True)
class Organization:
    """A folder with a file, a lock, and a sandbox that serves webhooks."""

    folder: Path
    webhooks: Webhooks
    sandbox: Sandbox
    lock: InMemoryLockStore

    def write(self, text: str) -> None:
        """Replaces the file."""
        (self.folder / "gbsync.yaml").write_text(text, encoding="utf-8")

    def client(self) -> Client:
        """A client of the sandbox that knows the webhook's operations."""
        return Client(
            endpoint=ENDPOINT,
            token=Secret(self.sandbox.token),
            transport=self.sandbox.transport(),
            clock=VirtualClock(),
            operations=OPERATIONS,
        )

    async def plan(self) -> Planned:
        """What `gbsync plan` does."""
        config = load([str(self.folder)], table=FIVE, options=Options(environ={"SIGNING": TOKEN}))
        async with self.client() as client:
            return await pipeline.plan(
                config, client, self.lock, table=FIVE, endpoint=ENDPOINT, folder=self.folder
            )

    async def apply(self) -> list[str]:
        """What `gbsync apply` does: how each step ended."""
        planned = await self.plan()
        async with self.client() as client:
            report = await pipeline.apply(planned, client, self.lock, table=FIVE).work()
        assert report.complete, [result.message for result in report.results]
        return [f"{result.outcome.value} {result.step.address}" for result in report.results]


@pytest.fixture
def organization(tmp_path: Path) -> Organization:
    """The file of this test, and the sandbox's own seeded world."""
    webhooks = Webhooks()
    handlers = {
        "listWebhooks": webhooks.list,
        "createWebhook": webhooks.create,
        "getWebhook": webhooks.read,
        "updateWebhook": webhooks.update,
        "deleteWebhook": webhooks.delete,
    }
    sandbox = Sandbox(clock=VirtualClock(), operations=OPERATIONS, handlers={**HANDLERS, **handlers})
    made = Organization(tmp_path, webhooks, sandbox, InMemoryLockStore())
    made.write(FILE)
    return made


async def test_a_fifth_kind_is_planned_applied_changed_and_deleted(organization: Organization) -> None:
    assert await organization.apply() == [f"done {SLACK}/webhook/audit", f"done {SLACK}/webhook/chat"]
    assert [item for _, item in organization.webhooks.stored] == ["audit", "chat"]
    assert organization.webhooks.stored["sL8kWq2Zx7Vb4Nm1Cd6R", "audit"]["signing"] == TOKEN
    assert not (await organization.plan()).plan.steps

    organization.write(FILE.replace("chat.example/in", "chat.example/new"))
    assert await organization.apply() == [f"done {SLACK}/webhook/chat"]
    organization.write(FILE.replace('{url: "https://chat.example/in"}', "{absent: true}"))
    assert await organization.apply() == [f"done {SLACK}/webhook/chat"]

    assert [item for _, item in organization.webhooks.stored] == ["audit"]


async def test_the_plan_counts_the_requests_that_the_kind_takes(organization: Organization) -> None:
    planned = await organization.plan()
    before = len(organization.sandbox.log)
    async with organization.client() as client:
        await pipeline.apply(planned, client, organization.lock, table=FIVE).work()

    assert len(organization.sandbox.log) - before == planned.plan.requests


async def test_requests_errors_and_logs_name_the_webhook_by_its_address(organization: Organization) -> None:
    await organization.apply()

    subjects = {(entry.operation, entry.subject) for entry in organization.sandbox.log}
    assert ("createWebhook", f"{SLACK}/webhook/audit") in subjects
    assert ("updateWebhook", f"{SLACK}/webhook/audit") in subjects
    assert ("listWebhooks", SLACK) in subjects


async def test_every_renderer_shows_a_fifth_kind_and_masks_its_secret(organization: Organization) -> None:
    plan = (await organization.plan()).plan

    texts = (
        str(plan_page(plan)),
        plan_markdown(plan),
        plan_html(plan),
        str(plan_document(plan)),
    )
    assert all("webhook" in text and "audit.example" in text for text in texts)
    assert not [text for text in texts if TOKEN in text]


async def test_an_export_of_a_fifth_kind_plans_to_nothing(organization: Organization) -> None:
    await organization.apply()
    async with organization.client() as client:
        live = await fetch_all(client, {}, table=FIVE, organization=ORGANIZATION)
    names = SecretNames(public=public_keys(FIVE))
    redactor = Redactor.of({}, {}, live.state, table=FIVE, names=names)

    text = document_text(export(live, {}, table=FIVE, organization=ORGANIZATION, redactor=redactor))
    organization.write(text)

    assert "https://chat.example/in" in text
    assert TOKEN not in text
    assert not (await organization.plan()).plan.steps


async def test_a_live_change_of_a_fifth_kind_is_planned_back(organization: Organization) -> None:
    await organization.apply()
    organization.webhooks.stored["sL8kWq2Zx7Vb4Nm1Cd6R", "chat"]["url"] = "https://elsewhere.example"

    planned = await organization.plan()

    (step,) = planned.plan.steps
    assert str(step.address) == f"{SLACK}/webhook/chat"
    assert [change.name for change in step.changes] == ["url"]
    assert planned.live.state[step.address].attributes["url"] == "https://elsewhere.example"


def test_the_json_schema_and_the_checks_of_the_file_know_a_fifth_kind(organization: Organization) -> None:
    validator = Draft202012Validator(json_schema(FIVE))
    body = {"webhooks": {"audit": {"url": "https://x.example"}}}
    document = {"version": 1, "organization": ORGANIZATION, "installations": {"slack": body}}

    assert validator.is_valid(document)
    body["webhooks"]["audit"] = {"uri": "https://x.example"}
    assert not validator.is_valid(document)
    organization.write(FILE.replace("events: [installed]", "events: [instaled]"))
    with pytest.raises(ConfigError, match="installed"):
        load([str(organization.folder)], table=FIVE, options=Options(environ={"SIGNING": TOKEN}))


def test_no_other_package_spells_the_kinds_under_an_installation() -> None:
    """What names `installation_space` is a place that a new kind would have to touch."""
    home = ROOT / "reconciler"
    allowed = (home / "gitbook", home / "sandbox")
    names = tuple(f'"{name}"' for name in KINDS if "_" in name)

    assert not [
        path.relative_to(home)
        for path in home.rglob("*.py")
        if not path.is_relative_to(allowed[0]) and not path.is_relative_to(allowed[1])
        if any(name in path.read_text("utf-8") for name in names)
    ]
