"""The rows of the operations on webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from reconciler.gitbook.kinds.spec import ABSENT, Spec
from reconciler.gitbook.operations import bodies, paths, responses, subjects
from reconciler.gitbook.operations import parameters as params
from reconciler.gitbook.operations.operation import Param
from reconciler.gitbook.operations.row import row
from tests.gitbook.kinds.webhook import WebhookSpec

if TYPE_CHECKING:
    from reconciler.gitbook.operations.operation import Operation

_WEBHOOKS = f"{paths.INSTALLATION}/webhooks"
_WEBHOOK = f"{_WEBHOOKS}/{{webhookName}}"
_A_WEBHOOK = f"{subjects.AN_INSTALLATION}/webhook/{{webhookName}}"
_NAME = Param(name="webhookName", in_="path", required=True, summary="name of the webhook")


class NewWebhook(Spec):
    """A webhook to create."""

    name: Annotated[str, Field(description="Its name")]
    url: Annotated[str, Field(description="Where events are sent")]
    events: list[Literal["installed", "uninstalled", "configured"]] = ABSENT


ROWS: tuple[Operation, ...] = (
    row(
        "listWebhooks",
        f"GET {_WEBHOOKS}",
        subjects.AN_INSTALLATION,
        responses.many("Webhook", "name", "url"),
        "List the webhooks of an installation",
        *params.PAGING,
    ),
    row(
        "createWebhook",
        f"POST {_WEBHOOKS}",
        f"{subjects.AN_INSTALLATION}/webhook/{{name}}",
        responses.created("Webhook", "name", "url"),
        "Create a webhook",
        body=NewWebhook,
    ),
    row(
        "getWebhook",
        f"GET {_WEBHOOK}",
        _A_WEBHOOK,
        responses.one_or_none("Webhook", "name", "url"),
        "Read a webhook",
        _NAME,
    ),
    row(
        "updateWebhook",
        f"PATCH {_WEBHOOK}",
        _A_WEBHOOK,
        responses.one("Webhook", "name", "url"),
        "Change a webhook",
        _NAME,
        body=bodies.from_spec("UpdateWebhook", WebhookSpec),
    ),
    row("deleteWebhook", f"DELETE {_WEBHOOK}", _A_WEBHOOK, responses.DELETED, "Delete a webhook", _NAME),
)
